"""Another role for somebody: what depends on their shifts is shown before."""

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import staff_changes
from booking.desk.form_versions import require_row_version
from booking.desk.people.blueprint import blueprint
from booking.desk.people.forms import RoleForm
from booking.desk.people.listing import other_person_or_403
from booking.desk.people.showing import home_zone
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.staff import people
from booking.staff.models import Staff


@blueprint.get("/people/<int:staff_id>/role")
@access(Access.MANAGER, confirmed=True)
def choose_role(staff_id: int) -> str:
    """Show the form, and what a change would do to appointments."""
    person = other_person_or_403(staff_id)
    return _page(person, RoleForm(formdata=None, role=person.role.value).set_choices())


@blueprint.post("/people/<int:staff_id>/role")
@access(Access.MANAGER, confirmed=True)
def change_role(staff_id: int) -> AnyResponse | tuple[str, int]:
    """Give another role; sign-ins end, so that nobody goes on with what the old one allowed."""
    person, form = other_person_or_403(staff_id), RoleForm().set_choices()
    if not form.validate():
        return _page(person, form), 422
    try:
        return submit_once(lambda: _changed(person, form)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(other_person_or_403(staff_id), form, explain_refusal(refusal)), 422


def _changed(person: Staff, form: RoleForm) -> RedirectWithNotice:
    require_row_version(Staff, person.id)
    calls = staff_changes.change_role(person.id, form.chosen, clock.now(), current_user.id)
    notice = " ".join([_("The role is changed."), *describe_calls(calls)])
    return RedirectWithNotice(url_for("staff.show_person", staff_id=person.id), notice)


def describe_calls(count: int) -> list[str]:
    """Return what to say of appointments that the desk now has to call about: nothing of none."""
    words = ngettext(
        "There is a task to call about %(num)d visit.",
        "There are tasks to call about %(num)d visits.",
        count,
    )
    return [str(words)] if count else []


def _page(person: Staff, form: RoleForm, problem: str = "") -> str:
    now = clock.now()
    return render_template(
        "desk/people/role.html",
        person=person,
        form=form,
        problem=problem,
        shifts=people.list_coming_shifts(person.id, now),
        depending=staff_changes.list_depending_appointments(person.id, now),
        zone=home_zone(),
    )
