"""The list of what a person must do, and marking it done."""

from flask import abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars.deadlines import measure_opening_time
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import require_row_version
from booking.desk.forms import TaskForm
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.tasks.contact_conflicts import contact_conflicts_by_task, resolve_contact_conflict
from booking.desk.tasks.links import finished_message
from booking.desk.tasks.subjects import subjects_by_task
from booking.messaging.conversations import mark_dealt_with
from booking.reminders.conversations import INBOUND
from booking.staff.queries import Colleague, get_staff_names, list_colleagues
from booking.tasks import operations as tasks
from booking.tasks.groups import arrange_work
from booking.tasks.models import Owner, Task, TaskKind
from booking.tasks.rules import is_coming, may_close

MINE = "me"  # of the list narrowed to what whoever is signed in has taken


@blueprint.get("/tasks", endpoint="tasks")
@access(Access.STAFF)
def list_tasks() -> str:
    """Show what is open, what is overdue first; `?owner=` narrows it to one owner's, or to one's own."""
    return render_task_list(TaskForm(formdata=None))


@blueprint.post("/tasks/<int:task_id>/done")
@access(Access.STAFF)
def finish_task(task_id: int) -> AnyResponse | tuple[str, int]:
    """Mark a task done with a note; one that someone else finished meanwhile stays as it is."""
    task, form = tasks.find_task(task_id) or abort(404), TaskForm()
    kind = task.kind
    if not form.validate():
        return render_task_list(form, task_id), 422
    try:
        return submit_once(lambda: _finished(task_id, kind, form)).to_response()
    except tasks.TaskNotYours:
        abort(403)
    except FORM_REFUSALS as refusal:
        return render_task_list(form, task_id, explain_refusal(refusal)), 422


def _finished(task_id: int, kind: TaskKind, form: TaskForm) -> RedirectWithNotice:
    require_row_version(Task, task_id)
    note, is_practitioner = (form.note.data or "").strip(), current_user.may_decide
    tasks.finish_task(task_id, current_user.id, note, clock.now(), is_practitioner=is_practitioner)
    task = tasks.find_task(task_id)
    if task is not None and task.subject_kind == INBOUND:
        mark_dealt_with(task.subject_id, clock.now(), current_user.id)
    return RedirectWithNotice(
        url_for("desk.tasks", owner=request.args.get("owner")), finished_message(kind)
    )


@blueprint.post("/tasks/<int:task_id>/contact")
@access(Access.STAFF)
def choose_contact(task_id: int) -> AnyResponse | tuple[str, int]:
    """Put what was typed for an appointment on file, or send its messages to what is on file."""
    task = tasks.find_task(task_id) or abort(404)
    try:
        return submit_once(lambda: resolve_contact_conflict(task)).to_response()
    except FORM_REFUSALS as refusal:
        return render_task_list(TaskForm(formdata=None), problem=explain_refusal(refusal)), 422


def render_task_list(form: TaskForm, wrong_id: int | None = None, problem: str = "") -> str:
    """Return the work list: with a form that was wrong, or with why nothing was done."""
    owner, now, location = request.args.get("owner"), clock.now(), last_used_location()
    tasks_shown = [task for task in tasks.list_open_tasks() if _is_of(task, owner)]
    current = [task for task in tasks_shown if not is_coming(task.due_at, now)]
    return render_template(
        "desk/tasks/tasks.html",
        groups=arrange_work(current, now),
        coming=[task for task in tasks_shown if is_coming(task.due_at, now)],
        subjects=subjects_by_task(tasks_shown),
        checks=contact_conflicts_by_task(tasks_shown),
        opening_left={
            task.id: measure_opening_time(location, now, task.due_at) for task in current
        },
        assignees={owner: list_assignees(owner) for owner in Owner},
        names=get_staff_names({task.assigned_to_id or 0 for task in tasks_shown}),
        owner=owner,
        owners=list(Owner),
        may_close={task.id for task in tasks_shown if _may_close(task)},
        now=now,
        zone=location.zone,
        form=form,
        wrong_id=wrong_id,
        problem=problem,
    )


def list_assignees(owner: Owner) -> list[Colleague]:
    """Return who may be given a task: those who may also close it."""
    return [
        person
        for person in list_colleagues()
        if may_close(owner, is_practitioner=person.is_practitioner)
    ]


def _is_of(task: Task, owner: str | None) -> bool:
    if owner == MINE:
        return bool(task.assigned_to_id == current_user.id)
    return owner not in set(Owner) or task.owner == owner


def _may_close(task: Task) -> bool:
    return may_close(task.owner, is_practitioner=current_user.may_decide)
