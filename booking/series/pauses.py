"""A series rests by a practitioner's order: its visits in that time are cancelled and their times freed.

How it goes on is decided at once where nothing breaks by it, else by a practitioner, once (`resumptions.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.dates import latest_plannable_date
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.completion import due_at
from booking.series.models import InfusionSeries, SeriesPause
from booking.series.pause_queries import find_undecided_pause
from booking.series.pause_rules import PauseDays, find_gap_over_pause
from booking.series.progress import PauseDecision, SeriesStatus, SessionState
from booking.series.queries import (
    ScheduledSession,
    get_phases,
    list_sessions,
    list_standing_sessions,
)
from booking.series.refusals import InvalidChange, SeriesNotPending
from booking.series.session_changes import cancel_sessions, require_practitioner
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

LOOK_AFTER = timedelta(weeks=4)  # of a pause until further notice: somebody asks whether it goes on
DECIDE_BEFORE = timedelta(days=3)  # the day on which treatment would go on


@dataclass(frozen=True, slots=True)
class PausePreview:
    """What a pause would do: which visits it cancels and which stay; and the days over it, if too many.

    With `asks` a practitioner has to decide how it goes on.
    """

    days: PauseDays
    cancelled: Sequence[ScheduledSession]
    remaining: Sequence[ScheduledSession]
    gap_days: int | None
    asks: bool


def preview_pause(series: InfusionSeries, days: PauseDays, now: datetime) -> PausePreview:
    """Return what a pause on these local days would do; nothing changes. Raises `InvalidChange`."""
    _require_possible(series, days, now)
    sessions, phases = list_sessions(series.id), get_phases(series)
    coming = [session for session in sessions if session.is_coming(now)]
    cancelled = [
        each for each in coming if each.appointment and days.covers(each.appointment.local_date)
    ]
    remaining = [each for each in coming if each not in cancelled]
    standing = list_standing_sessions([each for each in sessions if each not in cancelled])
    gap_days = find_gap_over_pause(phases, standing, days, len(sessions) + 1)
    has_unplaced = any(phases[each.session.phase].sessions is not None for each in cancelled)
    asks = days.last_day is None or gap_days is not None or has_unplaced
    return PausePreview(days, cancelled, remaining, gap_days, asks)


def _require_possible(series: InfusionSeries, days: PauseDays, now: datetime) -> None:
    location = availability.current_catalogue().locations_by_id[series.location_id]
    today = now.astimezone(location.zone).date()
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    if find_undecided_pause(series.id) is not None:
        raise InvalidChange("paused")
    if not today <= days.first_day <= latest_plannable_date(today):
        raise InvalidChange("first_day")
    if days.last_day is not None and not (
        days.first_day <= days.last_day <= latest_plannable_date(today)
    ):
        raise InvalidChange("last_day")


@transaction()
def pause_series(
    series_id: int, days: PauseDays, staff_id: int, now: datetime, *, reason: str
) -> SeriesPause:
    """Let a series rest: cancel its visits on these days, as a change of the clinic's, and free their times.

    Sessions of phases that end wait without a time; those of an open end need none in place. Raises
    `PractitionerRequired`, `SeriesNotPending`, `InvalidChange`.
    """
    require_practitioner(staff_id)
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    preview = preview_pause(series, days, now)
    actor = staff_actor(staff_id)
    pause = SeriesPause(
        series_id=series.id, first_day=days.first_day, last_day=days.last_day,
        paused_by_id=staff_id, paused_at=now, reason=reason,
    )  # fmt: skip
    if not preview.asks:
        pause.decision, pause.decided_at = PauseDecision.GO_ON, now
    db.session.add(pause)
    db.session.flush()
    _cancel_paused(series, preview.cancelled, actor, reason, now)
    if preview.asks:
        tasks.open_task(
            TaskKind.DECIDE_PAUSED, Owner.PRACTITIONER, "infusion_series", series.id,
            _decide_by(series, days, now), now,
        )  # fmt: skip
    audit.record(
        actor, "pause_series", "infusion_series", series.id, now,
        first_day=days.first_day.isoformat(),
        last_day=days.last_day.isoformat() if days.last_day else None,
    )  # fmt: skip
    return pause


def _cancel_paused(
    series: InfusionSeries,
    cancelled: Sequence[ScheduledSession],
    actor: str,
    reason: str,
    now: datetime,
) -> None:
    phases = get_phases(series)
    ends = [each for each in cancelled if phases[each.session.phase].sessions is not None]
    goes_on = [each for each in cancelled if each not in ends]
    cancel_sessions(ends, SessionState.UNPLACED, actor, reason, now)
    cancel_sessions(goes_on, SessionState.CANCELLED, actor, reason, now)


def _decide_by(series: InfusionSeries, days: PauseDays, now: datetime) -> datetime:
    """Return by when to decide: before treatment would go on, but no sooner than people can."""
    zone = availability.current_catalogue().locations_by_id[series.location_id].zone
    day = days.last_day - DECIDE_BEFORE if days.last_day else days.first_day + LOOK_AFTER
    return max(datetime.combine(day, time(12), zone), due_at(series, now))
