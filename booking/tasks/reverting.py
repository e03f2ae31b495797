"""Tasks that a change opened and closed, as they were before it: it was undone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, tuple_

from booking.audit import operations as audit
from booking.db.row_images import Image, read_image, write_image
from booking.db.transactions import transaction
from booking.extensions import db
from booking.tasks.models import Task
from booking.tasks.operations import ACTOR, close_fulfilled_task, find_open_task

Subject = tuple[str, int]  # kind and id


def list_open_task_images(subjects: Collection[Subject]) -> dict[int, Image]:
    """Return what is to do about any of these subjects, as plain data by id."""
    about = tuple_(Task.subject_kind, Task.subject_id).in_(subjects)
    rows = db.session.scalars(select(Task).where(about, Task.done_at.is_(None)))
    return {task.id: read_image(task) for task in rows}


@transaction()
def withdraw_open_tasks(task_ids: Collection[int], now: datetime) -> None:
    """Take back that tasks were opened; one that somebody did stays, and what came after it is settled."""
    for task in _read(task_ids):
        if task.done_at is not None:
            close_fulfilled_task(task.kind, task.subject_kind, task.subject_id, now)
            continue
        db.session.delete(task)
        audit.record(ACTOR, "withdraw_task", "task", task.id, now, kind=task.kind.value)
    db.session.flush()


@transaction()
def reopen_tasks(images: Collection[Image], now: datetime) -> None:
    """Take back that tasks were settled or withdrawn, unless another of the kind has been opened since."""
    tasks = {task.id: task for task in _read([image["id"] for image in images])}
    for image in images:
        task = tasks.get(image["id"], Task())
        if find_open_task(image["kind"], image["subject_kind"], image["subject_id"]) is None:
            write_image(task, image)
            db.session.add(task)
            audit.record(ACTOR, "reopen_task", "task", image["id"], now, kind=image["kind"])
    db.session.flush()


def _read(task_ids: Collection[int]) -> list[Task]:
    rows = select(Task).where(Task.id.in_(task_ids)).order_by(Task.id)
    return list(db.session.scalars(rows.with_for_update()))
