"""The location, the day and the free times that an address or a form asks for."""

from datetime import date, datetime

from flask import request

from booking import clock
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.local_days import list_instants
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import ResourceDemand
from booking.dates import is_plausible_date, parse_instant
from booking.desk.appointments.free_times import FreeTimes, list_free_times, list_times_to_move
from booking.desk.day.views import parse_date_or_404


def get_requested_location(default: LocationCalendar) -> LocationCalendar:
    """Return the location asked for, or `default`."""
    return availability.current_catalogue().locations.get(
        request.values.get("location", ""), default
    )


def parse_start(text: str | None, location: LocationCalendar) -> datetime | None:
    """Return the start written with its offset, or as a location's clock shows it, in UTC; else None.

    Of a time that the clock shows twice, the first.
    """
    if instant := parse_instant(text):
        return instant
    local = _parse_local_time(text)
    if local is None:
        return None
    return next(iter(list_instants(local.date(), local.time(), location.zone)), None)


def is_skipped_time(text: str, location: LocationCalendar) -> bool:
    """Tell whether a location's clock never shows this time, as it goes forward that day."""
    local = _parse_local_time(text)
    return local is not None and not list_instants(local.date(), local.time(), location.zone)


def _parse_local_time(text: str | None) -> datetime | None:
    try:
        local = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return None if local.tzinfo or not is_plausible_date(local.date()) else local


def get_requested_date(default: date) -> date:
    """Return the local day asked for, or `default`."""
    value = request.values.get("date")
    return parse_date_or_404(value) if value else default


def get_requested_first_day(default: date) -> date:
    """Return the first of the local days to show, as asked for, or `default`."""
    value = request.values.get("from")
    return parse_date_or_404(value) if value else default


def list_requested_free_times(
    location: LocationCalendar, demand: ResourceDemand, day: date, now: datetime
) -> FreeTimes:
    """Return the free times of two weeks from the day asked for on, or from `day`; none past."""
    return list_free_times(location, demand, _first_to_show(location, day, now), now)


def list_requested_move_times(
    appointment: Appointment,
    location: LocationCalendar,
    demand: ResourceDemand,
    day: date,
    now: datetime,
) -> FreeTimes:
    """Return where an appointment can be moved, of two weeks from the day asked for on; none past."""
    first = _first_to_show(location, day, now)
    return list_times_to_move(appointment, location, demand, first, now)


def _first_to_show(location: LocationCalendar, day: date, now: datetime) -> date:
    return max(get_requested_first_day(day), clock.local_date(now, location.zone.key))
