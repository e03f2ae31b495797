"""Nobody takes the calendar away from others: how long a time is held, and how many."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import holds
from booking.appointments.booking import Booked, book_hold
from booking.appointments.hold_limits import TooManyHolds
from booking.appointments.models import Appointment
from booking.appointments.rules import HOLD, MAX_HOLD, MAX_HOLDS
from booking.calendars.operations import SlotTaken
from booking.db.transactions import transaction
from booking.extensions import db
from tests.appointments.test_holds import a_filled_hold, a_hold
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, local

DAYS = (TOMORROW, TOMORROW + timedelta(days=1))


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def test_nobody_holds_a_time_for_ever_by_changing_to_and_fro(clinic: Clinic) -> None:
    token = a_hold()
    for minutes in range(0, 66, 5):
        hour = 10 if minutes % 2 else 14
        appointment = holds.change_hold_time(
            token, "ahwatukee", local(hour), NOW + timedelta(minutes=minutes)
        )
    assert appointment.expires_at == NOW + MAX_HOLD


def test_whoever_is_slow_can_still_book_a_time_that_stayed_free(clinic: Clinic) -> None:
    token = a_filled_hold()
    holds.renew_hold(token, NOW + timedelta(minutes=65))
    assert isinstance(book_hold(token, NOW + timedelta(minutes=66)), Booked)


def test_a_tab_opened_again_hours_later_holds_a_time_anew(clinic: Clinic) -> None:
    token, later = a_filled_hold(), NOW + timedelta(hours=3)
    holds.renew_hold(token, later)
    with pytest.raises(SlotTaken):
        a_booking(local(10), later)


def hold_from(address: str, hour: int, minute: int = 0) -> None:
    holds.create_hold(
        "consultation",
        "ahwatukee",
        local(hour, minute, day=DAYS[hour % 2]),
        NOW,
        held_from=address,
    )


def test_an_address_holds_only_so_many_times_at_once(clinic: Clinic) -> None:
    for number in range(MAX_HOLDS):
        hold_from("an address", 9 + number)
    with pytest.raises(TooManyHolds):
        hold_from("an address", 15)
    hold_from("another address", 15)


def test_holds_that_ended_count_no_longer(clinic: Clinic) -> None:
    for number in range(MAX_HOLDS):
        hold_from("an address", 9 + number)
    later = NOW + timedelta(minutes=11)
    appointment = holds.create_hold(
        "consultation", "ahwatukee", local(9), later, held_from="an address"
    )
    assert appointment.expires_at == later + HOLD


def test_holds_made_at_once_are_counted_one_after_the_other(app: Flask, clinic: Clinic) -> None:
    def try_one(number: int) -> bool:
        with app.app_context():
            try:
                hold_from("an address", 9 + number % 8)
            except (TooManyHolds, SlotTaken):
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(8) as pool:
        held = sum(pool.map(try_one, range(16)))
    assert held == MAX_HOLDS


def test_a_booking_keeps_no_trace_of_the_address(clinic: Clinic) -> None:
    token = a_filled_hold()
    with transaction():
        db.session.scalars(select(Appointment)).one().held_from = "an address"
    book_hold(token, NOW)
    assert db.session.scalars(select(Appointment.held_from)).all() == [None]
