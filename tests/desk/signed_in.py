"""A browser of someone signed in at the desk, as far as a test client goes."""

from flask import Flask
from flask.testing import FlaskClient

from booking import clock
from booking.desk.sign_in import KEY
from booking.staff import operations as staff
from booking.staff.models import Staff

PASSWORD = "a password for tests"


def sign_in(app: Flask, person: Staff) -> FlaskClient:
    """Return a client with the cookies of `person`, signed in just now."""
    staff.set_password(person.email, PASSWORD, clock.now())
    key = staff.sign_in(person.email, PASSWORD, clock.now())
    client = app.test_client()
    with client.session_transaction() as cookies:
        cookies[KEY] = key
    return client
