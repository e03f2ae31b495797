"""Answers given again in the same browser: what is gathered of them, and what the next visitor never sees."""

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking.extensions import db
from booking.screening.models import ScreeningSubmission
from tests.builders import NOW, Clinic
from tests.site.steps import YOU, answer, hold, send

DANGER = {"q-danger": "yes"}


def submissions() -> int:
    return db.session.scalar(select(func.count(ScreeningSubmission.id))) or 0


def book(client: FlaskClient) -> None:
    hold(client)
    answer(client)
    send(client, "/book/you", YOU)
    assert send(client, "/book/check").location == "/book/done"


@pytest.fixture
def taken_back(client: FlaskClient, clinic: Clinic) -> FlaskClient:
    """Somebody who said they were in danger, chose a time again and booked, two minutes later."""
    with time_machine.travel(NOW, tick=False) as clock:
        hold(client)
        answer(client, **DANGER)
        assert 'href="/book/time">Choose a time again' in client.get("/book/help").text
        clock.shift(120)
        book(client)
    return client


def test_the_next_on_the_same_phone_has_a_history_of_their_own(taken_back: FlaskClient) -> None:
    with taken_back.session_transaction() as cookies:
        assert "history" not in cookies
    hold(taken_back, 14)
    page = taken_back.get("/book/safety").text
    assert "checked" not in page


def test_who_starts_again_for_someone_else_leaves_nothing(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    answer(client, **DANGER)
    assert submissions() == 1
    client.post("/book/again")
    assert submissions() == 0


def test_the_cookie_keeps_a_key_and_no_answer(client: FlaskClient, clinic: Clinic) -> None:
    hold(client)
    answer(client, **DANGER)
    with client.session_transaction() as cookies:
        assert set(cookies) <= {"history", "csrf_token", "_fresh", "_permanent"}
        assert len(cookies["history"]) == 22
