"""By when a person deals with something, counted in the opening hours of the places that may do it.

Nights, closed days and holidays count for nothing, so that no promise falls on them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.calendars.location_calendars import LocationCalendar

DAY = timedelta(days=1)  # by the clock, where no place opens for weeks
URGENT_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """An instant in UTC, and the IANA name of the zone in which the place that keeps it lives."""

    at: datetime
    zone: str


def end_of_business_day(
    locations: Iterable[LocationCalendar], now: datetime, days: int = 1
) -> Deadline:
    """Return when the `days`-th day of opening after today ends, where among `locations` that is first."""
    closings = [(location, _closing(location, now, days)) for location in locations]
    return _earliest(closings, now + days * DAY)


def after_business_hours(
    locations: Iterable[LocationCalendar], now: datetime, duration: timedelta
) -> Deadline:
    """Return when a place has been open for `duration` since `now`, where among `locations` that is first."""
    times = [(location, _business_hours_end(location, now, duration)) for location in locations]
    return _earliest(times, now + duration)


def measure_opening_time(location: LocationCalendar, now: datetime, until: datetime) -> timedelta:
    """Return how long a location is open from `now` to a deadline; nothing once that is past."""
    total = timedelta()
    for begins, ends in location.iter_opening_times(now):
        if begins >= until:
            break
        total += min(ends, until) - begins
    return total


def before_business_days(
    locations: Iterable[LocationCalendar], starts_at: datetime, now: datetime, days: int
) -> Deadline:
    """Return when the `days`-th day of opening before the day of `starts_at` ends, where that is first.

    Of fewer days, the first; where none is left, it is in an hour, or by `starts_at` itself.
    """
    closings = [
        (location, _closing_before(location, starts_at, now, days)) for location in locations
    ]
    return _earliest(closings, min(starts_at, now + URGENT_WITHIN))


def _closing_before(
    location: LocationCalendar, starts_at: datetime, now: datetime, days: int
) -> datetime | None:
    local_date, closings = starts_at.astimezone(location.zone).date(), list[datetime]()
    while len(closings) < days:
        local_date -= DAY
        day = location.local_day(local_date)
        if day.ends_at <= now:
            break
        if open_cells := location.open_cells(day):
            closings.append(day.cell_start(open_cells.bit_length()))
    return next((at for at in reversed(closings) if at > now), None)


def _earliest(
    times: list[tuple[LocationCalendar, datetime | None]], by_the_clock: datetime
) -> Deadline:
    deadlines = [Deadline(at, location.zone.key) for location, at in times if at is not None]
    return min(deadlines, default=Deadline(by_the_clock, times[0][0].zone.key if times else "UTC"))


def _closing(location: LocationCalendar, now: datetime, days: int) -> datetime | None:
    closings: dict[object, datetime] = {now.astimezone(location.zone).date(): now}
    for begins, ends in location.iter_opening_times(now):
        day = begins.astimezone(location.zone).date()
        if day not in closings and len(closings) > days:
            break
        closings[day] = ends
    return list(closings.values())[days] if len(closings) > days else None


def _business_hours_end(
    location: LocationCalendar, now: datetime, duration: timedelta
) -> datetime | None:
    for begins, ends in location.iter_opening_times(now):
        if ends - begins >= duration:
            return begins + duration
        duration -= ends - begins
    return None
