"""A clinic whose days are full, so that whatever frees up is the only free time."""

import pytest
from flask import Flask

from booking.appointments.models import Appointment
from tests.builders import Clinic
from tests.waitlist.waiting import a_small_clinic, full_days, nine, somebody_waiting

FULL = 6  # days from tomorrow on


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_small_clinic()


@pytest.fixture
def booked(clinic: Clinic) -> list[Appointment]:
    """Others' appointments, one each day at nine."""
    return full_days(FULL)


@pytest.fixture
def waiting(clinic: Clinic, booked: list[Appointment]) -> Appointment:
    """The appointment, on the first day after the full ones, of somebody who waits."""
    return somebody_waiting(clinic, nine(FULL))
