"""Days as a calendar of a month shows them: with free times, or why there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from booking.calendars.availability import current_catalogue, get_location, get_service
from booking.calendars.booking_windows import BookingWindow
from booking.calendars.catalogue import BookableService, Practitioner
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slot_cache import DayStarts
from booking.calendars.slots import (
    compute_booking_window,
    filter_starts_within_window,
    list_bookable_days,
)
from booking.locations.rules import ResourceKind


class DayState(StrEnum):
    """What a day is to somebody who books online, as a code; of several locations the first that holds."""

    FREE = "free"
    FULL = "full"
    AWAY = "away"  # open, but the practitioner asked for isn't in
    TOO_SOON = "too_soon"  # past, or its times are within the notice
    CLOSED = "closed"
    TOO_FAR = "too_far"  # after the horizon
    RULED_OUT = "ruled_out"  # for an appointment that is moved: nothing that it may have


ORDER = list(DayState)


@dataclass(frozen=True, slots=True)
class BookableDay:
    """A local day at some locations: how many slots it has in all, or why it has none."""

    date: date
    state: DayState
    slot_count: int = 0


def list_calendar_days(
    service: str,
    locations: Sequence[str],
    first: date,
    last: date,
    now: datetime,
    practitioner: Practitioner | None = None,
) -> list[BookableDay]:
    """Return each local day in [first, last] as it can be booked online at `locations` (slugs).

    Raises `UnknownSlug`.
    """
    catalogue = current_catalogue()
    bookable = get_service(catalogue, service)
    reachable = list_bookable_days(catalogue, bookable, locations, first, last, now, practitioner)
    by_day: dict[date, list[BookableDay]] = {}
    for location, day_starts in reachable:
        day = _read_day(location, bookable, day_starts, now, practitioner)
        by_day.setdefault(day.date, []).append(day)
    calendars = [get_location(catalogue, slug) for slug in locations]
    windows = [
        (calendar, compute_booking_window(calendar, bookable, now)) for calendar in calendars
    ]
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [_merge(by_day.get(day) or [_unreachable(day, windows)]) for day in days]


def _read_day(
    location: LocationCalendar,
    service: BookableService,
    day_starts: DayStarts,
    now: datetime,
    practitioner: Practitioner | None,
) -> BookableDay:
    day = day_starts.free.day.local_date
    if count := filter_starts_within_window(location, service, day_starts, now).bit_count():
        return BookableDay(day, DayState.FREE, count)
    return BookableDay(day, _why_none(location, service, day_starts, now, practitioner))


def _why_none(
    location: LocationCalendar,
    service: BookableService,
    day_starts: DayStarts,
    now: datetime,
    practitioner: Practitioner | None,
) -> DayState:
    """Return why a day that the windows of the locations reach has no slot at this one."""
    day, window = day_starts.free.day.local_date, compute_booking_window(location, service, now)
    if day > window.last_day(location.zone):
        return DayState.TOO_FAR
    if day < window.first_day(location.zone) or day_starts.starts:
        return DayState.TOO_SOON
    if not location.is_open_on(day):
        return DayState.CLOSED
    people = location.free_day(day).by_kind(ResourceKind.PRACTITIONER)
    if practitioner is not None and not people.get(practitioner.resource_id):
        return DayState.AWAY
    return DayState.FULL


def _unreachable(
    day: date, windows: Sequence[tuple[LocationCalendar, BookingWindow]]
) -> BookableDay:
    """Return a day before or after the booking windows of all locations."""
    is_later = all(day > window.last_day(location.zone) for location, window in windows)
    return BookableDay(day, DayState.TOO_FAR if is_later else DayState.TOO_SOON)


def _merge(days: Sequence[BookableDay]) -> BookableDay:
    """Return one day of several locations': all slots, and the state that says most."""
    state = min((day.state for day in days), key=ORDER.index)
    return BookableDay(days[0].date, state, sum(day.slot_count for day in days))
