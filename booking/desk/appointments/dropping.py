"""Answers to the calendar, where an appointment was dropped: what was done, or why it can't be there."""

from datetime import datetime

from flask import Response, jsonify, render_template, request, url_for

from booking import clock
from booking.appointments.models import Appointment
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.appointments.views import get_location
from booking.desk.refusals import FORM_REFUSALS, Refusal, explain_refusal
from booking.desk.requested import get_requested_location, parse_start
from booking.desk.submitting import RedirectWithNotice
from booking.desk.why_not.rule_words import explain_start
from booking.numbers import parse_number
from booking.series.ruled_starts import read_session_move_rules


def is_drop() -> bool:
    """Tell whether the calendar asks, and not a form."""
    return request.accept_mimetypes.best == "application/json"


def find_requested_resource_id() -> int | None:
    """Return the id of the room, chair or practitioner into whose column it was dropped."""
    return parse_number(request.form.get("resource", ""))


def answer_calendar_drop(outcome: RedirectWithNotice) -> Response:
    """Answer the calendar's script after a drag: the notices that a page would have at its top, as JSON."""
    outcome.to_response()  # says it to whatever is shown next: to this
    return jsonify(notices=render_template("desk/appointments/_dropped.html"))


def refuse_drop(
    appointment: Appointment, start: str | None, problem: str, refusal: Refusal | None
) -> tuple[Response, int]:
    """Return why it can't be there, and the address of the form that says all and takes a reason."""
    location = get_requested_location(get_location(appointment))
    starts_at, form = parse_start(start, location), {"location": location.slug}
    if starts_at is not None:
        form |= _ask_why_not(starts_at.astimezone(location.zone), location)
        if not (problem or isinstance(refusal, FORM_REFUSALS)):
            problem = _explain(appointment, starts_at, location)
    if refusal and not problem:
        problem = explain_refusal(refusal)
    address = url_for("desk.choose_new_time", appointment_id=appointment.id, **form)  # type: ignore[arg-type]
    return jsonify(problem=problem, form=f"{address}#why-not"), 409


def _ask_why_not(local: datetime, location: LocationCalendar) -> dict[str, str]:
    """Return the question why not at a local time, as an address has it."""
    day = local.date().isoformat()
    return {"why_date": day, "why_time": f"{local:%H:%M}", "why_location": location.slug}


def _explain(appointment: Appointment, starts_at: datetime, location: LocationCalendar) -> str:
    day, now = starts_at.astimezone(location.zone).date(), clock.now()
    (ruled,) = read_session_move_rules(appointment, location, day, day, now)
    return explain_start(ruled, starts_at)
