"""One appointment's own page: a stale cancellation, and what is said of messages and of the link."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.rules import Channel
from booking.reminders.models import ReminderPolicy
from booking.reminders.rules import MessageKind, ReminderRule
from tests.builders import NOW, Clinic, a_booking, local
from tests.site.steps import YOU, answer, hold, send

RULES = (
    ReminderRule(MessageKind.CONFIRMATION, Channel.SMS),
    ReminderRule(MessageKind.CONFIRMATION, Channel.EMAIL),
    ReminderRule(MessageKind.DAY_BEFORE, Channel.EMAIL, 12 * 60),
)


def version_in(page: str) -> str:
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    return version[1]


def test_invariant_15_a_stale_cancellation_cancels_nothing(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    path = f"/a/{appointment.token}/cancel"
    shown = version_in(client.get(path).text)
    appointment_operations.move(appointment.id, local(14), NOW, "staff:1")
    page = client.post(path, data={"version": shown})
    assert page.status_code == 409
    assert "has changed since this page was opened" in page.text
    assert "2:00 PM" in page.text
    assert db.session.get_one(Appointment, appointment.id).status is Status.BOOKED
    assert client.post(path, data={"version": version_in(page.text)}).status_code == 302
    assert db.session.get_one(Appointment, appointment.id).status is Status.CANCELLED


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30])
def test_a_cancellation_of_no_version_is_asked_again(
    client: FlaskClient, clinic: Clinic, version: str
) -> None:
    appointment = a_booking(local(10))
    path = f"/a/{appointment.token}/cancel"
    assert client.post(path, data={"version": version}).status_code == 409
    assert db.session.get_one(Appointment, appointment.id).status is Status.BOOKED


def test_cancelling_twice_shows_it_cancelled(client: FlaskClient, clinic: Clinic) -> None:
    path = f"/a/{a_booking(local(10)).token}"
    form = {"version": version_in(client.get(f"{path}/cancel").text)}
    for _ in range(2):
        assert client.post(f"{path}/cancel", data=form).location == path
    assert "It is cancelled already" in client.get(f"{path}/cancel").text


def booked_with(client: FlaskClient, **changed: str) -> str:
    """Book with these details, and return the page that confirms it."""
    with transaction():
        rules = [rule.to_dict() for rule in RULES]
        db.session.add(ReminderPolicy(version=1, digest="0" * 64, rules=rules, created_at=NOW))
    hold(client)
    answer(client)
    send(client, "/book/you", {name: v for name, v in (YOU | changed).items() if v})
    send(client, "/book/check")
    return client.get("/book/done").text


AND_REMIND = " Before the visit we will remind you by e-mail."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "We will send you a confirmation by text and by e-mail." + AND_REMIND),
        ({"email": ""}, "We will send you a confirmation by text."),
        ({"sms_consent": ""}, "We will send you a confirmation by e-mail."),
        ({"email": "", "sms_consent": ""}, "We will send you nothing."),
    ],
)
def test_what_is_sent_is_said_and_nothing_else(
    client: FlaskClient, clinic: Clinic, changed: dict[str, str], said: str
) -> None:
    page = booked_with(client, **changed)
    assert said in page
    assert page.count("We will send you") == 1


def test_the_link_stands_on_the_page_as_text(client: FlaskClient, clinic: Clinic) -> None:
    page = booked_with(client)
    token = db.session.scalars(select(Appointment)).one().token
    address = f'<code class="own-link">http://127.0.0.1:8000/a/{token}</code>'
    assert address in page
    assert address in client.get(f"/a/{token}").text


def test_who_is_sent_nothing_is_told_before_booking(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    answer(client)
    send(client, "/book/you", {**YOU, "email": "", "sms_consent": ""})
    assert "so we will send you nothing" in client.get("/book/check").text


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/book/safety", {}),
        ("/book/you", {"phone": "1"}),
        ("/book/call", {"phone": "1"}),
        ("/desk/sign-in", {"email": "", "password": ""}),
    ],
)
def test_a_page_that_comes_back_with_errors_says_so_in_its_title(
    client: FlaskClient, clinic: Clinic, path: str, data: dict[str, str]
) -> None:
    hold(client)
    if path == "/book/you":
        answer(client)
    assert "<title>Error:" not in client.get(path).text
    page = client.post(path, data=data)
    assert (page.status_code, "<title>Error: " in page.text) == (422, True)


def test_each_error_is_tied_to_its_question(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    page = send(client, "/book/safety", {"q-danger": "no"}).text
    for slug in ("psychosis", "pregnancy"):
        assert f'href="#q-{slug}-yes"' in page
        assert re.search(f'id="q-{slug}-yes" [^>]*aria-describedby="q-{slug}-error"', page)
        assert re.search(f'<fieldset [^>]*id="q-{slug}" aria-describedby="q-{slug}-error"', page)
        assert f'id="q-{slug}-error"' in page
    assert 'href="#q-danger-yes"' not in page
    assert page.count('aria-invalid="true"') == 3  # month, day and year
