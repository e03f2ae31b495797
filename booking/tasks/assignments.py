"""Who of the staff has taken a task: one person at a time, by themselves or given by another."""

from datetime import datetime

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.tasks.models import Task


@transaction()
def assign_task(task_id: int, assignee_id: int | None, staff_id: int, now: datetime) -> None:
    """Give a task to somebody, or back to all (None); one that is done stays as it is."""
    task = db.session.get_one(Task, task_id, with_for_update=True)
    if task.done_at is not None or task.assigned_to_id == assignee_id:
        return
    task.assigned_to_id = assignee_id
    audit.record(
        staff_actor(staff_id), "assign_task", "task", task.id, now, assignee=assignee_id or 0
    )
