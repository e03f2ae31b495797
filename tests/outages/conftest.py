"""A clinic that the tests of outages close."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from booking.appointments.models import Appointment
from booking.outages.models import AffectedPatient
from tests.builders import NOW, Clinic, a_booking, a_clinic, local
from tests.outages.cases import IN_TWO_DAYS, applied, closing


@pytest.fixture
def _morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinic(app: Flask, _morning: None) -> Clinic:
    """A clinic of one location, with one room, two chairs and two nurses, on a Monday morning."""
    return a_clinic(chairs=2, nurses=2)


@pytest.fixture
def hit(clinic: Clinic) -> Appointment:
    """A consultation in two days."""
    return a_booking(local(10, day=IN_TWO_DAYS))


@pytest.fixture
def affected(clinic: Clinic, hit: Appointment) -> AffectedPatient:
    """Its patient, asked about another time as the location closes that day."""
    return applied(closing(clinic), clinic)[0]
