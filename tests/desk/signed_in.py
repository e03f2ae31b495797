"""A browser of someone signed in at the desk, as far as a test client goes."""

import functools

from flask import Flask
from flask.testing import FlaskClient

from booking import clock
from booking.db.transactions import transaction
from booking.desk.people.signed_in import KEY
from booking.extensions import db
from booking.staff import operations as staff
from booking.staff import passwords
from booking.staff.models import Staff
from booking.staff.second_factors import has_second_factor
from tests.written_once import written_once

PASSWORD = "a password for tests"


def sign_in(app: Flask, person: Staff) -> FlaskClient:
    """Return a client with the cookies of `person`, who has just signed in."""
    client = app.test_client()
    with client.session_transaction() as cookies:
        cookies[KEY] = open_session(person)
    return client


@written_once
def open_session(person: Staff) -> str:
    """Return the key of a new sign-in of `person`, whose password is PASSWORD from now on.

    It isn't typed and tried: tests/staff does.
    """
    with transaction():
        db.session.get_one(Staff, person.id).password_hash = password_hash()
        awaits_factor = has_second_factor(person.id)
        return staff.open_session(
            person, clock.now(), staff.UNKNOWN_BROWSER, awaits_factor=awaits_factor
        )


@functools.cache
def password_hash() -> str:
    """Return what is kept of PASSWORD."""
    return passwords.HASHER.hash(PASSWORD)
