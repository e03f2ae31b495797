"""How soon somebody could be seen: days to the third open slot (IHI)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from booking.calendars.availability import list_starts_by_day
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slot_cache import DayStarts
from booking.calendars.slots import compute_booking_window
from booking.measures.figures import Figure, Unit

THIRD = 3  # the next two may be chance: a cancellation a minute ago
LOOK_AHEAD = timedelta(days=84)
DAY = timedelta(days=1)


def measure_third_opening(
    service: BookableService | None, locations: Sequence[LocationCalendar], now: datetime
) -> Figure:
    """Return in how many days from today the third open slot of a service is; held ones are taken.

    Online slots of a service that is booked online, else all that the desk can book. No value where none
    is open within twelve weeks, or the service isn't offered; `whole` is how many are.
    """
    if service is None:
        return Figure(None, Unit.DAYS, 0)
    first = now.date() - DAY  # somewhere it may still be that
    demands = [(location, service.demand) for location in locations]
    days: list[int] = []
    for location, day_starts in list_starts_by_day(demands, first, first + LOOK_AHEAD, now):
        today = now.astimezone(location.zone).date()
        count = _find_open_cells(location, service, day_starts, now).bit_count()
        days += [(day_starts.free.day.local_date - today).days] * count
    in_turn = sorted(days)
    value = float(in_turn[THIRD - 1]) if len(in_turn) >= THIRD else None
    return Figure(value, Unit.DAYS, len(in_turn))


def _find_open_cells(
    location: LocationCalendar, service: BookableService, day_starts: DayStarts, now: datetime
) -> int:
    day = day_starts.free.day
    if service.bookable_online:
        return day_starts.starts & compute_booking_window(location, service, now).cells_of(day)
    return day_starts.starts & day.cells_beginning(now, day.ends_at)
