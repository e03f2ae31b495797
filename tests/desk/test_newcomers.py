"""A record for someone nobody knows yet: made once, with what they agreed to."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking.calendars.availability import increment_catalogue_version
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient, TextConsent
from booking.screening.models import Questionnaire
from tests.builders import NOW, Clinic, a_contact, a_patient

WHO = {
    "given_name": "Ana", "family_name": "O'Brien", "birth_date": "02/29/1980",
    "phone": "602 555 0123", "email": "Ana@Example.com", "texts": "yes",
}  # fmt: skip


def call(desk: FlaskClient, **changed: str) -> TestResponse:
    return desk.post("/desk/patients/new", data=WHO | changed)


def everyone() -> list[Patient]:
    return list(db.session.scalars(select(Patient).order_by(Patient.id)))


def test_a_record_is_made_and_leads_to_a_time(desk: FlaskClient) -> None:
    assert desk.get("/desk/patients/new").status_code == 200
    response = call(desk)
    (patient,) = everyone()
    assert response.location == f"/desk/patients/{patient.id}/book"
    assert (patient.given_name, patient.family_name, patient.birth_date) == (
        "Ana", "O'Brien", date(1980, 2, 29)
    )  # fmt: skip
    assert (patient.phone, patient.email) == ("+16025550123", "ana@example.com")


@pytest.mark.parametrize(("said", "allowed"), [("yes", True), ("no", False)])
def test_what_they_said_to_texts_is_kept_with_who_asked(
    desk: FlaskClient, clinic: Clinic, said: str, allowed: bool
) -> None:
    call(desk, texts=said)
    (consent,) = db.session.scalars(select(TextConsent))
    assert (consent.granted, consent.asked_by_id) == (allowed, clinic.front_desk.id)
    assert "Reply STOP" in consent.wording
    assert patients.has_text_consent(consent.patient_id, "+16025550123") is allowed


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("given_name", " ", "Enter the first name."),
        ("family_name", "", "Enter the last name."),
        ("family_name", "x" * 81, "80 characters at most"),
        ("birth_date", "29 February", "Enter a birth date"),
        ("birth_date", "02/30/1980", "Enter a birth date"),
        ("birth_date", "02/28/0980", "Enter a birth date"),
        ("birth_date", "01/01/2199", "Enter a birth date"),
        ("family_name", "evil.com", "web address"),
        ("phone", "555-0123", "Enter a phone number, like"),
        ("phone", "+18095550123", "Canada, United States"),
        ("phone", "12", "Enter a phone number, like"),
        ("email", "ana@", "Enter an e-mail address"),
        ("texts", "", "Ask, and choose yes or no."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    desk: FlaskClient, field: str, value: str, said: str
) -> None:
    response = call(desk, **{field: value})
    assert response.status_code == 422
    assert said in response.text
    assert 'value="602 555 0123"' in response.text or field == "phone"
    assert everyone() == []


def test_a_phone_or_an_email_suffices_and_one_is_needed(desk: FlaskClient) -> None:
    assert "Enter a phone number or an e-mail" in call(desk, phone="", email="").text
    assert call(desk, phone="").status_code == 302
    assert call(desk, family_name="Silva", phone="602 555 0124", email="").status_code == 302


@pytest.mark.parametrize("born", ["12/01/2010", "11/29/2026"])
def test_a_minor_gets_no_record(desk: FlaskClient, born: str) -> None:
    response = call(desk, birth_date=born)
    assert response.status_code == 422
    assert "adults only" in response.text
    assert everyone() == []


def test_who_comes_of_age_before_the_last_day_of_a_first_appointment_gets_one(
    desk: FlaskClient,
) -> None:
    assert call(desk, birth_date="01/15/2009").status_code == 302


@pytest.mark.parametrize(
    "known_by",
    [
        {"family_name": "Obrien", "phone": None},
        {"family_name": "Other", "phone": "+16025550123"},
        {"family_name": "Other", "email": "ana@example.com"},
    ],
)
def test_who_may_be_known_already_is_shown_first(
    desk: FlaskClient, known_by: dict[str, str | None]
) -> None:
    patient = patients.create_patient(a_contact(**known_by), date(1980, 2, 29), NOW, "test")
    response = call(desk)
    assert response.status_code == 422
    assert f'href="/desk/patients/{patient.id}"' in response.text
    assert len(everyone()) == 1
    assert call(desk, is_new="y").status_code == 302
    assert len(everyone()) == 2


def test_pressed_twice_it_makes_one_record(desk: FlaskClient) -> None:
    call(desk)
    assert "may be a record already" in call(desk).text
    assert len(everyone()) == 1


def test_records_merged_into_another_are_not_shown(desk: FlaskClient) -> None:
    patient = patients.create_patient(
        a_contact(family_name="Obrien"), date(1980, 2, 29), NOW, "test"
    )
    with transaction():
        db.session.get_one(Patient, patient.id).merged_into_id = a_patient().id
    assert call(desk).status_code == 302


@pytest.mark.usefixtures("clinic")
def test_who_speaks_spanish_is_asked_and_written_to_in_it(desk: FlaskClient) -> None:
    questions = db.session.get_one(Questionnaire, 1)
    with transaction():
        spanish = {"en": "Are you pregnant?", "es": "¿Está embarazada?"}
        questions.questions = [
            {**each, "texts": spanish} if each["slug"] == "pregnancy" else each
            for each in questions.questions
        ]
        increment_catalogue_version()
    page = desk.get(call(desk, language="es").location).text
    assert everyone()[0].language == "es"
    assert 'Are you pregnant?<br><span lang="es">¿Está embarazada?</span>' in page
    assert "Psychosis, ever?</legend>" in page
