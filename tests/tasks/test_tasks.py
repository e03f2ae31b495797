"""What a person must do: opened once, settled by itself, and all of it on record (invariant 12)."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, Task, TaskKind
from booking.tasks.operations import Workload
from booking.tasks.subjects import move_tasks, move_tasks_back
from tests.builders import NOW

SOON = NOW + timedelta(hours=4)
LATER = NOW + timedelta(days=1)


def place_session(number: int) -> None:
    tasks.open_task(TaskKind.PLACE_SESSION, Owner.FRONT_DESK, "session", number, SOON, NOW)


def recorded() -> list[tuple[str, str, int]]:
    entries = select(AuditEntry).order_by(AuditEntry.id)
    return [(entry.actor, entry.action, entry.subject_id) for entry in db.session.scalars(entries)]


def test_invariant_12_a_task_is_opened_once_and_on_record_once(app: Flask) -> None:
    place_session(7)
    place_session(7)
    (task,) = tasks.list_open_tasks()
    assert recorded() == [("tasks", "open_task", task.id)]


def test_invariant_12_a_task_that_stands_twice_is_closed_and_opened_again_on_record(
    app: Flask,
) -> None:
    place_session(1)
    place_session(2)
    moved, closed = move_tasks("session", 1, 2, NOW)
    assert recorded()[-1] == ("tasks", "settle_task", closed[0])
    move_tasks_back("session", 1, moved, closed, NOW)
    assert recorded()[-1] == ("tasks", "reopen_task", closed[0])


def test_tasks_about_other_subjects_stand_beside_it(app: Flask) -> None:
    place_session(7)
    place_session(8)
    assert [task.subject_id for task in tasks.list_open_tasks()] == [7, 8]


def test_invariant_12_what_has_happened_settles_its_task_on_record(app: Flask) -> None:
    place_session(7)
    tasks.close_fulfilled_task(TaskKind.PLACE_SESSION, "session", 7, LATER)
    task = db.session.scalars(select(Task)).one()
    assert (task.done_at, task.done_by_id) == (LATER, None)
    assert recorded()[1:] == [("tasks", "settle_task", task.id)]


def test_settling_what_is_not_open_is_no_change(app: Flask) -> None:
    place_session(7)
    tasks.close_fulfilled_task(TaskKind.PLACE_SESSION, "session", 7, LATER)
    tasks.close_fulfilled_task(TaskKind.PLACE_SESSION, "session", 7, LATER + timedelta(days=1))
    tasks.close_fulfilled_task(TaskKind.REVIEW_SERIES, "session", 7, LATER)
    assert db.session.scalars(select(Task)).one().done_at == LATER
    assert len(recorded()) == 2


def test_a_task_that_is_done_can_be_opened_anew(app: Flask) -> None:
    place_session(7)
    tasks.close_fulfilled_task(TaskKind.PLACE_SESSION, "session", 7, LATER)
    place_session(7)
    assert len(tasks.list_open_tasks()) == 1


def test_a_task_counts_as_seen_to_from_its_opening_and_again_from_its_end(app: Flask) -> None:
    def seen_to(since_hours: int) -> bool:
        since = NOW + timedelta(hours=since_hours)
        return tasks.was_handled_since(TaskKind.PLACE_SESSION, "session", 7, since=since)

    place_session(7)
    assert (seen_to(0), seen_to(1)) == (True, False)
    tasks.close_fulfilled_task(TaskKind.PLACE_SESSION, "session", 7, LATER)
    assert (seen_to(24), seen_to(25)) == (True, False)


def test_a_coming_task_is_listed_but_no_work_yet(app: Flask) -> None:
    for number, due_at in enumerate(
        (NOW - timedelta(minutes=1), SOON, NOW + timedelta(weeks=1)), 1
    ):
        tasks.open_task(TaskKind.PLACE_SESSION, Owner.FRONT_DESK, "session", number, due_at, NOW)
    assert tasks.count_workload(NOW) == Workload(open=2, overdue=1)
    assert len(tasks.list_open_tasks()) == 3
