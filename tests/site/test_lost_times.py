"""A time that is lost on the way loses nothing that was answered and typed."""

import time_machine
from flask.testing import FlaskClient

from tests.builders import NOW, Clinic, a_booking, local
from tests.site.steps import YOU, answer, hold, send


def lose(client: FlaskClient, clock: time_machine.Traveller) -> None:
    """Let the hold expire, and another patient take its time."""
    clock.shift(700)
    a_booking(local(10), NOW.replace(minute=12))


def test_a_time_that_went_at_the_questions_keeps_the_answers(
    client: FlaskClient, clinic: Clinic
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        hold(client)
        lose(client, clock)
        page = answer(client)
        assert page.status_code == 409
        assert "Your answers are kept" in page.text
        assert hold(client, 14).location == "/book/you"


def test_a_time_that_went_at_the_details_keeps_them_and_the_consent(
    client: FlaskClient, clinic: Clinic
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        hold(client)
        answer(client)
        lose(client, clock)
        page = send(client, "/book/you", YOU)
        assert page.status_code == 409
        assert "Your answers are kept" in page.text
        assert hold(client, 14).location == "/book/check"
        check = client.get("/book/check").text
        assert "person@example.com" in check
        assert "Yes, remind me by text" in check


def test_nothing_is_said_to_be_kept_when_nothing_was_answered(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_booking(local(10))
    assert "are kept" not in hold(client).text


def test_what_is_no_longer_kept_is_said(client: FlaskClient, clinic: Clinic) -> None:
    page = send(client, "/book/you", YOU)
    assert page.status_code == 409
    assert "We no longer hold the time you chose." in page.text
