"""What tasks are about, where two subjects turn out to be one."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, and_, false, or_, select, update

from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.extensions import db
from booking.tasks.models import Task
from booking.tasks.operations import ACTOR


@transaction()
def move_tasks(kind: str, from_id: int, to_id: int, now: datetime) -> tuple[list[int], list[int]]:
    """Make the tasks about one subject of a kind another's; return the ids of the moved and of the closed.

    An open one is closed where the other subject has one of its kind open: that is to be done once.
    """
    tasks = list(db.session.scalars(_about(kind, from_id)))
    open_kinds = {task.kind for task in db.session.scalars(_about(kind, to_id)) if _is_open(task)}
    repeated = [task for task in tasks if _is_open(task) and task.kind in open_kinds]
    moved = [task for task in tasks if task not in repeated]
    for task in repeated:
        task.done_at = now
        audit.record(ACTOR, "settle_task", "task", task.id, now, kind=task.kind.value)
    for task in moved:
        task.subject_id = to_id
    db.session.flush()
    return [task.id for task in moved], [task.id for task in repeated]


@transaction()
def move_tasks_back(
    kind: str, to_id: int, moved_ids: Collection[int], closed_ids: Collection[int], now: datetime
) -> None:
    """Take back what `move_tasks` did; what is done since stays done."""
    moved = update(Task).where(Task.id.in_(moved_ids), Task.subject_kind == kind)
    db.session.execute(moved.values(subject_id=to_id))
    closed = select(Task).where(Task.id.in_(closed_ids), Task.done_by_id.is_(None))
    for task in db.session.scalars(closed.order_by(Task.id)).all():
        task.done_at = None
        audit.record(ACTOR, "reopen_task", "task", task.id, now, kind=task.kind.value)
    db.session.flush()


def list_task_ids(subjects: Collection[tuple[str, int]]) -> list[int]:
    """Return the ids of all tasks about some subjects (kind and id), done ones too."""
    kinds = {kind for kind, _number in subjects}
    about = [
        and_(
            Task.subject_kind == kind,
            Task.subject_id.in_([number for each, number in subjects if each == kind]),
        )
        for kind in sorted(kinds)
    ]
    return list(db.session.scalars(select(Task.id).where(or_(false(), *about))))


def _about(kind: str, subject_id: int) -> Select[Task]:
    return select(Task).filter_by(subject_kind=kind, subject_id=subject_id).order_by(Task.id)


def _is_open(task: Task) -> bool:
    return task.done_at is None
