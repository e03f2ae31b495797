"""By when a person deals with something, counted in the opening hours of the places that may do it.

Nights, closed days and holidays count for nothing, so that no promise falls on them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.calendars.location_calendars import LocationCalendar

DAY = timedelta(days=1)  # by the clock, where no place opens for weeks
AT_ONCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """An instant in UTC, and the IANA name of the zone in which the place that keeps it lives."""

    at: datetime
    zone: str


def end_of_business_day(
    places: Iterable[LocationCalendar], now: datetime, days: int = 1
) -> Deadline:
    """Return when the `days`-th day of opening after today ends, where among `places` that is first."""
    reached = [(place, _closing(place, now, days)) for place in places]
    return _earliest(reached, now + days * DAY)


def after_business_hours(
    places: Iterable[LocationCalendar], now: datetime, wanted: timedelta
) -> Deadline:
    """Return when a place has been open for `wanted` since `now`, where among `places` that is first."""
    reached = [(place, _business_hours_end(place, now, wanted)) for place in places]
    return _earliest(reached, now + wanted)


def before_business_days(
    places: Iterable[LocationCalendar], starts_at: datetime, now: datetime, days: int
) -> Deadline:
    """Return when the `days`-th day of opening before the day of `starts_at` ends, where that is first.

    Of fewer days, the first; where none is left, it is in an hour, or by `starts_at` itself.
    """
    reached = [(place, _closing_before(place, starts_at, now, days)) for place in places]
    return _earliest(reached, min(starts_at, now + AT_ONCE))


def _closing_before(
    place: LocationCalendar, starts_at: datetime, now: datetime, days: int
) -> datetime | None:
    local_date, closings = starts_at.astimezone(place.zone).date(), list[datetime]()
    while len(closings) < days:
        local_date -= DAY
        day = place.local_day(local_date)
        if day.ends_at <= now:
            break
        if opened := place.open_cells(day):
            closings.append(day.cell_start(opened.bit_length()))
    return next((at for at in reversed(closings) if at > now), None)


def _earliest(
    reached: list[tuple[LocationCalendar, datetime | None]], by_the_clock: datetime
) -> Deadline:
    kept = [Deadline(at, place.zone.key) for place, at in reached if at is not None]
    return min(kept, default=Deadline(by_the_clock, reached[0][0].zone.key if reached else "UTC"))


def _closing(place: LocationCalendar, now: datetime, days: int) -> datetime | None:
    closings: dict[object, datetime] = {now.astimezone(place.zone).date(): now}
    for begins, ends in place.iter_opening_times(now):
        day = begins.astimezone(place.zone).date()
        if day not in closings and len(closings) > days:
            break
        closings[day] = ends
    return list(closings.values())[days] if len(closings) > days else None


def _business_hours_end(
    place: LocationCalendar, now: datetime, wanted: timedelta
) -> datetime | None:
    for begins, ends in place.iter_opening_times(now):
        if ends - begins >= wanted:
            return begins + wanted
        wanted -= ends - begins
    return None
