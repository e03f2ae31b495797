"""The JSON API as other programs see it (DESIGN §5)."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.db.idempotency import IdempotencyKey
from booking.extensions import db
from booking.patients.models import Patient, TextConsent
from tests.builders import Clinic, a_booking, a_clinic, local
from tests.interchange.asking import BODY, body, count, post, slots


def test_locations_name_their_zone(client: FlaskClient, clinic: Clinic) -> None:
    found = client.get("/api/v1/locations").json
    assert found["locations"][0]["slug"] == "ahwatukee"
    assert found["locations"][0]["time_zone"] == "America/Phoenix"


def test_services_are_listed(client: FlaskClient, clinic: Clinic) -> None:
    found = client.get("/api/v1/services").json["services"]
    assert [s["slug"] for s in found] == ["consultation", "infusion", "follow-up"]


def test_screening_lists_the_questions(client: FlaskClient, clinic: Clinic) -> None:
    found = client.get("/api/v1/screening").json
    assert found["version"] == 1
    assert "psychosis" in [q["slug"] for q in found["questions"]]


def test_slots_carry_local_times_and_names(client: FlaskClient, clinic: Clinic) -> None:
    first = slots(client).json["slots"][0]
    assert first == {
        "start": "2026-12-01T09:00:00-07:00",
        "end": "2026-12-01T09:45:00-07:00",
        "location": "ahwatukee",
        "service": "consultation",
    }


def test_slots_of_several_locations(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    both = slots(client, "&location=ahwatukee&location=scottsdale").json["slots"]
    assert {s["location"] for s in both} == {"ahwatukee", "scottsdale"}
    assert {s["location"] for s in slots(client, "&location=scottsdale").json["slots"]} == {
        "scottsdale"
    }
    assert slots(client).json["slots"] == both


@pytest.mark.parametrize(
    "query",
    [
        "service=massage&start=2026-12-01&end=2026-12-01",
        "service=consultation&start=2026-12-01&end=2026-12-01&location=tucson",
        "service=consultation&start=yesterday&end=2026-12-01",
        "service=consultation&start=2026-12-02&end=2026-12-01",
        "service=consultation&start=2026-01-01&end=2027-12-01",
        "service=consultation",
        "service=consultation&start=9999-12-31&end=9999-12-31",
        "",
    ],
)
def test_a_bad_slots_query_is_refused_by_field(
    client: FlaskClient, clinic: Clinic, query: str
) -> None:
    response = client.get(f"/api/v1/slots?{query}")
    assert response.status_code == 422
    assert response.mimetype == "application/problem+json"
    assert response.json["errors"][0]["pointer"].startswith("/")


def test_booking_answers_201_with_its_own_link(client: FlaskClient, clinic: Clinic) -> None:
    response = post(client, body())
    assert response.status_code == 201
    appointment = db.session.scalars(select(Appointment)).one()
    assert response.json == {
        "reference": appointment.reference,
        "status": "booked",
        "start": "2026-12-01T10:00:00-07:00",
        "end": "2026-12-01T10:45:00-07:00",
        "location": "ahwatukee",
        "manage_url": f"http://127.0.0.1:8000/a/{appointment.token}",
    }


def test_what_was_booked_is_offered_no_longer(client: FlaskClient, clinic: Clinic) -> None:
    assert BODY["start"] in [s["start"] for s in slots(client).json["slots"]]
    post(client, body())
    assert BODY["start"] not in [s["start"] for s in slots(client).json["slots"]]


def test_invariant_5_a_repeated_key_books_once_and_answers_the_same(
    client: FlaskClient, clinic: Clinic
) -> None:
    first, again = post(client, body()), post(client, body())
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert count(Appointment) == 1


def test_invariant_5_a_key_with_another_body_is_refused(
    client: FlaskClient, clinic: Clinic
) -> None:
    post(client, body())
    response = post(client, body(patient__given_name="Other"))
    assert response.status_code == 422
    assert response.json["type"].endswith("key-reused")
    assert count(Appointment) == 1


def test_a_key_is_required(client: FlaskClient, clinic: Clinic) -> None:
    assert post(client, body(), key=None).status_code == 400
    assert post(client, body(), key="k" * 256).status_code == 400
    assert count(Appointment) == 0


def test_a_taken_slot_is_409_with_alternatives(client: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10))
    response = post(client, body())
    assert response.status_code == 409
    assert [s["start"][11:16] for s in response.json["alternatives"][:2]] == [
        "09:00",
        "11:00",
    ]
    assert count(IdempotencyKey) == 0


def test_after_a_409_the_same_key_may_try_again(client: FlaskClient, clinic: Clinic) -> None:
    a_booking(local(10))
    assert post(client, body()).status_code == 409
    assert post(client, body(start="2026-12-01T14:00:00-07:00")).status_code == 201


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"service": "massage"}, "/service"),
        ({"location": "tucson"}, "/location"),
        ({"start": "2026-12-01T10:00:00"}, "/start"),
        ({"start": "soon"}, "/start"),
        ({"patient__given_name": "  "}, "/patient/given_name"),
        ({"patient__family_name": "x" * 81}, "/patient/family_name"),
        ({"patient__birth_date": "1980-02-30"}, "/patient/birth_date"),
        ({"patient__birth_date": "1880-01-01"}, "/patient/birth_date"),
        ({"patient__phone": "12"}, "/patient/phone"),
        ({"patient__email": "nobody"}, "/patient/email"),
        ({"patient": None}, "/patient"),
        ({"screening__version": 7}, "/screening/version"),
        ({"screening__answers": {"danger": False}}, "/screening/answers/psychosis"),
        ({"screening__answers__psychosis": "no"}, "/screening/answers/psychosis"),
        ({"sms_consent": "yes"}, "/sms_consent"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_invariant_15_each_bad_field_is_named_and_nothing_changes(
    client: FlaskClient, clinic: Clinic, changed: dict[str, Any], pointer: str
) -> None:
    response = post(client, body(**changed))
    assert response.status_code == 422
    assert pointer in [entry["pointer"] for entry in response.json["errors"]]
    assert count(Appointment) == count(Patient) == count(IdempotencyKey) == 0


@pytest.mark.parametrize("sent", ["", "[]", "null", '"text"', "{", "1"])
def test_what_is_not_an_object_is_refused(client: FlaskClient, clinic: Clinic, sent: str) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    response = client.post("/api/v1/appointments", data=sent, headers=headers)
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"screening__answers__psychosis": True}, "call-first"),
        ({"screening__answers__danger": True}, "help-first"),
        ({"patient__birth_date": "2015-01-01"}, "adults-only"),
    ],
)
def test_a_screening_that_stops_is_422_and_its_type_says_which(
    client: FlaskClient, clinic: Clinic, changed: dict[str, Any], outcome: str
) -> None:
    response = post(client, body(**changed))
    assert response.status_code == 422
    assert response.json["type"].endswith(f"screening-{outcome}")
    assert count(Appointment) == 0


def test_consent_is_kept_with_its_words(client: FlaskClient, clinic: Clinic) -> None:
    post(client, body())
    consent = db.session.scalars(select(TextConsent)).one()
    assert consent.granted
    assert "STOP" in consent.wording


def test_an_email_may_be_left_out(client: FlaskClient, clinic: Clinic) -> None:
    sent = body()
    del sent["patient"]["email"]
    assert post(client, sent).status_code == 201


def test_an_error_names_no_value_that_was_sent(client: FlaskClient, clinic: Clinic) -> None:
    response = post(client, body(patient__phone="unmistakable", patient__email="unmistakable"))
    assert "unmistakable" not in json.dumps(response.json)


def test_the_description_names_every_path(client: FlaskClient, clinic: Clinic) -> None:
    paths = client.get("/api/v1/openapi.json").json["paths"]
    served = {
        rule.rule.replace("<", "{").replace(">", "}")
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
    }
    assert set(paths) == served


def test_an_unknown_address_below_api_answers_a_problem(
    client: FlaskClient, clinic: Clinic
) -> None:
    response = client.get("/api/v1/nothing")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
