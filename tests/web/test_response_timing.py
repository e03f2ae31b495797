"""A time that went and one that is refused to a person are answered at the same moments."""

from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter

import pytest
import time_machine
from flask.testing import FlaskClient

from booking.extensions import db
from booking.web import response_timing
from tests.builders import NOW, Clinic, a_booking, a_clinic, a_contact, local
from tests.interchange.asking import body, post
from tests.site.steps import YOU, answer, carried, hold, send, up_to_check

Waits = list[tuple[float, bool]]
ME = {"given_name": "Test", "family_name": "Person", "email": "person@example.com"}


@pytest.fixture
def clinic(client: FlaskClient) -> Iterator[Clinic]:
    with time_machine.travel(NOW, tick=False):
        a_clinic(slug="scottsdale")
        yield a_clinic()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """How long each answer waited, and whether the database waited with it."""
    seen: Waits = []

    def wait(seconds: float) -> None:
        seen.append((seconds, db.session.registry().in_transaction()))

    monkeypatch.setattr(response_timing, "sleep", wait)
    return seen


def book_mine(location: str = "scottsdale") -> None:
    contact = a_contact(**ME, phone="+16025550123")
    a_booking(local(10), contact=contact, location=location)


@pytest.mark.parametrize("busy_at", ["ahwatukee", "scottsdale"])
def test_invariant_14_the_api_waits_for_a_whole_step(
    client: FlaskClient, clinic: Clinic, waits: Waits, busy_at: str
) -> None:
    book_mine(busy_at)  # there the time is taken, elsewhere it is refused to the same person
    began = perf_counter()
    assert post(client, body()).status_code == 409
    spent = perf_counter() - began
    ((waited, in_transaction),) = waits
    assert not in_transaction
    assert response_timing.STEP - spent <= waited <= response_timing.STEP


def test_invariant_14_the_check_page_waits_when_a_person_is_refused(
    client: FlaskClient, clinic: Clinic, waits: Waits
) -> None:
    book_mine()
    up_to_check(client)
    assert send(client, "/book/check").status_code == 409
    assert [in_transaction for _, in_transaction in waits] == [False]


def test_invariant_14_and_when_the_time_went(
    client: FlaskClient, clinic: Clinic, waits: Waits
) -> None:
    up_to_check(client)
    shown = carried(client, "/book/check")
    with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        a_booking(local(10), NOW + timedelta(minutes=30))
        assert client.post("/book/check", data=shown).status_code == 409
    assert [in_transaction for _, in_transaction in waits] == [False]


def test_what_tells_of_nobody_is_answered_at_once(
    client: FlaskClient, clinic: Clinic, waits: Waits
) -> None:
    a_booking(local(10))
    assert hold(client).status_code == 409
    assert hold(client, 11).status_code == 302
    answer(client)
    send(client, "/book/you", YOU)
    assert send(client, "/book/check").location == "/book/done"
    assert waits == []
