"""Flags of people who have no record yet: a clinician calls them first, and then clears the flag."""

from flask import abort, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.patients.record import question_texts
from booking.desk.patients.views import clear_flag_and_redirect
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import submit_once
from booking.screening import flags
from booking.screening.queries import find_flag


@blueprint.get("/flags")
@access(Access.STAFF)
def list_flags() -> str:
    """List them, oldest first."""
    return _page()


@blueprint.post("/flags/<int:flag_id>/clear")
@access(Access.PRACTITIONER)
def clear_unmatched_flag(flag_id: int) -> AnyResponse | tuple[str, int]:
    """A practitioner has talked to the person; one that a patient's record has is cleared there."""
    if find_flag(flag_id) is None:
        abort(404)
    try:
        return submit_once(
            lambda: clear_flag_and_redirect(flag_id, url_for("desk.list_flags"), of_patient=None)
        ).to_response()
    except FORM_REFUSALS as refusal:
        return _page(explain_refusal(refusal)), 422


def _page(problem: str = "") -> str:
    return render_template(
        "desk/patients/flags.html",
        flags=flags.list_unmatched_flags(),
        questions=question_texts(),
        zone=last_used_location().zone.key,
        problem=problem,
    )
