"""Tasks that come back: closed by hand, while what they were opened for still stands."""

from datetime import datetime

from sqlalchemy import select

from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.completion import due_at, open_missed_session_task, open_series_review
from booking.series.models import InfusionSeries, Session
from booking.series.pause_queries import find_undecided_pause
from booking.series.progress import SeriesStatus, SessionState
from booking.series.reviews import ReviewReason, reopen_review
from booking.series.work_list import list_unattended_sessions, open_missing_tasks
from booking.staff.models import Role, Staff
from booking.tasks import operations as tasks
from booking.tasks.models import Task, TaskKind

DECIDED_BY_PRACTITIONERS = (TaskKind.DECIDE_AFTER_MISS, TaskKind.REVIEW_SERIES)


@transaction()
def reopen_series_tasks(now: datetime) -> None:
    """Open again, with a new deadline, what was closed by hand and is not dealt with.

    A session still lacks a time: it is placed or given up. What a practitioner decides, nobody else does.
    """
    closed_tasks = tasks.list_last_closed_by_hand(DECIDED_BY_PRACTITIONERS)
    for task in closed_tasks:
        if task.subject_kind == "session" and not _was_decided(task):
            _open_again(task, now)
    for task in tasks.list_last_closed_by_hand([TaskKind.DECIDE_PAUSED]):
        _decide_again(task, now)
    waiting = {session.series_id for session in list_unattended_sessions()}
    for task in closed_tasks:
        if task.subject_kind == "infusion_series" and task.subject_id in waiting:
            _review_again(task, now)
    for series_id in waiting:
        open_missing_tasks(series_id, now)


def _decide_again(task: Task, now: datetime) -> None:
    """Ask once more how a series goes on that still rests."""
    series = db.session.get_one(InfusionSeries, task.subject_id)
    if find_undecided_pause(series.id) and series.status is SeriesStatus.ACTIVE:
        due = due_at(series, now)
        tasks.open_task(task.kind, task.owner, task.subject_kind, task.subject_id, due, now)


def _review_again(task: Task, now: datetime) -> None:
    """Ask about a whole series once more, and look soon whether its sessions can be booked by now."""
    series = db.session.get_one(InfusionSeries, task.subject_id, with_for_update=True)
    open_series_review(series, now, task.details.get("why", ReviewReason.NOT_CLEARED))
    series.next_look_at = now


def _goes_on(session: Session) -> bool:
    series = db.session.get_one(InfusionSeries, session.series_id)
    return series.status is SeriesStatus.ACTIVE


def _was_decided(task: Task) -> bool:
    role = select(Staff.role).where(Staff.id == task.done_by_id)
    return db.session.scalar(role) is Role.PRACTITIONER


def _open_again(task: Task, now: datetime) -> None:
    session = db.session.get(Session, task.subject_id)
    if session is None:
        return
    if task.kind is TaskKind.REVIEW_SERIES:
        reopen_review(session, now, task.details)
    elif session.state is SessionState.MISSED and _goes_on(session):
        open_missed_session_task(session, now, **task.details)
