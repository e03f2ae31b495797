"""What takes a patient's time and day, at the boundaries."""

from datetime import date, datetime, timedelta

import pytest

from booking.appointments.conflicts import conflicts_with
from booking.appointments.models import Appointment
from booking.appointments.rules import OCCUPYING_STATES, Status
from tests.builders import TOMORROW, local

TEN, ELEVEN, NOON = local(10), local(11), local(12)
NEXT_DAY = TOMORROW + timedelta(days=1)


def an_appointment(status: Status = Status.BOOKED, *, is_infusion: bool = False) -> Appointment:
    """From eleven to noon, not saved."""
    return Appointment(
        status=status, starts_at=ELEVEN, ends_at=NOON, local_date=TOMORROW, is_infusion=is_infusion
    )


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "conflict"),
    [
        (TEN, ELEVEN, False),
        (TEN, ELEVEN + timedelta(minutes=5), True),
        (NOON, local(13), False),
        (NOON - timedelta(minutes=5), local(13), True),
    ],
)
def test_appointments_that_only_touch_are_allowed(
    starts_at: datetime, ends_at: datetime, conflict: bool
) -> None:
    answer = conflicts_with(an_appointment(), starts_at, ends_at, TOMORROW, is_infusion=False)
    assert answer is conflict


@pytest.mark.parametrize("status", Status)
def test_time_is_taken_by_who_is_booked_or_here(status: Status) -> None:
    answer = conflicts_with(an_appointment(status), ELEVEN, NOON, TOMORROW, is_infusion=False)
    assert answer is (status in OCCUPYING_STATES)


@pytest.mark.parametrize(
    ("is_infusion", "day", "conflict"),
    [(True, TOMORROW, True), (True, NEXT_DAY, False), (False, TOMORROW, False)],
)
def test_an_infusion_takes_the_day_for_other_infusions(
    is_infusion: bool, day: date, conflict: bool
) -> None:
    given = an_appointment(Status.FULFILLED, is_infusion=True)
    assert conflicts_with(given, TEN, ELEVEN, day, is_infusion=is_infusion) is conflict
