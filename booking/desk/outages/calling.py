"""What the desk does for one patient of the board: take the time for them, or keep what came of a call."""

from flask import abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_row_version
from booking.desk.outages.case_page import get_case_or_404, render_case
from booking.desk.refusals import REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.outages import answers
from booking.outages.answers import ChoiceOver
from booking.outages.models import AffectedPatient
from booking.outages.queries import find_affected_patient
from booking.outages.rules import CallOutcome
from booking.reminders.recipients import find_channel_recipient

OUTCOMES = {outcome.value for outcome in CallOutcome}


@blueprint.post("/closures/patients/<int:affected_id>/accept")
@access(Access.STAFF)
def accept_for_patient(affected_id: int) -> AnyResponse | tuple[str, int]:
    """The patient says yes on the phone: everything moves to the times that are held."""
    affected = get_affected_or_404(affected_id)

    def change() -> RedirectWithNotice:
        require_row_version(AffectedPatient, affected_id)
        moved = answers.accept_times(affected_id, clock.now(), current_user.actor)
        is_told = find_channel_recipient(moved[0]) is not None
        return _redirect(affected, _describe_moved(is_told=is_told))

    try:
        return submit_once(change).to_response()
    except ChoiceOver:
        problem = _(
            "The time is held no longer, or the visit was changed meanwhile. Find another time."
        )
        return render_case(get_case_or_404(affected.case_id), str(problem)), 422
    except REFUSALS as refusal:
        return render_case(get_case_or_404(affected.case_id), explain_refusal(refusal)), 422


@blueprint.post("/closures/patients/<int:affected_id>/call")
@access(Access.STAFF)
def record_call(affected_id: int) -> AnyResponse | tuple[str, int]:
    """Keep what came of calling a patient."""
    affected, outcome = get_affected_or_404(affected_id), request.form.get("outcome", "")
    if outcome not in OUTCOMES:
        problem = str(_("Choose what came of the call."))
        return render_case(get_case_or_404(affected.case_id), problem), 422

    def change() -> RedirectWithNotice:
        require_row_version(AffectedPatient, affected_id)
        answers.record_call_outcome(
            affected_id, CallOutcome(outcome), clock.now(), current_user.actor
        )
        return _redirect(affected, _("Noted."))

    try:
        return submit_once(change).to_response()
    except REFUSALS as refusal:
        return render_case(get_case_or_404(affected.case_id), explain_refusal(refusal)), 422


def get_affected_or_404(affected_id: int) -> AffectedPatient:
    """Return one affected patient; answer 404 where there is none."""
    return find_affected_patient(affected_id) or abort(404)


def _describe_moved(*, is_told: bool) -> str:
    if is_told:
        return str(_("Moved. They are told by text or e-mail."))
    return str(_("Moved. They get no messages: read out what was agreed."))


def _redirect(affected: AffectedPatient, notice: str) -> RedirectWithNotice:
    address = url_for(
        "desk.show_outage", case_id=affected.case_id, _anchor=f"patient-{affected.id}"
    )
    return RedirectWithNotice(address, str(notice))
