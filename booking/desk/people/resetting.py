"""A manager lets somebody in again who has lost what their second factor is on."""

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.form_versions import require_row_version
from booking.desk.people.blueprint import blueprint
from booking.desk.people.listing import active_person_or_404
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.staff import second_factors, sessions
from booking.staff.models import Staff


@blueprint.get("/people/<int:staff_id>/second-factor")
@access(Access.MANAGER, confirmed=True)
def confirm_reset(staff_id: int) -> str:
    """Ask whether it is to be removed."""
    return _page(active_person_or_404(staff_id))


@blueprint.post("/people/<int:staff_id>/second-factor")
@access(Access.MANAGER, confirmed=True)
def reset_second_factor(staff_id: int) -> AnyResponse | tuple[str, int]:
    """Remove it and end their sign-ins; where their role needs one they set up another."""
    person = active_person_or_404(staff_id)
    try:
        return submit_once(lambda: _reset(person)).to_response()
    except FORM_REFUSALS as refusal:
        return _page(person, explain_refusal(refusal)), 422


def _reset(person: Staff) -> RedirectWithNotice:
    require_row_version(Staff, person.id)
    now = clock.now()
    second_factors.reset_second_factor(person.id, now, current_user.actor)
    sessions.revoke_sessions(person.id, now, current_user.actor, keep_id=current_user.session_id)
    notice = _("%(name)s signs in with the password alone.", name=person.name)
    return RedirectWithNotice(url_for("staff.show_person", staff_id=person.id), str(notice))


def _page(person: Staff, problem: str = "") -> str:
    return render_template("desk/people/reset.html", person=person, problem=problem)
