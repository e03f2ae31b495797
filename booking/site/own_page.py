"""One appointment's own page, opened by its link: see it, add it to a calendar, cancel it. No account."""

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import operations as appointment_operations
from booking.appointments import queries
from booking.appointments.ics import Method, render_calendar
from booking.appointments.models import Appointment
from booking.appointments.rules import Action, ActionNotAllowed, is_action_allowed
from booking.db.versions import StaleVersion
from booking.locations import operations as locations
from booking.reminders.contexts import appointment_url, calendar_organizer
from booking.site.blueprint import blueprint

ACTOR = "online"
NO_VERSION = 0  # no version: a form that says none is asked again


def _appointment(token: str) -> Appointment:
    appointment = queries.find_by_token(token)
    if appointment is None:
        abort(404)
    return appointment


@blueprint.get("/a/<token>")
@access(Access.TOKEN)
def show_appointment(token: str) -> str:
    """Show when and where."""
    return _page("site/appointment.html", _appointment(token))


@blueprint.get("/a/<token>/cancel")
@access(Access.TOKEN)
def confirm_cancel(token: str) -> str:
    """Ask once more; opening this changes nothing (invariant 13)."""
    return _page("site/cancel.html", _appointment(token))


@blueprint.post("/a/<token>/cancel")
@access(Access.TOKEN)
def cancel_appointment(token: str) -> AnyResponse | tuple[str, int]:
    """Cancel the appointment that was shown: the patient's own wish, a fact."""
    appointment = _appointment(token)
    version = request.form.get("version", type=int, default=NO_VERSION)
    try:
        appointment_operations.cancel(
            appointment.id, clock.now(), ACTOR, by_patient=True, expected_version=version
        )
    except StaleVersion:
        return _page("site/cancel.html", _appointment(token), changed=True), 409
    except ActionNotAllowed:
        return _page("site/appointment.html", _appointment(token), refused=True), 409
    return redirect(url_for(".show_appointment", token=token))


@blueprint.get("/a/<token>/visit.ics")
@access(Access.TOKEN)
def download_calendar(token: str) -> Response:
    """Give the appointment as a calendar file."""
    file = render_calendar(
        [_appointment(token)], Method.PUBLISH, clock.now(), organizer=calendar_organizer()
    )
    response = Response(file, mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=visit.ics"
    return response


def _page(template: str, appointment: Appointment, **outcome: bool) -> str:
    is_open = is_action_allowed(
        Action.CANCEL, appointment.status, appointment.starts_at, clock.now()
    )
    location = locations.get_location(appointment.location_id)
    link = appointment_url(appointment)
    return render_template(
        template, appointment=appointment, location=location, is_open=is_open, link=link, **outcome
    )
