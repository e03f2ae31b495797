"""What runs: the schema's revision, the scheduler, what waits to be sent, local times."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from booking import zones
from booking.appointments.local_times import are_local_times_current
from booking.doctor.findings import Finding, fault, fine
from booking.messaging.outbox_figures import read_outbox_figures
from booking.messaging.restorations import find_unsettled_restoration
from booking.reminders.queries import read_scheduler_health
from booking.web.health import is_migrated


def check_schema(_settings: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    """Say whether the tables are those of this release, and local times those of its `tzdata`."""
    if not is_migrated():
        yield fault("schema", "the database is of another release", "flask db upgrade")
    elif not are_local_times_current(now):
        yield fault(
            "schema", f"local times are not those of tzdata {zones.VERSION}", "flask db upgrade"
        )
    else:
        yield fine("schema", f"of this release, with tzdata {zones.VERSION}")


def check_scheduler(_settings: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    """Say whether a scheduler works, and whether what is due goes."""
    health, outbox = read_scheduler_health(now), read_outbox_figures(now)
    if (restoration := find_unsettled_restoration()) is not None:
        yield fault(
            "scheduler",
            f"sends nothing since a backup of {restoration.backed_up_at:%Y-%m-%d %H:%M} UTC was restored",
            "flask restore --settle asks the provider what was sent since",
        )
    elif not health.is_alive:
        last_seen_at = health.last_seen_at
        since = f"none since {last_seen_at:%Y-%m-%d %H:%M} UTC" if last_seen_at else "none ever ran"
        yield fault("scheduler", since, "start flask scheduler; its log says why it ended")
    elif outbox.late:
        yield fault(
            "scheduler",
            f"{outbox.late} messages are late",
            "see the provider below, and the log for tick_failed",
        )
    else:
        yield fine("scheduler", f"works; {outbox.planned} messages are planned")
