"""Somebody leaves: their shifts and the appointments that need them are shown before."""

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import staff_changes
from booking.desk.form_versions import require_row_version
from booking.desk.people.blueprint import blueprint
from booking.desk.people.listing import other_person_or_403
from booking.desk.people.roles import describe_calls
from booking.desk.people.showing import home_zone
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.staff import people
from booking.staff.models import Staff


@blueprint.get("/people/<int:staff_id>/retire")
@access(Access.MANAGER, confirmed=True)
def confirm_retire_person(staff_id: int) -> str:
    """Show what it does to appointments, and ask."""
    return _page(other_person_or_403(staff_id))


@blueprint.post("/people/<int:staff_id>/retire")
@access(Access.MANAGER, confirmed=True)
def retire_person(staff_id: int) -> AnyResponse | tuple[str, int]:
    """Let them sign in no more; the desk is asked to call about what can't take place without them."""
    person = other_person_or_403(staff_id)
    try:
        return submit_once(lambda: _retired(person)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(other_person_or_403(staff_id), explain_refusal(refusal)), 422


def _retired(person: Staff) -> RedirectWithNotice:
    require_row_version(Staff, person.id)
    calls = staff_changes.retire_person(person.id, clock.now(), current_user.id)
    notice = " ".join(
        [_("%(name)s can't sign in any more.", name=person.name), *describe_calls(calls)]
    )
    return RedirectWithNotice(url_for("staff.show_person", staff_id=person.id), notice)


def _page(person: Staff, problem: str = "") -> str:
    now = clock.now()
    return render_template(
        "desk/people/retire.html",
        person=person,
        problem=problem,
        shifts=people.list_coming_shifts(person.id, now),
        depending=staff_changes.list_depending_appointments(person.id, now),
        zone=home_zone(),
    )
