"""A clinic with one time a day, whose first days are full, and somebody who would come sooner."""

from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient

from booking.appointments.models import Appointment
from booking.waitlist.models import WaitlistOffer
from tests.builders import NOW, Clinic, a_booking
from tests.site.waitlist.forms import FULL, join
from tests.waitlist.waiting import (
    a_small_clinic,
    free_up,
    full_days,
    nine,
    tick,
)


@pytest.fixture
def clinic(client: FlaskClient) -> Iterator[Clinic]:
    """One time a day, and the first days are full."""
    with time_machine.travel(NOW, tick=False):
        yield a_small_clinic()


@pytest.fixture
def booked(clinic: Clinic) -> list[Appointment]:
    return full_days(FULL)


@pytest.fixture
def appointment(booked: list[Appointment]) -> Appointment:
    """The appointment of somebody who would come sooner."""
    return a_booking(nine(FULL))


@pytest.fixture
def offered(
    client: FlaskClient, appointment: Appointment, booked: list[Appointment]
) -> WaitlistOffer:
    """The first day freed, and offered to who joined by the page."""
    join(client, appointment)
    free_up(booked[0])
    (made,) = tick(NOW)
    return made
