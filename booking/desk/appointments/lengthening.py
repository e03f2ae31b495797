"""How long an appointment takes: chosen in a form, or by dragging its lower edge in the calendar."""

from flask import Response, jsonify, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse
from wtforms import IntegerField
from wtforms.validators import InputRequired

from booking import clock
from booking.access import Access, access
from booking.appointments.length_options import list_length_options
from booking.appointments.lengths import set_extra_minutes
from booking.appointments.models import Appointment
from booking.desk.appointments.dropping import answer_calendar_drop, is_drop
from booking.desk.appointments.length_words import (
    explain_length,
    group_refused,
    list_refused_ends,
)
from booking.desk.appointments.views import get_appointment_or_404, get_location, undoable_notice
from booking.desk.blueprint import blueprint
from booking.desk.day.day_view import read_appointment_details
from booking.desk.form_versions import row_version, submitted_appointment_version
from booking.desk.refusals import (
    FORM_REFUSALS,
    REFUSALS,
    Refusal,
    explain_refusal,
    explain_stale_version,
)
from booking.desk.submitting import RedirectWithNotice, issue_form_key, submit_once
from booking.web.formats import format_local_time
from booking.web.worded_forms import WordedForm


class LengthForm(WordedForm):
    """By how many minutes an appointment takes longer than its service, or than prescribed."""

    extra_minutes = IntegerField(validators=[InputRequired()])


@blueprint.get("/visits/<int:appointment_id>/length")
@access(Access.STAFF)
def choose_length(appointment_id: int) -> str:
    """Show how long an appointment can take."""
    return _page(get_appointment_or_404(appointment_id))


@blueprint.get("/visits/<int:appointment_id>/length/refused")
@access(Access.STAFF)
def list_refused_lengths(appointment_id: int) -> Response:
    """Return where an appointment's block can't end, and the key with which its end is dragged."""
    appointment, now = get_appointment_or_404(appointment_id), clock.now()
    return jsonify(refused=list(list_refused_ends(appointment, now)), form_key=issue_form_key())


@blueprint.post("/visits/<int:appointment_id>/length")
@access(Access.STAFF)
def change_length(appointment_id: int) -> AnyResponse | tuple[str | AnyResponse, int]:
    """Let an appointment take as long as its form says, or as its end was dragged."""
    appointment, form = get_appointment_or_404(appointment_id), LengthForm()
    extra_minutes = form.extra_minutes.data
    if not form.validate() or extra_minutes is None:
        problem = explain_stale_version(row_version(appointment)) or _("Choose how long it takes.")
        return _refuse(appointment, extra_minutes, str(problem))
    try:
        outcome = submit_once(lambda: _changed(appointment_id, extra_minutes))
    except REFUSALS as refusal:
        appointment = get_appointment_or_404(appointment_id)
        return _refuse(appointment, extra_minutes, _explain(appointment, extra_minutes, refusal))
    return answer_calendar_drop(outcome) if is_drop() else outcome.to_response()


def _changed(appointment_id: int, extra_minutes: int) -> RedirectWithNotice:
    appointment = set_extra_minutes(
        appointment_id,
        extra_minutes,
        clock.now(),
        current_user.actor,
        expected_version=submitted_appointment_version(),
    )
    ends_at = format_local_time(appointment.ends_at, get_location(appointment).zone)
    return undoable_notice(appointment_id, _("It lasts until %(time)s now.", time=ends_at))


def _explain(appointment: Appointment, extra_minutes: int, refusal: Refusal) -> str:
    """Return what stands against a length by the rules, or why the form can't count any more."""
    if isinstance(refusal, FORM_REFUSALS):
        return explain_refusal(refusal)
    options = list_length_options(appointment, clock.now())
    chosen = [option for option in options if option.extra_minutes == extra_minutes]
    reasons = [explain_length(option, get_location(appointment).zone) for option in chosen]
    return "".join(reasons) or explain_refusal(refusal)


def _refuse(
    appointment: Appointment, extra_minutes: int | None, problem: str
) -> tuple[str | AnyResponse, int]:
    if is_drop():
        address = url_for("desk.choose_length", appointment_id=appointment.id)
        return jsonify(problem=problem, form=address), 409
    return _page(appointment, extra_minutes, problem), 422


def _page(appointment: Appointment, extra_minutes: int | None = None, problem: str = "") -> str:
    now, location = clock.now(), get_location(appointment)
    options = list_length_options(appointment, now)
    return render_template(
        "desk/appointments/length.html",
        shown=read_appointment_details(appointment, now),
        location=location,
        options=[option for option in options if option.is_possible],
        refused=group_refused(options, location.zone),
        chosen=appointment.extra_minutes if extra_minutes is None else extra_minutes,
        problem=problem,
    )
