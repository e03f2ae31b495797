"""What a form shows is what its submit does, whatever another window did meanwhile (invariant 15)."""

import html
from collections.abc import Iterator

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.rules import Status
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening.models import Flag, ScreeningResponse
from tests.builders import NOW, Clinic, a_clinic, local
from tests.site.steps import (
    BIRTH,
    NO,
    YOU,
    answer,
    carried,
    count,
    hold,
    send,
    up_to_check,
    words,
)

OTHER = YOU | {"given_name": "Other", "phone": "602 555 0199", "email": "other@example.com"}


@pytest.fixture(autouse=True)
def clinic(client: FlaskClient) -> Iterator[Clinic]:
    with time_machine.travel(NOW):
        yield a_clinic()


def appointments() -> list[Appointment]:
    statement = (
        select(Appointment).where(Appointment.status == Status.BOOKED).order_by(Appointment.id)
    )
    return list(db.session.scalars(statement))


def text_of(page: str) -> str:
    return html.unescape(page)


def test_invariant_15_book_never_books_the_time_of_another_window(client: FlaskClient) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    hold(client, 14)
    page = send(client, "/book/check", window)
    assert (page.status_code, appointments()) == (409, [])
    assert "This page showed Tuesday, December 1, 10:00 AM" in words(page.text)
    assert "is now Tuesday, December 1, 2:00 PM" in words(page.text)
    assert send(client, "/book/check").location == "/book/done"
    assert [appointment.starts_at for appointment in appointments()] == [local(14)]


@pytest.mark.parametrize("lacking", ["hold", "start", "location", "person", "version"])
def test_invariant_15_a_form_that_does_not_say_what_it_showed_books_nothing(
    client: FlaskClient, lacking: str
) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    del window[f"shown-{lacking}"]
    page = client.post("/book/check", data=window)
    assert (page.status_code, appointments()) == (409, [])
    assert "Nothing was booked" in page.text
    assert "Test Person" in page.text
    assert send(client, "/book/check").location == "/book/done"


@pytest.mark.parametrize("lacking", ["hold", "start", "location", "answered"])
def test_details_of_a_form_that_does_not_say_what_it_showed_are_shown_again(
    client: FlaskClient, lacking: str
) -> None:
    hold(client)
    answer(client)
    window = carried(client, "/book/you")
    del window[f"shown-{lacking}"]
    page = client.post("/book/you", data=window | YOU)
    assert page.status_code == 409
    assert 'value="Test"' in page.text
    assert count(BookingDraft) == 0


def test_answers_of_a_form_that_does_not_say_what_it_showed_are_shown_again(
    client: FlaskClient,
) -> None:
    hold(client)
    page = client.post("/book/safety", data=BIRTH | NO)
    assert page.status_code == 409
    assert 'value="1980"' in page.text
    assert page.text.count(" checked") == len(NO)
    assert count(ScreeningResponse) == 0


def test_the_time_that_was_shown_can_be_taken_back(client: FlaskClient) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    hold(client, 14)
    assert f'value="{local(10).isoformat()}"' in send(client, "/book/check", window).text
    assert hold(client, 10).location == "/book/check"
    send(client, "/book/check")
    assert [appointment.starts_at for appointment in appointments()] == [local(10)]


@pytest.mark.parametrize("path", ["/book/safety", "/book/you"])
def test_invariant_15_a_step_shown_for_another_time_keeps_what_was_typed(
    client: FlaskClient, path: str
) -> None:
    hold(client)
    answer(client)
    window = carried(client, path)
    hold(client, 14)
    is_screening = "safety" in path
    response = answer(client, **window) if is_screening else client.post(path, data=YOU | window)
    assert response.status_code == 409
    assert "2:00 PM" in response.text
    assert ('value="1980"' if "safety" in path else 'value="602 555 0123"') in response.text
    assert "Nothing was booked" in response.text


def test_invariant_15_details_changed_in_another_window_are_not_booked(
    client: FlaskClient,
) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    send(client, "/book/you", YOU | {"email": "new@example.com"})
    page = send(client, "/book/check", window)
    assert (page.status_code, appointments()) == (409, [])
    assert "new@example.com" in page.text


def test_answers_given_for_one_name_are_not_taken_for_another(client: FlaskClient) -> None:
    up_to_check(client)
    window = carried(client, "/book/safety")
    assert window["shown-person"] == "Test Person"
    send(client, "/book/you", OTHER)
    page = answer(client, **window)
    assert page.status_code == 409
    assert "This page showed Test Person. The visit is now for Other Person." in page.text
    assert count(ScreeningResponse) == 0


