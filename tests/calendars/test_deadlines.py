"""Deadlines counted in opening hours: by example around a holiday, and by property."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.calendars.deadlines import Deadline, after_business_hours, end_of_business_day
from booking.calendars.location_calendars import LocationCalendar
from tests.builders import PHOENIX
from tests.calendars.test_places import a_place

ZONE = "America/Phoenix"
WEDNESDAY, THANKSGIVING, FRIDAY = date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)
MONDAY = date(2026, 11, 30)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), PHOENIX).astimezone(UTC)


@pytest.fixture
def location() -> LocationCalendar:
    """Open on weekdays from 9 to 12 and from 13 to 17; closed on Thanksgiving."""
    return a_place((THANKSGIVING, THANKSGIVING))


@pytest.mark.parametrize(
    ("now", "days", "expected"),
    [
        (at(WEDNESDAY, 7), 1, at(FRIDAY, 17)),
        (at(WEDNESDAY, 15), 1, at(FRIDAY, 17)),
        (at(WEDNESDAY, 23, 59), 1, at(FRIDAY, 17)),
        (at(THANKSGIVING, 12), 1, at(FRIDAY, 17)),
        (at(FRIDAY, 16), 1, at(MONDAY, 17)),
        (at(date(2026, 11, 28), 12), 1, at(MONDAY, 17)),
        (at(WEDNESDAY, 15), 2, at(MONDAY, 17)),
    ],
)
def test_the_next_working_day_is_one_of_opening(
    location: LocationCalendar, now: datetime, days: int, expected: datetime
) -> None:
    assert end_of_business_day([location], now, days) == Deadline(expected, ZONE)


@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        (at(WEDNESDAY, 9), 4, at(WEDNESDAY, 14)),
        (at(WEDNESDAY, 16), 4, at(FRIDAY, 12)),
        (at(THANKSGIVING, 3), 1, at(FRIDAY, 10)),
        (at(FRIDAY, 13), 4, at(FRIDAY, 17)),
    ],
)
def test_hours_are_counted_while_it_is_open(
    location: LocationCalendar, now: datetime, hours: int, expected: datetime
) -> None:
    assert after_business_hours([location], now, timedelta(hours=hours)).at == expected


def test_of_several_places_the_first_that_can_keep_it_counts(location: LocationCalendar) -> None:
    closed_longer = a_place((WEDNESDAY, MONDAY))
    assert end_of_business_day([closed_longer, location], at(WEDNESDAY, 15)).at == at(FRIDAY, 17)


def test_where_nobody_opens_for_months_the_clock_counts() -> None:
    closed = a_place((WEDNESDAY, date(2027, 12, 31)))
    assert end_of_business_day([closed], at(WEDNESDAY, 15)).at == at(THANKSGIVING, 15)
    assert after_business_hours([], at(WEDNESDAY, 15), timedelta(hours=4)).at == at(WEDNESDAY, 19)


DAYS = st.dates(date(2026, 11, 1), date(2027, 3, 1))
MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2027, 3, 1), timezones=st.just(PHOENIX))  # noqa: DTZ001
CLOSURES = st.lists(st.tuples(DAYS, st.integers(0, 9)), max_size=4)


@given(MOMENTS, CLOSURES, st.integers(1, 3))
def test_a_working_days_end_falls_on_a_day_of_opening(
    now: datetime, closures: list[tuple[date, int]], days: int
) -> None:
    spans = [(first, first + timedelta(days=length)) for first, length in closures]
    reached = end_of_business_day([a_place(*spans)], now, days).at.astimezone(PHOENIX)
    assert reached.date() > now.date()
    assert reached.weekday() < 5
    assert reached.time() == time(17)
    assert not any(first <= reached.date() <= last for first, last in spans)


@given(MOMENTS, CLOSURES, st.integers(1, 20 * 60))
def test_exactly_the_wanted_time_is_open_until_the_deadline(
    now: datetime, closures: list[tuple[date, int]], minutes: int
) -> None:
    spans = [(first, first + timedelta(days=length)) for first, length in closures]
    location, wanted = a_place(*spans), timedelta(minutes=minutes)
    reached = after_business_hours([location], now, wanted).at
    inside = (
        min(end, reached) - begin
        for begin, end in location.iter_opening_times(now)
        if begin < reached
    )
    assert sum(inside, timedelta()) == wanted
