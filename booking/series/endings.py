"""A series is stopped, or gets an end: after a day or a number of sessions; or goes on without one again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.dates import latest_plannable_date
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.completion import complete_if_finished
from booking.series.decisions import record_decision
from booking.series.models import InfusionSeries, Session
from booking.series.pause_queries import find_undecided_pause
from booking.series.phase_revisions import with_end, without_end
from booking.series.progress import DecisionKind, PauseDecision, SeriesStatus, SessionState
from booking.series.queries import ScheduledSession, get_phases, list_sessions
from booking.series.refusals import InvalidChange, SeriesNotPending
from booking.series.revisions import is_rolling, revise_phases
from booking.series.rules import MAX_SESSIONS, Phase
from booking.series.session_changes import cancel_sessions, give_up_sessions, require_practitioner
from booking.series.talk_therapy import close_talk_therapy_task
from booking.series.work_list import SERIES_TASKS
from booking.tasks import operations as tasks

ACTOR = "scheduler"
WAITING = (SessionState.UNPLACED, SessionState.MISSED)  # a person may have been asked about these


@dataclass(frozen=True, slots=True)
class SeriesEnd:
    """When a series ends: after a local day, or after so many sessions more; else never by itself."""

    last_day: date | None = None
    sessions: int | None = None


@dataclass(frozen=True, slots=True)
class EndPreview:
    """What an end does: visits it cancels and those that stay, and sessions without a time that it gives up.

    `phases` are the series' then.
    """

    end: SeriesEnd
    remaining: Sequence[ScheduledSession]
    cancelled: Sequence[ScheduledSession]
    given_up: Sequence[Session]
    phases: tuple[Phase, ...]


def preview_end(series: InfusionSeries, end: SeriesEnd, now: datetime) -> EndPreview:
    """Return what an end would do; nothing changes. Raises `SeriesNotPending`, `InvalidChange`."""
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    if find_undecided_pause(series.id) is not None:
        raise InvalidChange("paused")
    sessions = list_sessions(series.id)
    if end.last_day is not None:
        return _end_by_day(series, sessions, end.last_day, now)
    if end.sessions is not None:
        return _end_by_count(series, sessions, end.sessions, now)
    return _without_end(series, sessions, now)


def _end_by_day(
    series: InfusionSeries, sessions: Sequence[ScheduledSession], last_day: date, now: datetime
) -> EndPreview:
    """End after a day: with the last session before it where later ones are booked, else when it comes."""
    location = availability.current_catalogue().locations_by_id[series.location_id]
    today = now.astimezone(location.zone).date()
    if not today <= last_day <= latest_plannable_date(today):
        raise InvalidChange("last_day")
    later = [
        each
        for each in sessions
        if each.is_coming(now) and each.appointment and each.appointment.local_date > last_day
    ]
    end, phases = SeriesEnd(last_day=last_day), get_phases(series)
    if not later:
        return EndPreview(end, _coming(sessions, now), (), (), phases)
    numbers = [each.session.number for each in sessions if each not in later]
    first_later = min(each.session.number for each in later)
    last_number = max((number for number in numbers if number < first_later), default=0)
    return _cut(series, sessions, end, last_number, now)


def _end_by_count(
    series: InfusionSeries, sessions: Sequence[ScheduledSession], count: int, now: datetime
) -> EndPreview:
    """End after so many more, counting those that are booked or wait for a time."""
    if not 1 <= count <= MAX_SESSIONS:
        raise InvalidChange("sessions")
    upcoming = [
        each.session.number
        for each in sessions
        if each.is_coming(now) or each.session.state is SessionState.UNPLACED
    ]
    is_booked = count <= len(upcoming)
    if not is_booked and not is_rolling(series):
        raise InvalidChange("sessions")  # a longer phase is prescribed
    last_number = upcoming[count - 1] if is_booked else len(sessions) + count - len(upcoming)
    return _cut(series, sessions, SeriesEnd(sessions=count), last_number, now)


def _cut(
    series: InfusionSeries,
    sessions: Sequence[ScheduledSession],
    end: SeriesEnd,
    last_number: int,
    now: datetime,
) -> EndPreview:
    """End with session `last_number`: what comes after it is cancelled, or given up."""
    if last_number < 1:
        raise InvalidChange("last_day")
    coming = _coming(sessions, now)
    after = [each for each in sessions if each.session.number > last_number]
    return EndPreview(
        end,
        [each for each in coming if each not in after],
        [each for each in coming if each in after],
        [each.session for each in after if each.session.state in WAITING],
        with_end(get_phases(series), last_number),
    )


def _without_end(
    series: InfusionSeries, sessions: Sequence[ScheduledSession], now: datetime
) -> EndPreview:
    """Take an end away that was set: the last phase is open-ended again."""
    phases = get_phases(series)
    has_end = phases[-1].sessions is not None or series.last_day is not None
    if not (has_end and is_rolling(series)):
        raise InvalidChange("no_end")
    return EndPreview(SeriesEnd(), _coming(sessions, now), (), (), without_end(phases))


def _coming(sessions: Sequence[ScheduledSession], now: datetime) -> list[ScheduledSession]:
    return [each for each in sessions if each.is_coming(now)]


@transaction()
def end_series_after(
    series_id: int, end: SeriesEnd, staff_id: int, now: datetime, *, reason: str
) -> None:
    """Give a series an end, or take it away: visits after it are cancelled as a change of the clinic's.

    Who, when and why is kept with the phases.
    Raises `PractitionerRequired`, `SeriesNotPending`, `InvalidChange`.
    """
    require_practitioner(staff_id)
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    preview = preview_end(series, end, now)
    actor = staff_actor(staff_id)
    cancel_sessions(preview.cancelled, SessionState.CANCELLED, actor, reason, now)
    give_up_sessions(preview.given_up, now)
    first_number = 1 + sum(phase.sessions or 0 for phase in preview.phases)
    if preview.phases[-1].sessions is None:
        first_number = len(list_sessions(series.id)) + 1
    revise_phases(series, preview.phases, first_number, staff_id, reason, now)
    series.last_day, series.next_look_at = end.last_day, now
    audit.record(
        actor, "set_series_end", "infusion_series", series.id, now, sessions=end.sessions,
        last_day=end.last_day.isoformat() if end.last_day else None,
    )  # fmt: skip
    complete_if_finished(series, now)


@transaction()
def end_series(series_id: int, staff_id: int, now: datetime, *, reason: str) -> None:
    """Stop a series that goes on, as a practitioner decides.

    Raises `PractitionerRequired`, `SeriesNotPending`.
    """
    require_practitioner(staff_id)
    stop_series(series_id, now, staff_actor(staff_id), reason=reason)


@transaction()
def stop_series(series_id: int, now: datetime, actor: str, *, reason: str) -> None:
    """End a series that goes on: what is to come is cancelled, its times are free, the reason is kept.

    What has been done stays done, and what becomes of an appointment under way is still noted. Raises
    `SeriesNotPending`.
    """
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is not SeriesStatus.ACTIVE:
        raise SeriesNotPending
    series.status = SeriesStatus.STOPPED
    series.note = f"{series.note}\n{reason}".strip()
    sessions = list_sessions(series_id)
    cancel_sessions(_coming(sessions, now), SessionState.CANCELLED, actor, reason, now)
    give_up_sessions([each.session for each in sessions], now)
    if pause := find_undecided_pause(series.id):
        pause.decision, pause.decided_at = PauseDecision.END, now
        pause.decision_reason = reason
    for kind in SERIES_TASKS:
        tasks.close_fulfilled_task(kind, "infusion_series", series.id, now)
    close_talk_therapy_task(series, now)
    record_decision(series, DecisionKind.STOPPED, actor, reason, now)
    audit.record(actor, "stop_series", "infusion_series", series.id, now)


def close_open_end(series: InfusionSeries, now: datetime) -> None:
    """End the open-ended phase with its last session: the next one would be past the series' last day."""
    sessions = list_sessions(series.id)
    needed = [each for each in sessions if each.session.state is not SessionState.CANCELLED]
    last_number = max(each.session.number for each in needed or sessions)  # all may be given up
    series.phases = [phase.to_dict() for phase in with_end(get_phases(series), last_number)]
    audit.record(ACTOR, "reach_series_end", "infusion_series", series.id, now, sessions=last_number)
