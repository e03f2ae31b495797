"""Flags of people who have no record yet: a clinician calls them first, and then clears the flag."""

from flask import abort, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day import usual_place
from booking.desk.patient import flag_cleared
from booking.desk.record import questions_asked
from booking.desk.refusals import FORM_REFUSALS, sentence
from booking.desk.submitting import submit
from booking.extensions import db
from booking.screening import operations as screening
from booking.screening.models import Flag


@blueprint.get("/flags")
@access(Access.STAFF)
def flags() -> str:
    """List them, oldest first."""
    return _page()


@blueprint.post("/flags/<int:flag_id>/clear")
@access(Access.PRACTITIONER)
def clear_nobodys_flag(flag_id: int) -> AnyResponse | tuple[str, int]:
    """A practitioner has talked to the person; one that a patient's record has is cleared there."""
    if db.session.get(Flag, flag_id) is None:
        abort(404)
    try:
        return submit(
            lambda: flag_cleared(flag_id, url_for("desk.flags"), of_patient=None)
        ).answer()
    except FORM_REFUSALS as refusal:
        return _page(sentence(refusal)), 422


def _page(problem: str = "") -> str:
    return render_template(
        "desk/flags.html",
        flags=screening.open_flags_without_record(),
        questions=questions_asked(),
        zone=usual_place().zone.key,
        problem=problem,
    )
