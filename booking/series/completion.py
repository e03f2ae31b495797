"""The life of a series: when it waits for a person, and when it is over."""

from collections.abc import Sequence
from datetime import datetime

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.calendars import availability
from booking.calendars.deadlines import end_of_business_day
from booking.extensions import db
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus, SessionState
from booking.series.queries import ScheduledSession, get_phases, list_sessions
from booking.series.reviews import ReviewReason, open_reviews_of_shortened_phases
from booking.series.rules import last_session_number
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

DECIDE_WITHIN = 2  # days of opening: a session without a time is seen to by their end
# What a person has to do about a session that lost its time, or never had one.
SESSION_TASKS = (TaskKind.PLACE_SESSION, TaskKind.DECIDE_AFTER_MISS)


def complete_if_finished(series: InfusionSeries, now: datetime) -> None:
    """Complete an active series that ends, once no session is to come and no decision is open.

    What misses cut short, the whole of it or a phase, is reviewed.
    """
    sessions = list_sessions(series.id)
    if series.status is not SeriesStatus.ACTIVE:
        return
    open_reviews_of_shortened_phases(
        series, [session for session in sessions if not needs_decision([session])], now
    )
    last_number = last_session_number(get_phases(series))
    if last_number is None or len(sessions) < last_number:
        return
    to_come = {SessionState.BOOKED, SessionState.UNPLACED} & {
        session.session.state for session in sessions
    }
    if not to_come and not needs_decision(sessions):
        series.status = SeriesStatus.COMPLETED


def needs_decision(sessions: Sequence[ScheduledSession]) -> bool:
    """Tell whether someone has yet to decide about, or to place, one of these sessions."""
    return tasks.has_open_task(
        SESSION_TASKS, "session", [session.session.id for session in sessions]
    )


def list_lost_sessions_at_end(sessions: Sequence[ScheduledSession]) -> list[ScheduledSession]:
    """Return the trailing run of sessions that had a time and lost it, the newest first."""
    lost_sessions: list[ScheduledSession] = []
    for session in reversed(sessions):
        if session.appointment is None or session.session.state not in (
            SessionState.UNPLACED,
            SessionState.MISSED,
        ):
            break
        lost_sessions.append(session)
    return lost_sessions


def open_place_session_task(session: Session, now: datetime, **details: str) -> None:
    """Give the desk the task of finding a time for a session."""
    _open_session_task(TaskKind.PLACE_SESSION, Owner.FRONT_DESK, session, now, **details)


def open_missed_session_task(session: Session, now: datetime, **details: str) -> None:
    """Give a practitioner the task of deciding what follows a session that was missed."""
    _open_session_task(TaskKind.DECIDE_AFTER_MISS, Owner.PRACTITIONER, session, now, **details)


def _open_session_task(
    kind: TaskKind, owner: Owner, session: Session, now: datetime, **details: str
) -> None:
    series = db.session.get_one(InfusionSeries, session.series_id)
    tasks.open_task(kind, owner, "session", session.id, due_at(series, now), now, **details)


def settle_session_tasks(session_id: int, now: datetime) -> None:
    """Mark done what people were asked about a session: it has a time, or needs none any more."""
    for kind in SESSION_TASKS:
        tasks.close_fulfilled_task(kind, "session", session_id, now)


def mark_given_up(session: Session, staff_id: int, reason: str, now: datetime) -> None:
    """Make up a session no more: its tasks are done with the reason; that one was missed stays a fact."""
    if session.state is SessionState.UNPLACED:
        session.state = SessionState.CANCELLED
    for kind in SESSION_TASKS:
        tasks.finish_task_about(kind, "session", session.id, staff_id, reason, now)
    audit.record(staff_actor(staff_id), "give_up_session", "session", session.id, now)


def open_clearance_task(series: InfusionSeries, now: datetime) -> None:
    """Give a practitioner the task of looking again: sessions wait for the patient to be cleared."""
    open_series_review(series, now, ReviewReason.NOT_CLEARED)


def open_series_review(series: InfusionSeries, now: datetime, reason: str) -> None:
    """Open a practitioner's task for a series that isn't booked further; `reason` is a `ReviewReason`."""
    tasks.open_task(
        TaskKind.REVIEW_SERIES,
        Owner.PRACTITIONER,
        "infusion_series",
        series.id,
        due_at(series, now),
        now,
        why=reason,
    )


def due_at(series: InfusionSeries, now: datetime) -> datetime:
    """Return by when people see to a series: the end of the second business day."""
    location = availability.current_catalogue().locations_by_id[series.location_id]
    return end_of_business_day([location], now, DECIDE_WITHIN).at
