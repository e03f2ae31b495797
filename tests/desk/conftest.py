"""A clinic with people at the desk, at eight on a Monday morning in Phoenix."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.builders import NOW, Clinic, a_clinic
from tests.desk.signed_in import sign_in


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Monday, 30 November 2026, 08:00 in Phoenix, standing still."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def clinic(app: Flask, clock: time_machine.Traveller) -> Clinic:
    """One location with its people."""
    return a_clinic()


@pytest.fixture
def desk(app: Flask, clinic: Clinic) -> FlaskClient:
    """The front desk's browser."""
    return sign_in(app, clinic.front_desk)


@pytest.fixture
def practitioner(app: Flask, clinic: Clinic) -> FlaskClient:
    """A practitioner's browser."""
    return sign_in(app, clinic.practitioner)
