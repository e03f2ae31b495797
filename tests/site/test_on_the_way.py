"""What happens on the way: twice pressed, changed meanwhile, typed beyond sense."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking.appointments.models import Appointment
from booking.appointments.rules import MAX_HOLDS
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening.models import Questionnaire, ScreeningResponse
from tests.builders import NOW, Clinic, a_clinic, local
from tests.site.steps import YOU, answer, carried, count, hold, send, up_to_check


def test_a_replayed_cookie_takes_no_more_than_one_address_may(app: Flask, clinic: Clinic) -> None:
    statuses = [
        hold(app.test_client(), 9 + number % 8).status_code for number in range(MAX_HOLDS + 3)
    ]
    assert statuses == [302] * MAX_HOLDS + [429] * 3
    assert count(Appointment) == MAX_HOLDS


def test_a_double_click_shows_the_appointment_twice(client: FlaskClient, clinic: Clinic) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    with client.session_transaction() as cookies:
        before = dict(cookies)
    assert send(client, "/book/check", window).location == "/book/done"
    with client.session_transaction() as cookies:  # the second click left with the same cookie
        cookies.clear()
        cookies.update(before)
    assert send(client, "/book/check", window).location == "/book/done"
    assert "Your visit is booked" in client.get("/book/done").text
    assert count(Appointment) == 1


def test_what_was_booked_is_shown_with_the_name_of_its_zone(
    client: FlaskClient, clinic: Clinic
) -> None:
    up_to_check(client)
    send(client, "/book/check", carried(client, "/book/check"))
    assert "(Mountain Standard Time)" in client.get("/book/done").text


def test_invariant_14_who_has_another_appointment_then_is_told_as_of_a_time_that_went(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="scottsdale")
    up_to_check(client)
    send(client, "/book/check")
    client.post("/book/hold", data={"location": "scottsdale", "start": local(10).isoformat()})
    answer(client)
    send(client, "/book/you", YOU)
    again = send(client, "/book/check")
    assert again.status_code == 409
    assert "That time was just taken" in again.text
    assert "these details" not in again.text


def test_a_time_that_came_too_close_is_not_said_to_be_taken(
    client: FlaskClient, clinic: Clinic
) -> None:
    start = local(9, day=NOW.date()).isoformat()  # an hour from now; two are asked for
    page = client.post("/book/hold", data={"location": "ahwatukee", "start": start})
    assert page.status_code == 409
    assert "That time is too soon now" in page.text
    assert "just taken" not in page.text


def ask_anew() -> None:
    """Put other questions in place of those asked so far."""
    with transaction():
        first = db.session.get_one(Questionnaire, 1)
        changed = {"version": 2, "digest": "1" * 64, "questions": first.questions[:2]}
        db.session.add(Questionnaire(approved_by="Test", created_at=NOW, **changed))
        availability.increment_catalogue_version()


def test_questions_that_changed_on_the_way_are_asked_again(
    client: FlaskClient, clinic: Clinic
) -> None:
    up_to_check(client)
    ask_anew()
    assert client.get("/book/check").location == "/book/safety"
    assert send(client, "/book/check").location == "/book/safety"
    assert client.get("/book/you").location == "/book/safety"
    answer(client, version="2")
    assert send(client, "/book/check").location == "/book/done"


def test_answers_to_questions_shown_before_they_changed_are_not_kept(
    client: FlaskClient, clinic: Clinic
) -> None:
    hold(client)
    assert 'name="version" type="hidden" value="1"' in client.get("/book/safety").text
    ask_anew()
    page = answer(client, version="1")
    assert page.status_code == 409
    assert "The questions have changed" in page.text
    assert 'name="version" type="hidden" value="2"' in page.text
    assert 'value="1980"' in page.text  # what does not depend on the questions is kept
    assert " checked" not in page.text
    assert count(ScreeningResponse) == 0


@pytest.mark.parametrize("year", ["9" * 20, "-1", "0", "１９８０", "1e3"])
def test_a_year_that_is_none_keeps_the_answers(
    client: FlaskClient, clinic: Clinic, year: str
) -> None:
    hold(client)
    response = answer(client, birth_year=year)
    assert response.status_code in (302, 422)
    assert (response.status_code == 302) is (year == "１９８０")


@pytest.mark.parametrize("name", ["", "   ", "\u00a0"])
def test_a_blank_name_is_none(client: FlaskClient, clinic: Clinic, name: str) -> None:
    hold(client)
    answer(client)
    assert "Enter your last name." in send(client, "/book/you", YOU | {"family_name": name}).text


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/book/call", {"name": "a\0b", "phone": "602 555 0123"}),
        ("/book/you", YOU | {"family_name": "a\0b"}),
        ("/desk/sign-in", {"email": "a\0b@example.com", "password": "x"}),
    ],
)
def test_what_no_database_can_keep_is_refused(
    client: FlaskClient, clinic: Clinic, path: str, data: dict[str, str]
) -> None:
    hold(client)
    answer(client)
    assert client.post(path, data=data).status_code == 400
    assert client.get("/a/%00").status_code == 400
    assert client.get("/book/time?day=%00").status_code == 400


def test_a_number_that_no_row_has_is_not_found(client: FlaskClient, clinic: Clinic) -> None:
    for number in (2**31, 2**63, 10**30):
        assert client.get(f"/desk/patients/{number}").status_code == 404
