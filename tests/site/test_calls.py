"""Asking to be called: once, however often it is sent, and promised for a day of opening."""

import re
from datetime import date

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking.extensions import db
from booking.patients.models import CallRequest
from booking.screening.models import Flag
from booking.tasks import operations as tasks
from booking.tasks.models import Task
from tests.builders import NOW, Clinic, a_clinic, a_closure, local
from tests.site.steps import answer, count, hold, key_in, words

WHO = {"name": "Test Person", "phone": "602 555 0123"}
PSYCHOSIS = {"q-psychosis": "yes"}


@pytest.mark.parametrize("path", ["/book/call", "/book/call-first"])
def test_a_double_click_asks_for_one_call(client: FlaskClient, clinic: Clinic, path: str) -> None:
    hold(client)
    answer(client, **PSYCHOSIS)
    form = WHO | {"key": key_in(client.get(path).text)}
    assert [client.post(path, data=form).location for _ in range(3)] == ["/book/call/noted"] * 3
    assert count(CallRequest) == count(Task) == 1


def test_another_number_from_the_same_page_is_another_request(
    client: FlaskClient, clinic: Clinic
) -> None:
    form = WHO | {"key": key_in(client.get("/book/call").text)}
    client.post("/book/call", data=form)
    client.post("/book/call", data=form | {"phone": "602 555 0124"})
    assert count(CallRequest) == 2


def ask(client: FlaskClient, **changed: str) -> TestResponse:
    """Ask to be called, from a page opened for it."""
    form = WHO | {"key": key_in(client.get("/book/call").text)} | changed
    return client.post("/book/call", data=form)


def test_another_page_is_another_request_unless_that_call_is_still_to_be_made(
    client: FlaskClient, clinic: Clinic
) -> None:
    for name in ("Test Person", "Other Person", "TEST  PERSON"):
        assert ask(client, name=name).location == "/book/call/noted"
    assert count(Task) == 2
    tasks.finish_task(
        db.session.scalars(select(Task.id).order_by(Task.id)).first() or 0,
        1,
        "Called",
        NOW,
        is_practitioner=True,
    )
    ask(client)
    assert count(Task) == 3


def test_more_calls_than_anyone_can_make_are_not_promised(
    client: FlaskClient, clinic: Clinic
) -> None:
    client.application.config["MOST_CALLS_AN_HOUR"] = 4
    for number in range(4):
        ask(client, phone=f"602 555 01{number:02d}")
    page = ask(client, phone="602 555 0199")
    assert page.status_code == 503
    assert "Please call us" in page.text
    assert 'href="tel:' in page.text
    assert count(CallRequest) == count(Task) == 4


def test_what_is_refused_keeps_its_key(client: FlaskClient, clinic: Clinic) -> None:
    key = key_in(client.get("/book/call").text)
    page = client.post("/book/call", data={"name": "Test", "phone": "1", "key": key})
    assert page.status_code == 422
    assert key_in(page.text) == key
    assert 'value="Test"' in page.text


@pytest.mark.parametrize("path", ["/book/call/noted", "/book/call-first"])
def test_nothing_is_promised_to_who_did_not_ask(
    client: FlaskClient, clinic: Clinic, path: str
) -> None:
    assert client.get(path).location == "/book/call"


def test_a_call_is_promised_for_a_day_of_opening(client: FlaskClient, clinic: Clinic) -> None:
    a_closure(clinic.location, date(2026, 12, 1))
    promised = "by Wednesday, December 2, 5 PM (Mountain Standard Time)"
    assert promised in words(client.get("/book/call").text)
    client.post("/book/call", data=WHO)
    assert promised in words(client.get("/book/call/noted").text)
    assert db.session.scalars(select(Task)).one().due_at == local(17, day=date(2026, 12, 2))
    with time_machine.travel(local(18, day=date(2026, 12, 2)), tick=False):
        assert client.get("/book/call/noted").location == "/book/call"


def test_without_a_location_the_one_that_opens_first_promises(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="scottsdale")
    a_closure(clinic.location, date(2026, 12, 1))
    assert "by Tuesday, December 1, 5 PM" in words(client.get("/book/call").text)


def test_a_call_first_names_the_time_chosen(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    answer(client, **PSYCHOSIS)
    page = client.get("/book/call-first").text
    assert "We have noted the time you chose: Tuesday, December 1, 10:00 AM" in words(page)


def test_one_persons_flag_never_learns_the_next_ones_number(
    client: FlaskClient, clinic: Clinic
) -> None:
    with time_machine.travel(NOW, tick=False):
        hold(client)
        answer(client, **PSYCHOSIS)  # and goes away without leaving a number
        hold(client)
        answer(client, **PSYCHOSIS, birth_year="1984")
        client.post("/book/call-first", data=WHO)
    flags = db.session.scalars(select(Flag).order_by(Flag.id)).all()
    assert [flag.phone for flag in flags] == [None, "+16025550123"]


def test_no_page_says_when_a_working_day_ends_without_its_name(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    answer(client, **PSYCHOSIS)
    for path in ("/book/call", "/book/call-first"):
        assert not re.search("working day", client.get(path).text)
