"""Flags of people who have no record yet: a clinician calls them first, and then clears the flag."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.desk.blueprint import blueprint
from booking.desk.day import usual_place
from booking.desk.record import questions_asked
from booking.screening import operations as screening


@blueprint.get("/flags")
@access(Access.STAFF)
def flags() -> str:
    """List them, oldest first."""
    return render_template(
        "desk/flags.html",
        flags=screening.open_flags_without_record(),
        questions=questions_asked(),
        zone=usual_place().zone.key,
    )


@blueprint.post("/flags/<int:flag_id>/clear")
@access(Access.PRACTITIONER)
def clear_nobodys_flag(flag_id: int) -> AnyResponse:
    """A practitioner has talked to the person; one that a patient's record has is cleared there."""
    if flag_id in {flag.id for flag in screening.open_flags_without_record()}:
        screening.clear_flag(flag_id, current_user.id, clock.now())
        flash(_("Flag cleared."))
    return redirect(url_for("desk.flags"))
