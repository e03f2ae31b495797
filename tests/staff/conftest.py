"""Someone at the desk who has a password, at eight on a Monday morning."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from booking.staff.models import Staff
from booking.staff.password_changes import set_password
from tests.builders import NOW, Clinic, a_clinic
from tests.staff.door import PASSWORD, sign_in
from tests.staff.managers import a_manager, confirmed_browser


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    """Monday, 30 November 2026, 08:00 in Phoenix, standing still."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(app: Flask, time: time_machine.Traveller) -> Staff:
    """Someone at the front desk who has a password."""
    staff_member = a_clinic().front_desk
    set_password(staff_member.email, PASSWORD, NOW)
    return staff_member


@pytest.fixture
def signed_in(client: FlaskClient, person: Staff) -> FlaskClient:
    """A browser whose person has signed in."""
    assert sign_in(client, person.email).location == "/desk/"
    return client


@pytest.fixture
def clinic(app: Flask, time: time_machine.Traveller) -> Clinic:
    """One location with its people."""
    return a_clinic()


@pytest.fixture
def manager(app: Flask, clinic: Clinic) -> FlaskClient:
    """The browser of a manager who has lately said who they are."""
    return confirmed_browser(app, a_manager())
