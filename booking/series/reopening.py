"""Tasks that come back: closed by hand, while what they were opened for still stands."""

from datetime import datetime

from booking.db.each import run_each
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.completion import due_at, open_series_review
from booking.series.models import InfusionSeries
from booking.series.pause_queries import find_undecided_pause, list_undecided_series_ids
from booking.series.progress import SeriesStatus
from booking.series.reviews import ReviewReason
from booking.series.work_list import list_unattended_sessions, open_missing_tasks
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

SUBJECT = "infusion_series"


def reopen_series_tasks(now: datetime) -> None:
    """Open again, with a new deadline, what was closed by hand and is not dealt with.

    A session still lacks a time: it is placed or given up. A series still rests: somebody decides. Each
    series in a transaction of its own.
    """
    waiting_ids = {session.series_id for session in list_unattended_sessions()}
    series_ids = sorted(waiting_ids | list_undecided_series_ids())
    run_each(series_ids, lambda series_id: _reopen_tasks(series_id, now), "reopening_failed")


@transaction()
def _reopen_tasks(series_id: int, now: datetime) -> None:
    series = db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    if series.status is not SeriesStatus.ACTIVE:
        return
    if find_undecided_pause(series_id):
        _ask_to_decide_again(series, now)
    if list_unattended_sessions(series_id):
        _ask_to_review_again(series, now)
        open_missing_tasks(series_id, now)


def _ask_to_decide_again(series: InfusionSeries, now: datetime) -> None:
    """Ask once more how a series goes on that still rests, where the question was closed."""
    kind = TaskKind.DECIDE_PAUSED
    if tasks.find_last_closed_by_hand(kind, SUBJECT, series.id):
        tasks.open_task(kind, Owner.PRACTITIONER, SUBJECT, series.id, due_at(series, now), now)


def _ask_to_review_again(series: InfusionSeries, now: datetime) -> None:
    """Ask about a whole series once more, and look soon whether its sessions can be booked by now."""
    if task := tasks.find_last_closed_by_hand(TaskKind.REVIEW_SERIES, SUBJECT, series.id):
        open_series_review(series, now, task.details.get("why", ReviewReason.NOT_CLEARED))
        series.next_look_at = now