def test_a_name_is_not_put_to_answers_given_since(client: FlaskClient) -> None:
    hold(client)
    answer(client)
    window = carried(client, "/book/you")
    answer(client, birth_year="1984")
    page = send(client, "/book/you", YOU | window)
    assert page.status_code == 409
    assert "answered anew" in page.text
    assert 'value="Person"' in page.text


def test_another_name_is_asked_for_its_own_birth_date_and_answers(client: FlaskClient) -> None:
    up_to_check(client)
    assert send(client, "/book/you", OTHER).location == "/book/safety"
    page = text_of(client.get("/book/safety").text)
    assert "The visit is now for Other Person." in page
    assert client.get("/book/check").location == "/book/safety"
    assert send(client, "/book/check").location == "/book/safety"
    assert answer(client, birth_year="1984").location == "/book/check"
    send(client, "/book/check")
    patient = db.session.scalars(select(Patient)).one()
    assert (patient.given_name, patient.birth_date.year) == ("Other", 1984)


@pytest.mark.parametrize("name", ["test", "TEST", "Tést"])
def test_the_same_name_written_otherwise_is_the_same_person(client: FlaskClient, name: str) -> None:
    up_to_check(client)
    assert send(client, "/book/you", YOU | {"given_name": name}).location == "/book/check"


def test_another_birth_date_asks_whom_the_appointment_is_for(client: FlaskClient) -> None:
    up_to_check(client)
    assert answer(client, birth_year="1984").location == "/book/you"
    assert "a different date of birth" in client.get("/book/you").text
    assert client.get("/book/check").location == "/book/you"
    assert send(client, "/book/you", OTHER).location == "/book/check"


def test_a_form_about_what_was_booked_since_books_nothing_more(client: FlaskClient) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    hold(client, 14)
    send(client, "/book/check")
    page = send(client, "/book/check", window)
    assert page.status_code == 409
    assert "You have booked in the meantime" in page.text
    assert "2:00 PM" in page.text
    assert len(appointments()) == 1


def test_the_next_booking_on_the_same_phone_begins_clean(client: FlaskClient) -> None:
    up_to_check(client)
    window = carried(client, "/book/check")
    send(client, "/book/check", window)
    assert hold(client, 14).location == "/book/safety"
    assert answer(client, birth_year="1984").location == "/book/you"
    assert 'value="Test"' not in client.get("/book/you").text
    stale = send(client, "/book/check", window)  # the first one's window: nothing of the second
    assert stale.location in ("/book/you", "/book/done")
    send(client, "/book/you", OTHER)
    send(client, "/book/check")
    assert [appointment.starts_at for appointment in appointments()] == [local(10), local(14)]
    assert count(Patient) == 2


def test_who_takes_the_phone_over_can_start_again(client: FlaskClient) -> None:
    up_to_check(client)
    assert client.post("/book/again").location == "/"
    assert count(Appointment) == count(ScreeningResponse) == 0
    assert client.post("/book/again").location == "/"
    assert hold(client).location == "/book/safety"


def test_a_time_tapped_twice_is_held_once(client: FlaskClient) -> None:
    client.get("/book/time")
    with client.session_transaction() as cookies:
        before = dict(cookies)
    assert hold(client).location == "/book/safety"
    with client.session_transaction() as cookies:  # the second tap left with the same cookie
        cookies.clear()
        cookies.update(before)
    assert hold(client).location == "/book/safety"
    assert count(Appointment) == 1


@pytest.mark.parametrize(
    ("question", "page"),
    [("danger", "/book/help"), ("psychosis", "/book/call-first")],
)
def test_answers_sent_twice_lead_to_the_same_page(
    client: FlaskClient, question: str, page: str
) -> None:
    hold(client)
    window = carried(client, "/book/safety") | {f"q-{question}": "yes"}
    with client.session_transaction() as cookies:
        before = dict(cookies)
    assert answer(client, **window).location == page
    with client.session_transaction() as cookies:
        cookies.clear()
        cookies.update(before)
    assert answer(client, **window).location == page
    client.post("/book/call-first", data={"name": "Test", "phone": "602 555 0123"})
    assert count(Flag) == (1 if question == "psychosis" else 0)


def test_a_booking_in_another_window_leaves_the_time_shown_by_hostile_fields_alone(
    client: FlaskClient,
) -> None:
    up_to_check(client)
    for field, value in (("start", "soon"), ("start", "9999-12-31T23:59:59+00:00"),
                         ("location", "tucson"), ("hold", "<b>"), ("version", "1e9")):  # fmt: skip
        page = send(client, "/book/check", {f"shown-{field}": value})
        assert page.status_code == 409
        assert "<b>" not in page.text
    assert appointments() == []
