"""What a calendar of days says of each: free times, or why there are none."""

from datetime import date, timedelta

import pytest
from flask import Flask

from booking.calendars import availability
from booking.calendars.availability import current_catalogue
from booking.calendars.bookable_days import BookableDay, DayState, list_calendar_days
from booking.calendars.slots import list_slots
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff.models import Shift
from tests.builders import NOW, TOMORROW, a_booking, a_clinic, a_closure, local

TODAY = TOMORROW - timedelta(days=1)  # a Monday
SUNDAY = date(2026, 12, 6)
HORIZON = TODAY + timedelta(days=60)


def states(*days: date, slugs: tuple[str, ...] = ("ahwatukee",)) -> list[DayState]:
    listed = list_calendar_days("consultation", slugs, min(days), max(days), NOW)
    return [day.state for day in listed if day.date in days]


def fill(day: date, location: str = "ahwatukee") -> None:
    for hour in range(9, 17):
        a_booking(local(hour, day=day), location=location)


def test_a_day_has_as_many_slots_as_are_listed(app: Flask) -> None:
    a_clinic()
    a_booking(local(10))
    slots = list_slots("consultation", None, TOMORROW, TOMORROW, NOW)
    (day,) = list_calendar_days("consultation", ["ahwatukee"], TOMORROW, TOMORROW, NOW)
    assert day == BookableDay(TOMORROW, DayState.FREE, len(slots))


def test_a_day_without_times_says_why(app: Flask) -> None:
    clinic = a_clinic(weekdays=range(6))
    a_closure(clinic.location, TOMORROW)
    full = TOMORROW + timedelta(days=1)
    fill(full)
    yesterday, beyond = TODAY - timedelta(days=1), HORIZON + timedelta(days=1)
    assert states(yesterday, TODAY, TOMORROW, full, SUNDAY, HORIZON, beyond) == [
        DayState.TOO_SOON, DayState.FREE, DayState.CLOSED, DayState.FULL, DayState.CLOSED,
        DayState.FREE, DayState.TOO_FAR,
    ]  # fmt: skip


def test_today_is_too_soon_once_its_times_are_within_the_notice(app: Flask) -> None:
    a_clinic()
    (day,) = list_calendar_days("consultation", ["ahwatukee"], TODAY, TODAY, local(15, day=TODAY))
    assert day == BookableDay(TODAY, DayState.TOO_SOON)


def test_of_two_locations_a_day_is_free_where_one_is(app: Flask) -> None:
    clinic = a_clinic()
    a_clinic(slug="scottsdale")
    both = ("ahwatukee", "scottsdale")
    a_closure(clinic.location, TOMORROW)
    (day,) = list_calendar_days("consultation", both, TOMORROW, TOMORROW, NOW)
    assert day.state is DayState.FREE
    assert day.slot_count == len(
        list_slots("consultation", ["scottsdale"], day.date, day.date, NOW)
    )
    fill(TOMORROW, "scottsdale")
    assert states(TOMORROW, slugs=both) == [DayState.FULL]


def test_a_practitioner_who_is_not_in_is_said_to_be_away(app: Flask) -> None:
    a_clinic(practitioners=2, rooms=2)
    first, second = current_catalogue().practitioners.values()
    with transaction():
        staff_id = db.session.scalars(db.select(Shift.staff_id).order_by(Shift.id)).first()
        for shift in db.session.scalars(db.select(Shift).filter_by(staff_id=staff_id, weekday=1)):
            db.session.delete(shift)
        availability.increment_catalogue_version()
    days = {
        person: list_calendar_days("consultation", ["ahwatukee"], TOMORROW, TOMORROW, NOW, person)
        for person in (None, first, second)
    }
    assert {person: day.state for person, (day,) in days.items()} == {
        None: DayState.FREE, first: DayState.AWAY, second: DayState.FREE,
    }  # fmt: skip


@pytest.mark.parametrize("slug", ["tucson", ""])
def test_an_unknown_location_is_refused(app: Flask, slug: str) -> None:
    a_clinic()
    with pytest.raises(availability.UnknownSlug):
        states(TOMORROW, slugs=(slug,))
