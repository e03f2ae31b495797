"""Opening, listing and finishing what a person must do."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.statements import insert_unless_there
from booking.db.transactions import transaction
from booking.extensions import db
from booking.tasks.models import CALL_KINDS, Owner, Task, TaskKind
from booking.tasks.rules import COMING_AFTER, may_close

ACTOR = "tasks"  # who opened or settled it: nobody pressed anything


@dataclass(frozen=True, slots=True)
class Workload:
    """How many tasks are open now, without the coming ones, how many should be done by now, and are calls."""

    open: int
    overdue: int
    overdue_calls: int = 0


@transaction()
def open_task(
    kind: TaskKind,
    owner: Owner,
    subject_kind: str,
    subject_id: int,
    due_at: datetime,
    now: datetime,
    **details: Any,
) -> None:
    """Open a task about a subject, unless one of its kind is open already.

    `details` are references and codes, never names or contacts.
    """
    row = {
        "kind": kind,
        "owner": owner,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "details": details,
        "due_at": due_at,
        "created_at": now,
        "note": "",
    }
    task_id = insert_unless_there(Task, row, returning="id")
    if task_id is not None:
        audit.record(ACTOR, "open_task", "task", task_id, now, kind=kind.value)


class TaskNotYours(Exception):
    """A task is a practitioner's, and somebody else was to close it; nothing was changed."""


@transaction()
def finish_task(
    task_id: int, staff_id: int, note: str, now: datetime, *, is_practitioner: bool
) -> None:
    """Mark a task done, with what came of it; one that is done already stays as it is.

    That a practitioner did it stays on record, whatever they work as later. Raises `TaskNotYours`.
    """
    task = db.session.get_one(Task, task_id, with_for_update=True)
    if not may_close(task.owner, is_practitioner=is_practitioner):
        raise TaskNotYours
    if task.done_at is not None:
        return
    task.done_at, task.done_by_id, task.note = now, staff_id, note
    task.by_practitioner = is_practitioner
    audit.record(staff_actor(staff_id), "finish_task", "task", task.id, now, kind=task.kind.value)


@transaction()
def finish_task_about(
    kind: TaskKind, subject_kind: str, subject_id: int, staff_id: int, note: str, now: datetime
) -> None:
    """Mark the open task of this kind about a subject done by a practitioner, with what they decided."""
    if task := find_open_task(kind, subject_kind, subject_id):
        finish_task(task.id, staff_id, note, now, is_practitioner=True)


def find_task(task_id: int) -> Task | None:
    """Return a task, also one that is done."""
    return db.session.get(Task, task_id)


def find_open_task(kind: TaskKind, subject_kind: str, subject_id: int) -> Task | None:
    """Return the open task of a kind about a subject; there is one at most."""
    return db.session.scalar(
        select(Task).where(
            Task.kind == kind,
            Task.subject_kind == subject_kind,
            Task.subject_id == subject_id,
            Task.done_at.is_(None),
        )
    )


@transaction()
def close_fulfilled_task(kind: TaskKind, subject_kind: str, subject_id: int, now: datetime) -> None:
    """Mark the open task of this kind about a subject done, because what it asked for has happened."""
    task = find_open_task(kind, subject_kind, subject_id)
    if task is not None:
        task.done_at = now
        audit.record(ACTOR, "settle_task", "task", task.id, now, kind=kind.value)


def was_handled_since(
    kind: TaskKind, subject_kind: str, subject_id: int, *, since: datetime
) -> bool:
    """Tell whether a task of this kind about a subject was opened or done since an instant (included)."""
    handled_id = db.session.scalar(
        select(Task.id)
        .where(
            Task.kind == kind,
            Task.subject_kind == subject_kind,
            Task.subject_id == subject_id,
            (Task.created_at >= since) | (Task.done_at >= since),
        )
        .limit(1)
    )
    return handled_id is not None


def filter_subjects(
    kind: TaskKind,
    subject_kind: str,
    subject_ids: Collection[int] | None = None,
) -> set[int]:
    """Return which subjects (of these ids, or all) ever had a task of a kind."""
    subjects = select(Task.subject_id).where(Task.kind == kind, Task.subject_kind == subject_kind)
    if subject_ids is not None:
        subjects = subjects.where(Task.subject_id.in_(subject_ids))
    return set(db.session.scalars(subjects))


def has_open_task(
    kinds: Collection[TaskKind], subject_kind: str, subject_ids: Collection[int]
) -> bool:
    """Tell whether a task of one of these kinds about any of these subjects is still to do."""
    statement = select(Task.id).where(
        Task.kind.in_(kinds),
        Task.subject_kind == subject_kind,
        Task.subject_id.in_(subject_ids),
        Task.done_at.is_(None),
    )
    return db.session.scalar(statement.limit(1)) is not None


def list_open_tasks(kind: TaskKind | None = None) -> list[Task]:
    """Return what is still to do, all or of one kind, the most urgent first."""
    statement = select(Task).where(Task.done_at.is_(None)).order_by(Task.due_at)
    if kind is not None:
        statement = statement.where(Task.kind == kind)
    return list(db.session.scalars(statement))


def list_tasks_about(kind: TaskKind, subject_kind: str, subject_ids: Collection[int]) -> list[Task]:
    """Return all tasks of a kind about any of these subjects, open or done, the oldest first."""
    statement = select(Task).where(
        Task.kind == kind, Task.subject_kind == subject_kind, Task.subject_id.in_(subject_ids)
    )
    return list(db.session.scalars(statement.order_by(Task.id)))


def count_workload(now: datetime) -> Workload:
    """Count what is still to do; what is only coming is left out."""
    late = func.count().filter(Task.due_at < now)
    late_calls = func.count().filter(Task.due_at < now, Task.kind.in_(CALL_KINDS))
    is_current = Task.done_at.is_(None), Task.due_at < now + COMING_AFTER
    row = db.session.execute(select(func.count(), late, late_calls).where(*is_current)).one()
    return Workload(*row)


def list_open_subjects(kind: TaskKind, subject_kind: str) -> set[int]:
    """Return the ids of what open tasks of a kind are about."""
    statement = select(Task.subject_id).where(
        Task.kind == kind, Task.subject_kind == subject_kind, Task.done_at.is_(None)
    )
    return set(db.session.scalars(statement))


def find_last_closed_by_hand(kind: TaskKind, subject_kind: str, subject_id: int) -> Task | None:
    """Return the last task of a kind about a subject, if a person closed it."""
    last = select(Task).where(
        Task.kind == kind, Task.subject_kind == subject_kind, Task.subject_id == subject_id
    )
    task = db.session.scalar(last.order_by(Task.id.desc()).limit(1))
    return task if task is not None and task.done_by_id is not None else None
