"""Asking for a lost link: whoever asks, known or not, is answered the same (invariant 14)."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.web import response_timing
from tests.builders import Clinic, a_booking, a_contact, local
from tests.reminders.prepared import on_record
from tests.site.steps import BIRTH

ASKED = {**BIRTH, "family_name": "Person", "reached_at": "602 555 0123"}


def ask(client: FlaskClient, **changed: str) -> TestResponse:
    return client.post("/book/link", data={**ASKED, **changed})


def seen(response: TestResponse) -> tuple[int, str, dict[str, str], bytes]:
    """Return all that whoever asked gets, without the cookie's signature."""
    headers = {name: text for name, text in response.headers if name != "Set-Cookie"}
    return response.status_code, response.location or "", headers, response.data


def test_invariant_14_known_and_unknown_are_answered_the_same(
    client: FlaskClient, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_booking(local(10), contact=a_contact(family_name="Person", phone="+16025550123"))
    waits: list[float] = []
    monkeypatch.setattr(response_timing, "sleep", waits.append)
    unknown, known = ask(client, family_name="Nobody"), ask(client)
    assert len(on_record(kind="links")) == 2
    assert seen(known) == seen(unknown)
    assert len(waits) == 2  # each to the next whole step
    assert "is on its way" in client.get(known.location).text


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"family_name": ""}, "Enter your last name."),
        ({"birth_day": "31"}, "Enter a date of birth"),
        ({"reached_at": ""}, "Enter a phone number or an e-mail address."),
        ({"reached_at": "12"}, "Enter a phone number, like"),
        ({"reached_at": "a@b"}, "Enter an e-mail address, like"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client: FlaskClient, clinic: Clinic, wrong: dict[str, str], problem: str
) -> None:
    page = ask(client, **wrong)
    assert page.status_code == 422
    assert problem in page.text
    assert "<title>Error: " in page.text
    kept = {**ASKED, **wrong}
    assert all(f'value="{text}"' in page.text for text in kept.values() if text)


def test_a_wrong_link_leads_to_the_phone_and_to_the_right_link(
    client: FlaskClient, clinic: Clinic
) -> None:
    for path in ("/a/wrong", "/a/wrong/cancel", "/a/wrong/move", "/a/wrong/visit.ics"):
        page = client.get(path)
        assert page.status_code == 404
        assert "(602) 555-0100" in page.text
        assert "/book/link" in page.text


def test_the_first_page_leads_there(client: FlaskClient, clinic: Clinic) -> None:
    assert "/book/link" in client.get("/").text
