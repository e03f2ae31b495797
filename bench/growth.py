"""How the cost of what people wait for grows with places, patients, appointments and messages, on PostgreSQL.

Each size is ten times the one before; rows are made by the database itself. `GROWTH=full make bench
BENCH=growth` goes to 200 locations, a million appointments and ten million messages (ten minutes or so).
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from bench.growth_rows import fill
from booking import clock, create_app
from booking.appointments import operations as appointments
from booking.extensions import db
from booking.messaging.outbox_figures import read_outbox_figures
from booking.messaging.sending import send_due
from booking.reminders.operations import derive_messages
from booking.staff.models import Role
from tests.builders import PHOENIX, a_booking, a_clinic, local
from tests.databases import a_postgresql_database, settings_for
from tests.desk.signed_in import sign_in
from tests.shared_app import SeparateClient
from tests.staff.first import first_staff

ROUNDS = 9
LARGE = ("appointment", "claim", "message", "patient", "derivation")


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    locations: int
    appointments: int
    messages: int

    def __str__(self) -> str:
        return f"{self.locations} places, {self.appointments:,} visits, {self.messages:,} messages"


SMALL = (Size(2, 1_000, 10_000), Size(20, 10_000, 100_000))
FULL = (Size(2, 10_000, 100_000), Size(20, 100_000, 1_000_000), Size(200, 1_000_000, 10_000_000))
SIZES = FULL if os.environ.get("GROWTH") == "full" else SMALL
Act = Callable[[], Any]


def build(size: Size) -> None:
    """Make the clinic at its locations, and its rows."""
    upgrade()
    clinics = [a_clinic(slug=f"place-{number}") for number in range(size.locations)]
    db.session.commit()
    started = local(15, day=clock.now().astimezone(PHOENIX).date() + timedelta(days=5))
    a_booking(started, now=clock.now(), location=clinics[0].location.slug)
    derive_messages(clock.now())
    fill(size.appointments, size.messages)
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))


def list_acts(app: Flask) -> Mapping[str, Act]:
    """Return what is measured, by name: pages by a test client, the rest as the scheduler calls it."""
    desk = sign_in(app, first_staff(Role.FRONT_DESK))
    stranger, day = app.test_client(), clock.now().astimezone(PHOENIX).date()
    hour = iter(range(1000))

    def opened(client: Any, path: str) -> Act:
        return lambda: _require_ok(client.get(path))

    def booked() -> None:
        number = next(hour)
        start = local(14 + number // 40, day=day + timedelta(days=10 + number % 40))
        appointment = a_booking(start, now=clock.now(), location="place-0")
        appointments.cancel(appointment.id, clock.now(), "online", by_patient=True)

    slots = f"/api/v1/slots?service=consultation&start={day}&end={day + timedelta(days=7)}"
    return {
        "times of a week, one place": opened(stranger, f"{slots}&location=place-0"),
        "page of times, all places": opened(stranger, "/book/time"),
        "book and cancel": booked,
        "desk: a day": opened(desk, f"/desk/day/place-0/{day}"),
        "desk: find a patient": opened(desk, "/desk/patients?q=Grown77"),
        "desk: a patient": opened(desk, "/desk/patients/1077"),
        "scheduler: derive, nothing new": lambda: derive_messages(clock.now()),
        "scheduler: send, nothing due": lambda: send_due(clock.now(), "bench", 200, {}),
        "metrics of the outbox": lambda: read_outbox_figures(clock.now()),
    }


def _require_ok(response: Any) -> None:
    if response.status_code != 200:
        raise RuntimeError(f"{response.request.path} answered {response.status_code}")


def scanned_rows() -> dict[str, int]:
    """Return how many rows of the large tables were read by going through all of them, up to now."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()  # a connection tells what it did when it ends
    time.sleep(0.2)
    counted = "SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE relname = ANY(:names)"
    with db.engine.connect() as connection:
        rows = connection.execute(text(counted), {"names": list(LARGE)}).all()
    return {name: int(count) for name, count in rows}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one act costs: milliseconds at the median, and rows read by whole scans in a round, by table."""

    milliseconds: float
    scanned: Mapping[str, int]


def measure(act: Act) -> Cost:
    """Do it once to be warm, then some rounds."""
    act()
    before, times = scanned_rows(), []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - began))
    after = scanned_rows()
    scanned = {name: (after[name] - before[name]) // ROUNDS for name in after}
    return Cost(median(times), {name: count for name, count in scanned.items() if count})


def measure_size(size: Size) -> dict[str, Cost]:
    """Return the costs at one size, on a database of its own."""
    with a_postgresql_database() as url:
        app = create_app(settings_for(url))
        app.test_client_class = SeparateClient
        with app.app_context():
            build(size)
            costs = {name: measure(act) for name, act in list_acts(app).items()}
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
            return costs


def main() -> None:
    """Print a line for each act: its cost at each size, how it grew, and what was scanned at the last."""
    curve = []
    for size in SIZES:
        began = time.monotonic()
        curve.append(measure_size(size))
        print(f"{size}: made and measured in {time.monotonic() - began:.0f} s", flush=True)
    for name, first in curve[0].items():
        costs = [costs[name] for costs in curve]
        steps = " → ".join(f"{cost.milliseconds:8.1f}" for cost in costs)
        growth = costs[-1].milliseconds / first.milliseconds
        scanned = ", ".join(f"{count:,} of {name}" for name, count in costs[-1].scanned.items())
        print(f"{name:<32} {steps} ms {growth:6.1f} x  scanned: {scanned or 'nothing'}", flush=True)
