"""A phase is given once more though the series does not rest: an answer to a gap over the limit.

What is to come is laid out anew from today on; what a lost session was waiting for is needed no more.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.completion import SESSION_TASKS
from booking.series.continuations import read_continued
from booking.series.gap_limits import update_gap_warning
from booking.series.models import InfusionSeries, Session
from booking.series.pause_queries import find_undecided_pause
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import (
    ScheduledSession,
    get_phases,
    is_session_suspended,
    list_sessions,
    list_standing_sessions,
)
from booking.series.refusals import InvalidChange, SeriesNotPending
from booking.series.resumption_plans import plan_continued_tail
from booking.series.session_changes import require_practitioner
from booking.series.tails import Tail, apply_tail, list_entries, require_shown
from booking.tasks import operations as tasks


def preview_repeat(series: InfusionSeries, index: int, now: datetime) -> Tail:
    """Return how a series goes on with phase `index` once more, as soon as can be; nothing changes.

    Where no time within the limit is free, the phase begins as soon after it as can be.
    Raises `SeriesNotPending`, `InvalidChange` ("paused", "suspended", "phase"), `UnknownSlug`.
    """
    sessions = list_sessions(series.id)
    _require_going_on(series, sessions)
    zone = availability.current_catalogue().locations_by_id[series.location_id].zone
    today = now.astimezone(zone).date()
    tail = _plan_from(series, index, today, now)
    if any(entry.is_hole for entry in list_entries(tail)[:1]):
        tail = _plan_from(series, index, max(today, _day_past_limit(series, index, now)), now)
    earlier = [
        each.session
        for each in sessions
        if each.session.state is SessionState.UNPLACED and each.session.number < tail.first_number
    ]
    return replace(tail, given_up=[*earlier, *tail.given_up])


def _require_going_on(series: InfusionSeries, sessions: Sequence[ScheduledSession]) -> None:
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    if find_undecided_pause(series.id) is not None:
        raise InvalidChange("paused")
    if is_session_suspended(sessions):
        raise InvalidChange("suspended")


def _plan_from(series: InfusionSeries, index: int, first_day: date, now: datetime) -> Tail:
    continued = read_continued(series, first_day, date.min, index, now, resumes=False)
    return plan_continued_tail(continued, now)


def _day_past_limit(series: InfusionSeries, index: int, now: datetime) -> date:
    """Return the first local day on which a gap of the phase since the last session given is too long."""
    coming = [each.session.number for each in list_sessions(series.id) if each.is_coming(now)]
    standing = list_standing_sessions(list_sessions(series.id))
    days = [each.day for each in standing if each.number not in coming]
    if not days:
        return date.min
    return max(days) + timedelta(days=get_phases(series)[index].gap.max_days + 1)


@transaction()
def repeat_phase(
    series_id: int, index: int, staff_id: int, now: datetime, *, reason: str, expected_key: str
) -> Tail:
    """Give phase `index` of a series once more, as it was shown (`Tail.key`): who, when and why is kept.

    Raises `PractitionerRequired`, what `preview_repeat` raises, `PlanChanged`, `SlotTaken`, `PatientBusy`,
    `NotCleared`.
    """
    require_practitioner(staff_id)
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    tail = preview_repeat(series, index, now)
    require_shown(tail, expected_key)
    decided = [each.session for each in list_sessions(series.id) if _waits(each)]
    apply_tail(series, tail, staff_id, now, reason=reason)
    _finish_tasks(decided, staff_id, reason, now)
    update_gap_warning(series, now)
    audit.record(
        staff_actor(staff_id), "repeat_phase", "infusion_series", series.id, now,
        first_number=tail.first_number, new=len(tail.added), cancelled=len(tail.cancelled),
    )  # fmt: skip
    return tail


def _waits(scheduled: ScheduledSession) -> bool:
    return scheduled.session.state is SessionState.MISSED


def _finish_tasks(sessions: Sequence[Session], staff_id: int, reason: str, now: datetime) -> None:
    """Note that what was to be decided about missed sessions is decided: the phase begins anew."""
    for session in sessions:
        for kind in SESSION_TASKS:
            tasks.finish_task_about(kind, "session", session.id, staff_id, reason, now)
