"""When a location is open next."""

from datetime import UTC, date, datetime, time

import pytest

from booking.calendars.location_calendars import ClosedDays, LocationCalendar, WeeklyHours
from tests.builders import PHOENIX, SINCE

MONDAY, FRIDAY = date(2026, 11, 30), date(2026, 12, 4)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), PHOENIX).astimezone(UTC)


def a_place(*closures: tuple[date, date]) -> LocationCalendar:
    """Return a place open on weekdays from 9 to 12 and from 13 to 17."""
    hours = tuple(
        WeeklyHours(weekday, time(begins), time(ends), SINCE, None)
        for weekday in range(5)
        for begins, ends in ((9, 12), (13, 17))
    )
    closed = tuple(ClosedDays(*days) for days in closures)
    named = (1, "here", "Here", "Here", "+16025550100")
    return LocationCalendar(*named, PHOENIX, hours, closed, {}, (), (), ())


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(MONDAY, 7), (at(MONDAY, 9), at(MONDAY, 12))),
        (at(MONDAY, 10), (at(MONDAY, 10), at(MONDAY, 12))),
        (at(MONDAY, 12), (at(MONDAY, 13), at(MONDAY, 17))),
        (at(FRIDAY, 18), (at(date(2026, 12, 7), 9), at(date(2026, 12, 7), 12))),
    ],
)
def test_a_place_is_open_next_when_its_hours_say(
    now: datetime, expected: tuple[datetime, datetime]
) -> None:
    assert a_place().next_opening(now) == expected


def test_closures_are_passed_over() -> None:
    opening = a_place((MONDAY, date(2026, 12, 1))).next_opening(at(MONDAY, 10))
    assert opening == (at(date(2026, 12, 2), 9), at(date(2026, 12, 2), 12))


def test_a_place_closed_for_weeks_opens_at_no_stated_time() -> None:
    assert a_place((MONDAY, date(2026, 12, 31))).next_opening(at(MONDAY, 10)) is None
