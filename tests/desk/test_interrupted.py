"""A sign-in that ended takes nothing of what was typed with it, and sends nothing by itself."""

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.clock import now
from booking.extensions import db
from booking.staff import operations as staff
from booking.staff.interrupted_forms import InterruptedForm, delete_expired_forms
from booking.staff.models import Staff
from tests.builders import Clinic, a_booking, local
from tests.desk.page_forms import form_on, forms_on, send
from tests.desk.scenario import Scenario
from tests.desk.scenarios import SCENARIOS
from tests.desk.signed_in import PASSWORD
from tests.desk.test_stale_forms import everything_kept

SIGNED_OUT = "This was not sent: you had to say who you are first."


@pytest.fixture
def browser(practitioner: FlaskClient) -> FlaskClient:
    return practitioner


@pytest.fixture(params=list(SCENARIOS))
def scenario(request: pytest.FixtureRequest, clinic: Clinic, browser: FlaskClient) -> Scenario:
    return SCENARIOS[request.param](clinic, browser)


def sign_in_again(browser: FlaskClient, asked: str, person: Staff) -> str:
    """Sign in on the page that a form led to; return where it leads."""
    response = browser.post(asked, data={"email": person.email, "password": PASSWORD})
    assert response.status_code == 302, response.text
    return str(response.location)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_typed_is_shown_again_after_signing_in(
    scenario: Scenario, browser: FlaskClient, clinic: Clinic
) -> None:
    form = scenario.form(browser)
    staff.end_sessions(clinic.practitioner.id, now())
    before = everything_kept()
    response = send(browser, form, scenario.typed)
    assert response.location.startswith("/desk/sign-in?next=")
    again = browser.get(sign_in_again(browser, response.location, clinic.practitioner))
    assert again.status_code == 200
    assert SIGNED_OUT in again.text
    for text in scenario.texts:
        assert text in again.text
    kept = {name for name, _row in (everything_kept() - before)}
    assert kept <= {"interrupted_form", "sign_in_tries", "staff_device"}
    page_form = next(
        page_form
        for page_form in forms_on(again.text, again.request.path)
        if page_form.action == scenario.action
    )
    assert send(browser, page_form, scenario.typed).status_code == 302


def test_a_mistyped_form_says_too_that_its_sign_in_had_ended(
    desk: FlaskClient, clinic: Clinic
) -> None:
    scenario = SCENARIOS["desk.create_patient"](clinic, desk)
    form = scenario.form(desk)
    staff.end_sessions(clinic.front_desk.id, now())
    response = send(desk, form, {**scenario.typed, "birth_date": "the 31st"})
    again = desk.get(sign_in_again(desk, response.location, clinic.front_desk))
    assert again.text.count(SIGNED_OUT) == 1
    assert "the 31st" in again.text


def test_a_form_with_the_token_of_an_earlier_sign_in_is_shown_again(
    app: Flask, desk: FlaskClient
) -> None:
    appointment = a_booking(local(10))
    page = f"/desk/visits/{appointment.id}/cancel"
    app.config["WTF_CSRF_ENABLED"] = True
    form = form_on(desk, page, page)
    form.hidden["csrf_token"] = "of another session"
    response = send(desk, form, {"who": "clinic", "reason": "Room flooded"})
    assert response.status_code == 302
    again = desk.get(response.location)
    assert "Room flooded" in again.text
    assert SIGNED_OUT in again.text
    fresh = forms_on(again.text, again.request.path)[-1]
    assert send(desk, fresh, {"who": "clinic", "reason": "Room flooded"}).status_code == 302
    assert db.session.get_one(Appointment, appointment.id).status is Status.CANCELLED


def test_without_cookies_what_was_typed_waits_for_the_sign_in(
    app: Flask, desk: FlaskClient, clinic: Clinic
) -> None:
    scenario = SCENARIOS["desk.create_patient"](clinic, desk)
    form = scenario.form(desk)
    app.config["WTF_CSRF_ENABLED"] = True
    stranger = app.test_client()
    response = send(stranger, form, scenario.typed)
    assert response.location.startswith("/desk/sign-in?next=/desk/again/")
    app.config["WTF_CSRF_ENABLED"] = False
    assert (
        "Vega" in stranger.get(sign_in_again(stranger, response.location, clinic.front_desk)).text
    )


def test_what_someone_else_typed_is_not_shown(
    desk: FlaskClient, practitioner: FlaskClient, clinic: Clinic
) -> None:
    scenario = SCENARIOS["desk.create_patient"](clinic, desk)
    form = scenario.form(desk)
    staff.end_sessions(clinic.front_desk.id, now())
    response = send(desk, form, scenario.typed)
    key = response.location.rpartition("/")[2]
    answer = practitioner.get(f"/desk/again/{key}")
    assert answer.location == "/desk/"
    text = practitioner.get("/desk/patients").text
    assert "Vega" not in text
    assert "no longer kept" in text


def test_what_was_typed_is_kept_an_hour(
    desk: FlaskClient, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    scenario = SCENARIOS["desk.create_patient"](clinic, desk)
    form = scenario.form(desk)
    staff.end_sessions(clinic.front_desk.id, now())
    response = send(desk, form, scenario.typed)
    clock.shift(3600)
    again = desk.get(sign_in_again(desk, response.location, clinic.front_desk))
    assert again.status_code == 302
    delete_expired_forms(now())
    assert db.session.scalars(select(InterruptedForm)).all() == []


def test_a_stranger_can_keep_nothing(client: FlaskClient, clinic: Clinic) -> None:
    typed = {"form_key": "made up", "given_name": "Nico"}
    response = client.post("/desk/patients/new", data=typed)
    assert response.location == "/desk/sign-in?next=/desk/patients/new"
    assert client.post("/desk/sign-out").location == "/desk/sign-in?next=/desk/"
    assert db.session.scalars(select(InterruptedForm)).all() == []


def test_what_changed_while_signed_out_is_said(
    desk: FlaskClient, clinic: Clinic, clock: time_machine.Traveller
) -> None:
    appointment = a_booking(local(10))
    page = f"/desk/visits/{appointment.id}/move"
    form = form_on(desk, page, page)
    staff.end_sessions(clinic.front_desk.id, now())
    clock.shift(60)
    appointment_operations.move(appointment.id, local(15), now(), f"staff:{clinic.practitioner.id}")
    response = send(desk, form, {"start": local(14).isoformat(), "reason": "Her wish"})
    again = desk.get(sign_in_again(desk, response.location, clinic.front_desk))
    assert "Moved from Tue, Dec 1, 10:00 AM to Tue, Dec 1, 3:00 PM" in again.text
