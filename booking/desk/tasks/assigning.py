"""Taking a task, giving it to a colleague, and giving it back."""

from flask import abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_row_version
from booking.desk.forms import TaskForm
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.tasks.views import list_assignees, render_task_list
from booking.numbers import parse_number
from booking.tasks import operations as tasks
from booking.tasks.assignments import assign_task
from booking.tasks.models import Task


@blueprint.post("/tasks/<int:task_id>/assign", endpoint="assign_task")
@access(Access.STAFF)
def assign(task_id: int) -> AnyResponse | tuple[str, int]:
    """Give a task to whoever is signed in, to a colleague, or back to all."""
    task = tasks.find_task(task_id) or abort(404)
    names = {person.id: person.name for person in list_assignees(task.owner)}
    assignee_id = _read_assignee()
    if assignee_id is not None and assignee_id not in names:
        return render_task_list(TaskForm(formdata=None), problem=_choose_somebody()), 422

    def produce() -> RedirectWithNotice:
        require_row_version(Task, task_id)
        assign_task(task_id, assignee_id, current_user.id, clock.now())
        address = url_for("desk.tasks", owner=request.args.get("owner"), _anchor=f"task-{task_id}")
        return RedirectWithNotice(address, _notice(assignee_id, names))

    try:
        return submit_once(produce).to_response()
    except FORM_REFUSALS as refusal:
        return render_task_list(TaskForm(formdata=None), problem=explain_refusal(refusal)), 422


def _read_assignee() -> int | None:
    match request.form.get("assignee"):
        case "me":
            return int(current_user.id)
        case "nobody":
            return None
        case _:
            return parse_number(request.form.get("colleague", "")) or 0


def _choose_somebody() -> str:
    return str(_("Choose somebody who may close this task: a practitioner's only a practitioner."))


def _notice(assignee_id: int | None, names: dict[int, str]) -> str:
    if assignee_id is None:
        return str(_("The task is anybody's again."))
    if assignee_id == current_user.id:
        return str(_("The task is yours."))
    return str(_("The task is %(name)s's.", name=names[assignee_id]))
