"""A day at a location: the table by room, chair and practitioner, and the list of its appointments."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import abort, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.http import quote_etag
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, dates
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.blueprint import blueprint
from booking.desk.day.calendar_range import CalendarRange, Span
from booking.desk.day.day_outages import list_outages_on
from booking.desk.day.day_view import read_day_view
from booking.desk.day.now_panel import read_now_rows
from booking.desk.day.readiness_checks import readiness_checks_by_appointment
from booking.desk.forms import OutcomeForm

LAST_LOCATION = "desk_location"  # in the browser's session: where this person works


@blueprint.get("/")
@access(Access.STAFF)
def show_today() -> AnyResponse:
    """Go to today at the location last looked at, or the first."""
    location = last_used_location()
    local_date = clock.local_date(clock.now(), location.zone.key)
    return redirect(url_for("desk.show_day", location=location.slug, local_date=local_date))


@blueprint.get("/day")
@access(Access.STAFF)
def redirect_to_day() -> AnyResponse:
    """Go to the day and location asked for, or to today and the usual one."""
    location = availability.current_catalogue().locations.get(
        request.args.get("location", ""), last_used_location()
    )
    requested_day = dates.parse_day(request.args.get("date"))
    local_date = requested_day or clock.local_date(clock.now(), location.zone.key)
    return redirect(url_for("desk.show_day", location=location.slug, local_date=local_date))


@blueprint.get("/day/<location>/<local_date>")
@access(Access.STAFF)
def show_day(location: str, local_date: str) -> str:
    """Show a day at a location; one that is closed for good keeps its past."""
    catalogue, now = availability.current_catalogue(), clock.now()
    calendar, day = get_location_or_404(location), parse_date_or_404(local_date)
    _keep_last_location(calendar.slug)
    return render_template(
        "desk/day/day.html",
        etag=quote_etag(read_day_version(calendar, day, now)),
        **build_live_parts(calendar, day, now),
        outages=list_outages_on(calendar, day),
        locations=catalogue.locations.values(),
        previous=day - timedelta(days=1),
        following=day + timedelta(days=1),
        today=clock.local_date(now, calendar.zone.key),
        week_begins=CalendarRange.of([calendar], day, Span.WEEK).first,
    )


def read_day_version(location: LocationCalendar, day: date, now: datetime) -> str:
    """Return what changes with whatever the parts of the page show to whoever is signed in."""
    version = CalendarRange.of([location], day, Span.DAY).read_version(now)
    return f"{version}-{current_user.role}"


def build_live_parts(location: LocationCalendar, day: date, now: datetime) -> dict[str, Any]:
    """Return the variables of the parts that a page keeps fresh: who is here, list and table."""
    sheet, is_clinician = read_day_view(location, day, now), current_user.reads_clinical
    return {
        "sheet": sheet,
        "location": location,
        "zone": location.zone,
        "readiness_checks": readiness_checks_by_appointment(sheet.appointments.values(), now),
        "now_rows": read_now_rows(sheet.appointments.values(), now, is_clinician=is_clinician),
        "now": now,
        "outcomes": _outcome_forms(),
    }


def _keep_last_location(slug: str) -> None:
    """Keep where the desk looked last; unchanged it sets no cookie, which could bring back an older one."""
    if session.get(LAST_LOCATION) != slug:
        session[LAST_LOCATION] = slug


def get_location_or_404(slug: str) -> LocationCalendar:
    """Return the location of this slug, though closed for good, or answer 404."""
    locations = availability.current_catalogue().locations_by_id.values()
    return next((each for each in locations if each.slug == slug), None) or abort(404)


def last_used_location() -> LocationCalendar:
    """Return the location this person last looked at, or the clinic's first."""
    return find_last_used_location() or abort(404)


def find_last_used_location() -> LocationCalendar | None:
    """Return the location this person last looked at, or the first; None while the clinic has none."""
    locations = availability.current_catalogue().locations
    return locations.get(session.get(LAST_LOCATION, "")) or next(iter(locations.values()), None)


def parse_date_or_404(text: str) -> date:
    """Return the day named in an address like 2026-12-01; answer 404 for anything else."""
    return dates.parse_day(text) or abort(404)


def _outcome_forms() -> dict[tuple[bool, bool], OutcomeForm]:
    """Return the outcome forms by whether it is an infusion, and whether its time has begun."""
    return {
        (is_infusion, has_started): OutcomeForm(formdata=None).set_choices(
            is_infusion=is_infusion, has_started=has_started
        )
        for is_infusion in (True, False)
        for has_started in (True, False)
    }
