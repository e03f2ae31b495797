"""Slots: the starts that can be booked online now, within a service's notice and horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from booking.calendars.availability import (
    current_catalogue,
    get_location,
    get_service,
    list_starts_by_day,
)
from booking.calendars.booking_windows import BookingWindow
from booking.calendars.catalogue import BookableService, Catalogue, Practitioner
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slot_cache import DayStarts


@dataclass(frozen=True, slots=True)
class Slot:
    """A start at which a service could be booked at a location; instants in UTC.

    `practitioner` is the one asked for; None when any will do.
    """

    starts_at: datetime
    ends_at: datetime
    location: LocationCalendar
    service: BookableService
    practitioner: Practitioner | None = None

    @property
    def local_start(self) -> datetime:
        """The start in the location's zone."""
        return self.starts_at.astimezone(self.location.zone)


def list_slots(
    service: str,
    locations: Sequence[str] | None,
    first: date,
    last: date,
    now: datetime,
    practitioner: Practitioner | None = None,
) -> list[Slot]:
    """Return the slots that can be booked online on local days [first, last], soonest first.

    `locations` by slug, or None for all; a `practitioner` leaves those with that one. Notice and
    horizon are cut here, after the look-up. Raises `UnknownSlug`.
    """
    catalogue = current_catalogue()
    bookable = get_service(catalogue, service)
    slots = [
        Slot(
            starts_at,
            starts_at + timedelta(minutes=bookable.minutes),
            location,
            bookable,
            practitioner,
        )
        for location, day_starts in list_bookable_days(
            catalogue, bookable, locations, first, last, now, practitioner
        )
        for starts_at in map(
            day_starts.free.day.cell_start,
            iter_bits(filter_starts_within_window(location, bookable, day_starts, now)),
        )
    ]
    return sorted(slots, key=lambda slot: (slot.starts_at, slot.location.id))


def list_bookable_days(
    catalogue: Catalogue,
    service: BookableService,
    locations: Sequence[str] | None,
    first: date,
    last: date,
    now: datetime,
    practitioner: Practitioner | None = None,
) -> list[tuple[LocationCalendar, DayStarts]]:
    """Return the possible starts of each local day in [first, last] that a window can reach.

    Reads no day that cannot: the windows of the locations lie between the first one's beginning and the
    last one's end.
    """
    slugs = catalogue.locations if locations is None else dict.fromkeys(locations)
    calendars = [get_location(catalogue, slug) for slug in slugs]
    windows = [(location, compute_booking_window(location, service, now)) for location in calendars]
    earliest = min((window.first_day(location.zone) for location, window in windows), default=first)
    latest = max((window.last_day(location.zone) for location, window in windows), default=last)
    demand = service.demand_of(practitioner.resource_id if practitioner else None)
    demands = [(location, demand) for location in calendars]
    return list_starts_by_day(demands, max(first, earliest), min(last, latest), now)


def compute_booking_window(
    location: LocationCalendar, service: BookableService, now: datetime
) -> BookingWindow:
    """Return when appointments may start that are booked online now; never for a service that can't be."""
    if not service.bookable_online:
        return BookingWindow(now, now)
    return BookingWindow.open_at(now, service.notice, service.horizon, location.zone)


def compute_last_bookable_day(location: LocationCalendar, now: datetime) -> date:
    """Return the last local day for which any service can be booked online now; today without one."""
    services = current_catalogue().services.values()
    windows = (compute_booking_window(location, service, now) for service in services)
    closing = max((window.closes_at for window in windows), default=now)
    return BookingWindow(now, closing).last_day(location.zone)


def is_bookable_online(
    location: LocationCalendar, service: BookableService, starts_at: datetime, now: datetime
) -> bool:
    """Tell whether a start keeps notice and horizon, and the service may be booked online at all."""
    return compute_booking_window(location, service, now).allows(starts_at)


def filter_starts_within_window(
    location: LocationCalendar, service: BookableService, day_starts: DayStarts, now: datetime
) -> int:
    """Return the cells of the day's starts that may be booked online."""
    window = compute_booking_window(location, service, now)
    return day_starts.starts & window.cells_of(day_starts.free.day)


def window_valid_until(
    location: LocationCalendar, service: BookableService, day_starts: DayStarts, now: datetime
) -> datetime:
    """Return when time alone changes a day's `filter_starts_within_window`: a hold expires, notice passes."""
    cells = filter_starts_within_window(location, service, day_starts, now)
    day = day_starts.free.day
    until = day.ends_at
    if cells:
        until = day.cell_start(next(iter_bits(cells))) - timedelta(minutes=service.notice)
    return min(until, day_starts.valid_until or until)
