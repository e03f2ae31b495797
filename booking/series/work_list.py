"""No session waits unseen: each without a time is on somebody's list, by itself or with its whole series."""

from datetime import datetime

from sqlalchemy import select

from booking.extensions import db
from booking.series.completion import SESSION_TASKS, open_place_session_task
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SeriesStatus, SessionState
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind

# What a person has to decide about a whole series, before its sessions get their times.
SERIES_TASKS = (TaskKind.REVIEW_SERIES, TaskKind.DECIDE_PAUSED)


def list_unattended_sessions(series_id: int | None = None) -> list[Session]:
    """Return the sessions without a time, of one series or of all that go on, that no open task is about."""
    unplaced = (
        select(Session)
        .join(InfusionSeries, InfusionSeries.id == Session.series_id)
        .where(Session.state == SessionState.UNPLACED, InfusionSeries.status == SeriesStatus.ACTIVE)
        .order_by(Session.series_id, Session.number)
    )
    if series_id is not None:
        unplaced = unplaced.where(Session.series_id == series_id)
    sessions = list(db.session.scalars(unplaced))
    if not sessions:
        return []
    attended = [tasks.list_open_subjects(kind, "session") for kind in SESSION_TASKS]
    in_attended = [tasks.list_open_subjects(kind, "infusion_series") for kind in SERIES_TASKS]
    return [
        session
        for session in sessions
        if not any(session.id in ids for ids in attended)
        and not any(session.series_id in ids for ids in in_attended)
    ]


def open_missing_tasks(series_id: int, now: datetime) -> None:
    """Give the desk the task of finding a time for each session of a series that nobody is asked about."""
    for session in list_unattended_sessions(series_id):
        open_place_session_task(session, now)
