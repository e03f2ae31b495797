"""The data of the calendar, for the page that draws it and asks again every few seconds."""

from collections.abc import Sequence
from datetime import datetime

from flask import Response, abort, jsonify, make_response, request

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.catalogue import Catalogue
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
    period, version = _read_range(location, local_date, span, now)
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


def _read_range(
    location: str, local_date: str, span: str, now: datetime
) -> tuple[CalendarRange, str]:
    """Return what an address asks for and its version, by one query while the catalogue stays the same."""
    catalogue = availability.find_cached_catalogue() or availability.current_catalogue()
    period = _range_in(catalogue, location, local_date, span)
    version = period.read_version(now)
    while version.catalogue != catalogue.version:
        catalogue = availability.catalogue_at(version.catalogue)
        period = _range_in(catalogue, location, local_date, span)
        version = period.read_version(now)
    return (period, str(version)) if period.locations else abort(404)


def _requested_range(location: str, local_date: str, span: str) -> CalendarRange:
    period = _range_in(availability.current_catalogue(), location, local_date, span)
    return period if period.locations else abort(404)


def _range_in(catalogue: Catalogue, location: str, local_date: str, span: str) -> CalendarRange:
    """Return the range in this catalogue, without locations where it knows none of this slug."""
    day = parse_date_or_404(local_date)
    return CalendarRange.of(_list_locations(catalogue, location), day, Span(span))


def _list_locations(catalogue: Catalogue, slug: str) -> Sequence[LocationCalendar]:
    """Return the location of this slug, though closed for good, or all that are open."""
    if slug == ALL:
        return list(catalogue.locations.values())
    return [each for each in catalogue.locations_by_id.values() if each.slug == slug]
