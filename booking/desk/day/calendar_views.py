"""The data of the calendar, for the page that draws it and asks again every few seconds."""

from collections.abc import Sequence

from flask import Response, abort, jsonify, make_response, request

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.appointments.views import get_appointment_or_404
from booking.desk.blueprint import blueprint
from booking.desk.day.calendar_answers import calendar_answers
from booking.desk.day.calendar_data import read_calendar_data, read_contents
from booking.desk.day.calendar_range import ALL, CalendarRange, Span
from booking.desk.day.calendar_refusals import list_refused_spans
from booking.desk.day.views import parse_date_or_404
from booking.desk.submitting import issue_form_key

RANGE = "<location>/<local_date>/<any(day, week):span>"
ADDRESS = f"/calendar/{RANGE}"


@blueprint.get(ADDRESS)
@access(Access.STAFF)
def read_calendar(location: str, local_date: str, span: str) -> Response:
    """Return a day, or the week it is in, at one location or all."""
    return _answer(location, local_date, span)


@blueprint.get(f"{ADDRESS}/changes")
@access(Access.STAFF, counts_as_use=False)
def poll_calendar(location: str, local_date: str, span: str) -> Response:
    """Return the same for a page that stays open; 304 while nothing has changed."""
    return _answer(location, local_date, span)


def _answer(location: str, local_date: str, span: str) -> Response:
    now = clock.now()
    period = _requested_range(location, local_date, span)
    version = period.read_version(now)
    if version in request.if_none_match:
        response = make_response("", 304)
    else:
        body = calendar_answers().get_or_build(
            period, version, lambda: jsonify(read_calendar_data(period, now)).data
        )
        response = Response(body, mimetype="application/json")
    response.set_etag(version)
    return response


@blueprint.get(f"/visits/<int:appointment_id>/refused/{RANGE}")
@access(Access.STAFF)
def list_refused_starts(appointment_id: int, location: str, local_date: str, span: str) -> Response:
    """Return where in a calendar an appointment can't be dropped, and the key with which it is dropped."""
    appointment, now = get_appointment_or_404(appointment_id), clock.now()
    contents = read_contents(_requested_range(location, local_date, span), now)
    return jsonify(
        refused=list(list_refused_spans(appointment, contents, now)), form_key=issue_form_key()
    )


def _requested_range(location: str, local_date: str, span: str) -> CalendarRange:
    return CalendarRange.of(
        _requested_locations(location), parse_date_or_404(local_date), Span(span)
    )


def _requested_locations(slug: str) -> Sequence[LocationCalendar]:
    """Return the location of this slug, though closed for good, or all that are open; else answer 404."""
    catalogue = availability.current_catalogue()
    if slug == ALL:
        return list(catalogue.locations.values()) or abort(404)
    by_slug = {location.slug: location for location in catalogue.locations_by_id.values()}
    return [by_slug.get(slug) or abort(404)]
