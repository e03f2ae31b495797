"""When a practitioner looks at a series: after so many sessions of a phase, or where misses cut it short."""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from booking.extensions import db
from booking.series.models import InfusionSeries, Session
from booking.series.phase_groups import get_phase_group, list_phase_groups
from booking.series.progress import SessionState
from booking.series.queries import ScheduledSession, get_phases, list_sessions
from booking.series.revisions import list_once_open
from booking.series.talk_therapy import open_talk_therapy_task
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

REVIEW_WITHIN = timedelta(days=7)


class ReviewReason(StrEnum):
    """Why a practitioner is asked to look at a series; kept in the task, under `why`."""

    DUE = "review_due"
    CUT_SHORT = "cut_short"
    AWAY = "away"  # the patient is away, and the visits in those days are still booked
    NOT_CLEARED = "not_cleared"  # sessions wait until the patient is cleared again
    NOT_OFFERED = "not_offered"  # its location, or infusions there, are no longer offered
    NOT_BOOKED = "not_booked"  # booking it further ahead fails, for a reason only the log has


NOT_TREATED = (SessionState.MISSED, SessionState.CANCELLED)


def open_review_if_due(session: Session, now: datetime) -> None:
    """Ask for a review when a session just done is the last before one; counted are its own phase's.

    Each review is about the session that it comes after, so that none hides another.
    """
    series = db.session.get_one(InfusionSeries, session.series_id)
    phases = get_phases(series)
    interval = phases[session.phase].review_every
    group = get_phase_group(phases, session.phase, list_once_open(series.id))
    treated_count = _done(_of_phases(list_sessions(series.id), group))
    if interval and session.state is SessionState.DONE and treated_count % interval == 0:
        _ask(session, now, ReviewReason.DUE)
        open_talk_therapy_task(series, now + REVIEW_WITHIN, now)


def open_reviews_of_shortened_phases(
    series: InfusionSeries, sessions: Sequence[ScheduledSession], now: datetime
) -> None:
    """Ask once for a review of each phase that is over and never came to one it was to have.

    `sessions` are the series' sessions, none of which waits for anybody's decision.
    """
    phases = get_phases(series)
    for group in list_phase_groups(phases, list_once_open(series.id)):
        interval, phase_sessions = phases[group[0]].review_every, _of_phases(sessions, group)
        count = sum(phases[index].sessions or 0 for index in group)
        lost_sessions = [
            session for session in phase_sessions if session.session.state in NOT_TREATED
        ]
        ends = phases[group[-1]].sessions is not None and len(phase_sessions) == count
        is_over = ends and _done(phase_sessions) + len(lost_sessions) == count
        if not (interval and is_over and lost_sessions):
            continue
        if _done(phase_sessions) // interval < count // interval:
            _ask_once(lost_sessions[0].session, series, now)


def _of_phases(
    sessions: Sequence[ScheduledSession], phases: Container[int]
) -> list[ScheduledSession]:
    return [session for session in sessions if session.session.phase in phases]


def _done(sessions: Sequence[ScheduledSession]) -> int:
    return sum(session.session.state is SessionState.DONE for session in sessions)


def _ask_once(session: Session, series: InfusionSeries, now: datetime) -> None:
    since = series.prescribed_at
    if not tasks.was_handled_since(TaskKind.REVIEW_SERIES, "session", session.id, since=since):
        _ask(session, now, ReviewReason.CUT_SHORT)


def _ask(session: Session, now: datetime, reason: str) -> None:
    tasks.open_task(
        TaskKind.REVIEW_SERIES,
        Owner.PRACTITIONER,
        "session",
        session.id,
        now + REVIEW_WITHIN,
        now,
        why=reason,
    )
