"""A task before a gap is too long, with nothing booked within its limit; past it a practitioner decides."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from booking.calendars import availability
from booking.calendars.deadlines import before_business_days
from booking.db.each import run_each
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.completion import SESSION_TASKS, due_at
from booking.series.gap_limit_rules import GapLimit, find_gap_limit
from booking.series.models import InfusionSeries
from booking.series.pause_queries import find_undecided_pause, list_paused_days
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import (
    ScheduledSession,
    get_phases,
    list_sessions,
    list_standing_sessions,
)
from booking.series.rules import Phase, find_phase
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

SUBJECT = "infusion_series"
KINDS = {TaskKind.GAP_LIMIT: Owner.FRONT_DESK, TaskKind.GAP_EXCEEDED: Owner.PRACTITIONER}
A_DAY = timedelta(days=1)


def update_gap_warnings(now: datetime) -> None:
    """Tell of the gaps that reach their limits in two days, and settle what was placed meanwhile.

    Each series in a transaction of its own: one that fails holds up no other.
    """
    is_active = InfusionSeries.status == SeriesStatus.ACTIVE
    active_ids = set(db.session.scalars(select(InfusionSeries.id).where(is_active)))
    asked_ids = [tasks.list_open_subjects(kind, SUBJECT) for kind in KINDS]
    series_ids = sorted(active_ids.union(*asked_ids))
    run_each(series_ids, lambda series_id: _update_series(series_id, now), "gap_warning_failed")


@transaction()
def _update_series(series_id: int, now: datetime) -> None:
    update_gap_warning(db.session.get_one(InfusionSeries, series_id), now)


def update_gap_warning(series: InfusionSeries, now: datetime) -> None:
    """Open or settle the task about a series' gap, in the caller's transaction.

    Past the limit it is a practitioner's, unless they are asked about a missed session already. What a
    practitioner closed by hand was decided: it comes back for another gap only.
    """
    limit = _find_limit(series, now)
    kind = _kind_of(series, limit, now) if limit else None
    details = {"after": limit.number, "limit": limit.day.isoformat()} if limit else {}
    for other in KINDS:
        task = tasks.find_open_task(other, SUBJECT, series.id)
        if task is not None and (other is not kind or task.details != details):
            tasks.close_fulfilled_task(other, SUBJECT, series.id, now)
            db.session.flush()
    if limit is not None and kind is not None and not _was_decided(series.id, limit):
        is_over = kind is TaskKind.GAP_EXCEEDED
        due = due_at(series, now) if is_over else _due_at(series, limit, now)
        tasks.open_task(kind, KINDS[kind], SUBJECT, series.id, due, now, **details)


def _kind_of(series: InfusionSeries, limit: GapLimit, now: datetime) -> TaskKind:
    zone = availability.current_catalogue().locations_by_id[series.location_id].zone
    ids = [each.session.id for each in list_sessions(series.id)]
    is_asked = tasks.has_open_task([TaskKind.DECIDE_AFTER_MISS], "session", ids)
    is_over = now.astimezone(zone).date() > limit.day and not is_asked
    return TaskKind.GAP_EXCEEDED if is_over else TaskKind.GAP_LIMIT


def _find_limit(series: InfusionSeries, now: datetime) -> GapLimit | None:
    if series.status is not SeriesStatus.ACTIVE or find_undecided_pause(series.id):
        return None
    sessions, phases = list_sessions(series.id), get_phases(series)
    zone = availability.current_catalogue().locations_by_id[series.location_id].zone
    today = now.astimezone(zone).date()
    standing = list_standing_sessions(sessions)
    limit = find_gap_limit(phases, standing, _find_next_phase(sessions, phases), today)
    if limit is None or _is_let_stand(sessions, limit):
        return None
    return None if list_paused_days(series.id, today, max(limit.day, today)) else limit


def _find_next_phase(sessions: list[ScheduledSession], phases: tuple[Phase, ...]) -> int | None:
    """Return the phase of the next session without a time that is to get one; None if there is none."""
    waiting = (each.session.number for each in sessions if _is_waiting(each))
    return find_phase(phases, min(waiting, default=len(sessions) + 1))


def _is_waiting(scheduled: ScheduledSession) -> bool:
    session = scheduled.session
    if session.state is SessionState.MISSED:
        return tasks.has_open_task(SESSION_TASKS, "session", [session.id])
    return session.state is SessionState.UNPLACED


def _is_let_stand(sessions: list[ScheduledSession], limit: GapLimit) -> bool:
    """Tell whether a practitioner has let the gap stand to the session that comes after it."""
    in_order = sorted(list_standing_sessions(sessions), key=lambda each: each.day)
    index = next(i for i, each in enumerate(in_order) if each.number == limit.number)
    if index + 1 == len(in_order):
        return False
    following, days = in_order[index + 1], (in_order[index + 1].day - in_order[index].day).days
    allowed = {each.session.number: each.session.allowed_gap for each in sessions}
    return allowed[following.number] == days


def _was_decided(series_id: int, limit: GapLimit) -> bool:
    closed = (tasks.find_last_closed_by_hand(kind, SUBJECT, series_id) for kind in KINDS)
    return any(
        task.by_practitioner and task.details.get("after") == limit.number
        for task in closed
        if task is not None
    )


def _due_at(series: InfusionSeries, limit: GapLimit, now: datetime) -> datetime:
    """Return by when a session has to be booked: the close of the limit's day, or the last before it."""
    location = availability.current_catalogue().locations_by_id[series.location_id]
    day_after = datetime.combine(limit.day + A_DAY, time(), location.zone)
    return before_business_days([location], day_after, now, 1).at
