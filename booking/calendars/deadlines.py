"""By when a person deals with something, counted in the opening hours of the places that may do it.

Nights, closed days and holidays count for nothing, so that no promise falls on them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.calendars.places import Place

DAY = timedelta(days=1)  # by the clock, where no place opens for weeks
AT_ONCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """An instant in UTC, and the IANA name of the zone in which the place that keeps it lives."""

    at: datetime
    zone: str


def end_of_open_day(places: Iterable[Place], now: datetime, days: int = 1) -> Deadline:
    """Return when the `days`-th day of opening after today ends, where among `places` that is first."""
    reached = [(place, _closing(place, now, days)) for place in places]
    return _first(reached, now + days * DAY)


def after_open_hours(places: Iterable[Place], now: datetime, wanted: timedelta) -> Deadline:
    """Return when a place has been open for `wanted` since `now`, where among `places` that is first."""
    reached = [(place, _reached(place, now, wanted)) for place in places]
    return _first(reached, now + wanted)


def before_open_days(
    places: Iterable[Place], starts_at: datetime, now: datetime, days: int
) -> Deadline:
    """Return when the `days`-th day of opening before the day of `starts_at` ends, where that is first.

    Of fewer days, the first; where none is left, it is in an hour, or by `starts_at` itself.
    """
    reached = [(place, _closing_before(place, starts_at, now, days)) for place in places]
    return _first(reached, min(starts_at, now + AT_ONCE))


def _closing_before(place: Place, starts_at: datetime, now: datetime, days: int) -> datetime | None:
    local_date, closings = starts_at.astimezone(place.zone).date(), list[datetime]()
    while len(closings) < days:
        local_date -= DAY
        day = place.day(local_date)
        if day.ends <= now:
            break
        if opened := place.opened(day):
            closings.append(day.instant(opened.bit_length()))
    return next((at for at in reversed(closings) if at > now), None)


def _first(reached: list[tuple[Place, datetime | None]], by_the_clock: datetime) -> Deadline:
    kept = [Deadline(at, place.zone.key) for place, at in reached if at is not None]
    return min(kept, default=Deadline(by_the_clock, reached[0][0].zone.key if reached else "UTC"))


def _closing(place: Place, now: datetime, days: int) -> datetime | None:
    closings: dict[object, datetime] = {now.astimezone(place.zone).date(): now}
    for begins, ends in place.open_from(now):
        day = begins.astimezone(place.zone).date()
        if day not in closings and len(closings) > days:
            break
        closings[day] = ends
    return list(closings.values())[days] if len(closings) > days else None


def _reached(place: Place, now: datetime, wanted: timedelta) -> datetime | None:
    for begins, ends in place.open_from(now):
        if ends - begins >= wanted:
            return begins + wanted
        wanted -= ends - begins
    return None
