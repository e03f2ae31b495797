"""A time typed at the desk: the rules against it are named, and who may books it all the same."""

from datetime import date, time
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.appointments import queries
from tests.builders import TOMORROW, a_booking, a_clinic, a_patient, local
from tests.desk.page_forms import forms_on, send
from tests.desk.test_day import read_again


@pytest.fixture
def app(sqlite_app: Flask) -> Flask:
    """What is typed and said doesn't depend on the database."""
    return sqlite_app


def type_time(browser: FlaskClient, page: str, time: str, **typed: object) -> TestResponse:
    """Type a time for tomorrow on a page; `typed` is what else is in the form."""
    shown = browser.get(f"{page}?service=follow-up&date={TOMORROW}").text
    form = next(each for each in forms_on(shown, page) if each.action == page)
    return send(browser, form, {"start": "other", "other_time": time, **typed})


def press_again(browser: FlaskClient, shown: TestResponse, page: str, **typed: str) -> TestResponse:
    """Send the form of a refused time again, as it is shown, and what else is typed."""
    form = next(each for each in forms_on(shown.text, page) if "override" in each.hidden)
    rules = [part.split('"')[0] for part in shown.text.split('name="override" value="')[1:]]
    return send(browser, form, {"start": "other", "override": rules, **typed})


def test_the_front_desk_is_told_the_rules_and_who_may(desk: FlaskClient) -> None:
    patient = a_patient()
    page = f"/desk/patients/{patient.id}/book"
    refused = type_time(desk, page, "17:30")
    text = unescape(refused.text)
    assert refused.status_code == 422
    assert "Not done yet: 2 rules stand against 5:30 PM" in text
    assert "A practitioner or a manager may allow it, with a reason." in text
    assert "A practitioner or a manager who signs in may book it here with a reason." in text
    assert 'value="17:30"' in text
    assert "Book all the same" not in text
    assert queries.list_appointments_of_patient(patient.id) == []


def test_who_may_books_it_with_a_reason_which_is_shown(practitioner: FlaskClient) -> None:
    patient = a_patient()
    page = f"/desk/patients/{patient.id}/book"
    refused = type_time(practitioner, page, "17:30")
    assert "Book all the same" in refused.text
    typed = {"other_time": "17:30"}
    assert press_again(practitioner, refused, page, **typed).status_code == 422  # no reason
    elsewhere = press_again(practitioner, refused, page, other_time="18:30", reason="Works late")
    assert elsewhere.status_code == 422  # the rules were shown for another time
    booked = press_again(practitioner, refused, page, reason="Works late", **typed)
    assert booked.status_code == 302
    (appointment,) = queries.list_appointments_of_patient(patient.id)
    assert appointment.starts_at == local(17, 30)
    text = practitioner.get(f"/desk/visits/{appointment.id}").text
    assert "the opening hours, the practitioners&#39; shifts" in text
    assert "Works late" in text


def test_of_a_time_that_the_clocks_skip_it_is_said_so(desk: FlaskClient) -> None:
    a_clinic(slug="tucson", zone="America/Denver", opens=time(1))
    page = f"/desk/patients/{a_patient().id}/book"
    skipping = date(2027, 3, 14)
    shown = desk.get(f"{page}?service=follow-up&location=tucson&date={skipping}").text
    form = next(each for each in forms_on(shown, page) if each.action == page)
    for typed, problem in (
        ("02:30", "There is no 02:30 on that day: the clocks go forward. Enter another time."),
        ("noon", "Enter a time, like 10:00."),
    ):
        refused = send(desk, form, {"start": "other", "other_time": typed})
        assert refused.status_code == 422
        assert problem in unescape(refused.text)


def test_a_typed_time_that_keeps_every_rule_is_booked_at_once(desk: FlaskClient) -> None:
    patient = a_patient()
    page = f"/desk/patients/{patient.id}/book"
    assert type_time(desk, page, "10:15").status_code == 302
    assert queries.list_appointments_of_patient(patient.id)[0].starts_at == local(10, 15)


@pytest.mark.parametrize(
    ("start", "time", "words"),
    [
        ("other", "", "Enter a time, like 10:00."),
        ("other", "noon", "Enter a time, like 10:00."),
        (local(10).isoformat(), "11:00", "not both"),
    ],
)
def test_what_is_no_time_or_two_is_refused(
    desk: FlaskClient, start: str, time: str, words: str
) -> None:
    refused = type_time(desk, f"/desk/patients/{a_patient().id}/book", time, start=start)
    assert refused.status_code == 422
    assert words in refused.text


def test_what_others_have_is_nobodys_to_override(practitioner: FlaskClient) -> None:
    a_booking(local(10))
    refused = type_time(practitioner, f"/desk/patients/{a_patient().id}/book", "10:10")
    assert "Nobody can book against this." in refused.text
    assert "Book all the same" not in refused.text


def test_the_desk_moves_between_the_usual_times(desk: FlaskClient) -> None:
    appointment = a_booking(local(10))
    page = f"/desk/visits/{appointment.id}/move"
    refused = type_time(desk, page, "13:05")
    assert "Visits begin every 15 minutes" in refused.text
    moved = press_again(desk, refused, page, other_time="13:05", reason="Her bus")
    assert moved.status_code == 302
    assert read_again(appointment).starts_at == local(13, 5)


def test_a_time_of_the_address_that_is_not_listed_stands_as_typed(desk: FlaskClient) -> None:
    page = f"/desk/patients/{a_patient().id}/book?date={TOMORROW}&time=17:30"
    assert 'name="other_time" step="300" value="17:30"' in desk.get(page).text
