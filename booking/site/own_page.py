"""One appointment's own page, opened by its link: see it, add it to a calendar, cancel it. No account."""

from flask import Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import self_service
from booking.appointments.announcements import can_announce_lateness, lateness_by_appointment
from booking.appointments.calendar_links import google_calendar_url, outlook_calendar_url
from booking.appointments.contacts import get_language
from booking.appointments.ics import Method, render_calendar
from booking.appointments.models import Appointment
from booking.appointments.readiness import asks_readiness, readiness_by_appointment
from booking.appointments.rules import (
    CANCEL_AHEAD,
    LATE_CHOICES,
    Action,
    ActionNotAllowed,
    is_action_allowed,
)
from booking.appointments.self_service import UnknownToken
from booking.calendars.deadlines import Deadline
from booking.db.versions import StaleVersion
from booking.languages import LANGUAGES
from booking.locations import operations as locations
from booking.outages.queries import find_open_by_appointment
from booking.reminders.contexts import appointment_url, calendar_organizer
from booking.site.blueprint import blueprint
from booking.waitlist.queries import find_current_entry

NO_VERSION = 0  # no version: a form that says none is asked again
OWN_NOTICE = "own_page"  # category of what one's own page says once


@blueprint.errorhandler(UnknownToken)
def handle_unknown_token(_error: UnknownToken) -> tuple[str, int]:
    """Say that a link is no visit's, how to get the right one, and whom to call."""
    active_locations = locations.list_active_locations()
    return render_template("site/wrong_link.html", locations=active_locations), 404


@blueprint.get("/a/<token>")
@access(Access.TOKEN)
def show_appointment(token: str) -> str:
    """Show when and where."""
    return render_own_page("site/appointment.html", self_service.get_own_appointment(token))


@blueprint.get("/a/<token>/cancel")
@access(Access.TOKEN)
def confirm_cancel(token: str) -> str:
    """Ask once more; opening this changes nothing (invariant 13)."""
    return render_own_page("site/cancel.html", self_service.get_own_appointment(token))


@blueprint.post("/a/<token>/cancel")
@access(Access.TOKEN)
def cancel_appointment(token: str) -> AnyResponse | tuple[str, int]:
    """Cancel the appointment that was shown: the patient's own wish, a fact."""
    version = request.form.get("version", type=int, default=NO_VERSION)
    try:
        self_service.cancel_own_appointment(token, clock.now(), expected_version=version)
    except StaleVersion:
        return render_own_page(
            "site/cancel.html", self_service.get_own_appointment(token), changed=True
        ), 409
    except ActionNotAllowed:
        return render_own_page(
            "site/appointment.html", self_service.get_own_appointment(token), refused=True
        ), 409
    return redirect(url_for(".show_appointment", token=token))


@blueprint.get("/a/<token>/visit.ics")
@access(Access.TOKEN)
def download_calendar(token: str) -> Response:
    """Give the appointment as a calendar file."""
    file = render_calendar(
        [self_service.get_own_appointment(token)],
        Method.PUBLISH,
        clock.now(),
        organizer=calendar_organizer(),
    )
    response = Response(file, mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=visit.ics"
    return response


@blueprint.post("/a/<token>/language")
@access(Access.TOKEN)
def set_language(token: str) -> AnyResponse:
    """Write to the patient in another language from now on; the page stays in its own."""
    language = request.form.get("language")
    if language in LANGUAGES:
        self_service.set_own_language(token, language, clock.now())
    return redirect(url_for(".show_appointment", token=token))


def is_movable(appointment: Appointment) -> bool:
    """Tell whether a patient may move it: what is booked, before it starts."""
    return is_action_allowed(Action.MOVE, appointment.status, appointment.starts_at, clock.now())


def render_own_page(template: str, appointment: Appointment, **context: object) -> str:
    """Return a page about one's own appointment: where it is, and what can be done with it."""
    location = locations.get_location(appointment.location_id)
    return render_template(
        template,
        appointment=appointment,
        location=location,
        is_open=is_action_allowed(
            Action.CANCEL, appointment.status, appointment.starts_at, clock.now()
        ),
        is_movable=is_movable(appointment),
        asks_readiness=asks_readiness(appointment, clock.now()),
        readiness=readiness_by_appointment([appointment.id]).get(appointment.id),
        waitlist_entry=find_current_entry(appointment.id, clock.now()),
        affected=find_open_by_appointment(appointment.id),
        link=appointment_url(appointment),
        cancel_by=Deadline(appointment.starts_at - CANCEL_AHEAD, location.time_zone),
        google_url=google_calendar_url(appointment, location),
        outlook_url=outlook_calendar_url(appointment, location),
        now=clock.now(),
        may_be_late=can_announce_lateness(appointment, clock.now()),
        minutes_late=lateness_by_appointment([appointment.id]).get(appointment.id),
        late_choices=LATE_CHOICES,
        messages_language=get_language(appointment),
        **context,
    )
