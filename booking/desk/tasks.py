"""The list of what a person must do, and marking it done."""

from flask import abort, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.checking import checks_of, choose
from booking.desk.day import usual_place
from booking.desk.forms import TaskForm
from booking.desk.refusals import FORM_REFUSALS, sentence
from booking.desk.subjects import subjects_of
from booking.desk.submitting import Done, submit
from booking.desk.task_ways import finished_notice
from booking.desk.versions import require_row
from booking.extensions import db
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, Task


@blueprint.get("/tasks", endpoint="tasks")
@access(Access.STAFF)
def list_tasks() -> str:
    """Show what is open, the most urgent first; `?owner=` narrows it to one owner's."""
    return _page(TaskForm(formdata=None))


@blueprint.post("/tasks/<int:task_id>/done")
@access(Access.STAFF)
def finish_task(task_id: int) -> AnyResponse | tuple[str, int]:
    """Mark a task done with a note; one that someone else finished meanwhile stays as it is."""
    if db.session.get(Task, task_id) is None:
        abort(404)
    form = TaskForm()
    if not form.validate():
        return _page(form, task_id), 422
    try:
        return submit(lambda: _finished(task_id, form)).answer()
    except FORM_REFUSALS as refusal:
        return _page(form, task_id, sentence(refusal)), 422


def _finished(task_id: int, form: TaskForm) -> Done:
    require_row(Task, task_id)
    kind = db.session.get_one(Task, task_id).kind
    tasks.finish(task_id, current_user.id, (form.note.data or "").strip(), clock.now())
    return Done(url_for("desk.tasks", owner=request.args.get("owner")), finished_notice(kind))


@blueprint.post("/tasks/<int:task_id>/contact")
@access(Access.STAFF)
def choose_contact(task_id: int) -> AnyResponse | tuple[str, int]:
    """Put what was typed for a visit on file, or send its messages to what is on file."""
    task = db.session.get(Task, task_id) or abort(404)
    try:
        return submit(lambda: choose(task)).answer()
    except FORM_REFUSALS as refusal:
        return _page(TaskForm(formdata=None), problem=sentence(refusal)), 422


def _page(form: TaskForm, wrong_id: int | None = None, problem: str = "") -> str:
    owner = request.args.get("owner")
    shown = [task for task in tasks.open_tasks() if owner not in set(Owner) or task.owner == owner]
    return render_template(
        "desk/tasks.html",
        tasks=shown,
        subjects=subjects_of(shown),
        checks=checks_of(shown),
        owner=owner,
        owners=list(Owner),
        now=clock.now(),
        zone=usual_place().zone,
        form=form,
        wrong_id=wrong_id,
        problem=problem,
    )
