"""Weekly rules are dated: what changes begins on a day, and what it replaces ends before."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from booking.extensions import db
from booking.locations.models import Closure
from tests.clinic.files import changed
from tests.clinic.loads import (
    A_LONG_MONDAY,
    A_MONDAY,
    LATER,
    TODAY,
    hours_of_mondays,
    loaded,
    the_location,
)


@pytest.mark.usefixtures("app")
def test_new_hours_begin_where_the_old_ones_end() -> None:
    loaded()
    longer = changed((A_MONDAY, 'monday = "08:00-19:00"'))
    result = loaded(longer, LATER)
    day = TODAY + timedelta(days=10)
    expected = [
        (time(17, 30), date(2026, 1, 1), day - timedelta(days=1)),
        (time(19), day, None),
    ]
    assert result.lines == (
        "added opening_hours ahwatukee 0 08:00:00 19:00:00",
        "retired opening_hours ahwatukee 0 08:00:00 17:30:00",
    )
    assert hours_of_mondays() == expected
    assert not loaded(longer, LATER + timedelta(days=3))
    assert hours_of_mondays() == expected


@pytest.mark.usefixtures("app")
def test_hours_may_be_announced_for_a_later_date() -> None:
    loaded()
    longer = changed(
        ("valid_from = 2026-01-01", "valid_from = 2027-01-01"),
        (A_MONDAY, 'monday = "08:00-19:00"'),
    )
    loaded(longer, LATER)
    assert hours_of_mondays() == [
        (time(17, 30), date(2026, 1, 1), date(2026, 12, 31)),
        (time(19), date(2027, 1, 1), None),
    ]
    assert len(hours_of_mondays("scottsdale")) == 1
    assert not loaded(longer, LATER)


@pytest.mark.usefixtures("app")
def test_hours_taken_back_before_they_held_leave_no_trace() -> None:
    loaded()
    later = ("valid_from = 2026-01-01", "valid_from = 2027-01-01")
    loaded(changed(later, (A_MONDAY, 'monday = "08:00-19:00"')), LATER)
    loaded(changed(later), LATER)
    assert hours_of_mondays() == [(time(17, 30), date(2026, 1, 1), None)]


ANNOUNCED = (("valid_from = 2026-01-01", "valid_from = 2027-06-01"), (A_MONDAY, A_LONG_MONDAY))


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("moved_to", [date(2027, 1, 1), date(2027, 9, 1)])
def test_announced_hours_may_begin_on_another_day(moved_to: date) -> None:
    loaded()
    loaded(changed(*ANNOUNCED), LATER)
    again = changed(("2026-01-01", moved_to.isoformat()), (A_MONDAY, A_LONG_MONDAY))
    assert loaded(again, LATER)
    assert hours_of_mondays() == [
        (time(17, 30), date(2026, 1, 1), moved_to - timedelta(days=1)),
        (time(19), moved_to, None),
    ]
    assert not loaded(again, LATER)


@pytest.mark.usefixtures("app")
def test_a_clinic_that_was_to_begin_too_late_begins_today() -> None:
    loaded(changed(("2026-01-01", "2027-06-01")))
    loaded()
    assert hours_of_mondays() == [(time(17, 30), TODAY, None)]
    assert not loaded()


@pytest.mark.usefixtures("app")
def test_hours_changed_now_replace_those_announced_and_those_that_hold() -> None:
    loaded()
    loaded(changed(*ANNOUNCED), LATER)
    now, day = LATER + timedelta(days=1), TODAY + timedelta(days=11)
    other = changed((A_MONDAY, 'monday = "09:00-20:00"'))
    loaded(other, now)
    assert hours_of_mondays() == [
        (time(17, 30), date(2026, 1, 1), day - timedelta(days=1)),
        (time(20), day, None),
    ]
    assert not loaded(other, now)


@pytest.mark.usefixtures("app")
def test_today_is_the_locations_day_not_that_of_utc() -> None:
    loaded()
    evening = datetime(2026, 12, 2, 3, 0, tzinfo=UTC)  # still 1 December in Phoenix
    loaded(changed((A_MONDAY, 'monday = "08:00-19:00"')), evening)
    assert hours_of_mondays()[1][1] == date(2026, 12, 1)


@pytest.mark.usefixtures("app")
def test_holidays_close_both_locations_for_three_years() -> None:
    loaded()
    rows = db.session.scalars(select(Closure).filter_by(location_id=the_location().id)).all()
    days = {row.first_day: row.name for row in rows}
    assert days[date(2027, 11, 26)] == "Day After Thanksgiving"
    assert days[date(2027, 12, 24)] == "Christmas Day (observed)"
    assert max(days) == date(2028, 12, 25)
    assert date(2027, 10, 11) not in days  # Columbus Day
    assert min(days) >= TODAY


@pytest.mark.usefixtures("app")
def test_a_coming_holiday_no_longer_kept_is_open_again() -> None:
    loaded()
    loaded(changed(('"Labor Day", ', "")))
    labor_day = date(2027, 9, 6)
    assert not db.session.scalars(select(Closure).filter_by(first_day=labor_day)).all()
