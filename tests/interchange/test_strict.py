"""The API reads each field as it is written, and nothing else as if it were."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment, AppointmentContact
from booking.extensions import db
from booking.patients.models import Patient, TextConsent
from tests.builders import Clinic
from tests.interchange.asking import body, count, post, slots

BORN, START = "/patient/birth_date", "/start"
PHONE, EMAIL = "/patient/phone", "/patient/email"
GIVEN, FAMILY = "/patient/given_name", "/patient/family_name"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((BORN, value) for value in (0, 951782400, 951782400.0, "0", "951782400", True, None, "",
                                      "1980-2-29", "1980-02-30", "1980-02-29T00:00:00", "19800229",
                                      "02/29/1980", " 1980-02-29", "1980-02-29\n", "٢٠٠٠-٠١-٠١",
                                      "1880-01-01", "2026-12-02", "2190-01-01", [1980, 2, 29])),
        *((START, value) for value in (1796144400, 1796144400.5, "1796144400", True, None,
                                       "2026-12-01T10:00:00", "2026-12-01", "2026-12-01 10:00-07:00",
                                       "20261201T100000-0700")),
        *(("/sms_consent", value) for value in ("yes", "true", 1, 0, None)),
        *(("/screening/version", value) for value in (True, "1", 1.0, 1.5, None)),
        *(("/screening/answers/danger", value) for value in ("no", 0, None, "false")),
        *((PHONE, value) for value in ("555-0123", "000-000-0000", "123-456-7890", 6025550123, None,
                                       "", "602 555 0123" + " " * 60)),
        *((EMAIL, value) for value in ("josé@example.com", "王@example.com", 5, "", "a@localhost")),
        *((GIVEN, value) for value in ("", " ", "evil.com", "www.evil", "http://x", "A\nB", "\u200b",
                                       "A\u202eB", 5, None, ["Ann"], "x" * 81, "\u3164", "---")),
        *((FAMILY, value) for value in ("t.co/x", "A\u2028B", "\u2066x", "\t\n")),
    ],
)  # fmt: skip
def test_what_is_not_what_it_should_be_is_named_and_books_nothing(
    client: FlaskClient, clinic: Clinic, field: str, value: Any
) -> None:
    response = post(client, body(**{field[1:].replace("/", "__"): value}))
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json["errors"]] == [field]
    assert response.json["type"].endswith("/invalid")
    assert count(Appointment) == count(Patient) == 0


@pytest.mark.parametrize(
    "start", ["2026-12-01T17:00:00Z", "2026-12-01T10:00-07:00", "2026-12-01T10:00:00.000-07:00"]
)
def test_an_instant_may_be_written_in_any_of_its_forms(
    client: FlaskClient, clinic: Clinic, start: str
) -> None:
    assert post(client, body(start=start)).status_code == 201


@pytest.mark.parametrize("day", ["0", "1796083200", "2026-12-1", "20261201"])
def test_days_of_a_list_are_days_as_written(client: FlaskClient, clinic: Clinic, day: str) -> None:
    response = client.get(f"/api/v1/slots?service=consultation&start={day}&end=2026-12-01")
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "/start")
    assert slots(client).status_code == 200


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("José", "O'Brien"),
        ("J", "Nguyễn"),
        ("王", "小明"),
        ("محمد", "de la Cruz"),
        ("St. John", "Smith-Jones"),
    ],
)
def test_real_names_book(client: FlaskClient, clinic: Clinic, given: str, family: str) -> None:
    sent = body(patient__given_name=given, patient__family_name=family)
    assert post(client, sent).status_code == 201
    patient = db.session.scalars(select(Patient)).one()
    assert (patient.given_name, patient.family_name) == (given, family)


def test_an_extension_is_kept_for_calls(client: FlaskClient, clinic: Clinic) -> None:
    assert post(client, body(patient__phone="(602) 555-0123 ext. 44")).status_code == 201
    assert db.session.scalars(select(Patient)).one().phone == "+16025550123;ext=44"
    assert db.session.scalars(select(TextConsent)).one().phone == "+16025550123"


@pytest.mark.parametrize("phone", ["+18095550123", "+34600123456", "+18005550123", "+19002345678"])
def test_texts_to_where_the_clinic_sends_none_are_refused_and_calls_are_not(
    client: FlaskClient, clinic: Clinic, phone: str
) -> None:
    refused = post(client, body(patient__phone=phone))
    error = refused.json["errors"][0]
    assert (refused.status_code, error["pointer"]) == (422, "/sms_consent")
    assert "Canada, United States" in error["detail"]
    assert count(Appointment) == 0
    assert post(client, body(patient__phone=phone, sms_consent=False), "key-2").status_code == 201


def test_a_domain_in_other_letters_is_mailed_by_its_name_in_ascii(
    client: FlaskClient, clinic: Clinic
) -> None:
    assert post(client, body(patient__email="Person@Bücher.de")).status_code == 201
    assert db.session.scalars(select(AppointmentContact)).one().email == "person@xn--bcher-kva.de"


def test_invariant_14_known_or_not_the_answer_is_alike(client: FlaskClient, clinic: Clinic) -> None:
    new = post(client, body())
    changed = post(
        client, body(start="2026-12-01T12:00:00-07:00", patient__phone="+16025550177"), "key-3"
    )
    twin = post(
        client, body(start="2026-12-01T13:00:00-07:00", patient__given_name="Tess"), "key-4"
    )
    answers = (new, changed, twin)
    assert {response.status_code for response in answers} == {201}
    assert len({tuple(response.json or ()) for response in answers}) == 1


@pytest.mark.parametrize("path", ["locations", "services", "screening", "slots", "openapi.json"])
def test_a_query_that_is_not_read_is_named(client: FlaskClient, clinic: Clinic, path: str) -> None:
    query = "service=consultation&start=2026-12-01&end=2026-12-01&" if path == "slots" else ""
    refused = client.get(f"/api/v1/{path}?{query}locaton=ahwatukee")
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert refused.json["errors"][0]["pointer"] == "/locaton"
    assert client.get(f"/api/v1/{path}?{query.rstrip('&')}").status_code == 200


def test_a_query_books_moves_and_cancels_nothing(client: FlaskClient, clinic: Clinic) -> None:
    refused = client.post(
        "/api/v1/appointments?dry_run=1", json=body(), headers={"Idempotency-Key": "key-9"}
    )
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/dry_run")
    assert count(Appointment) == 0
    token = post(client, body()).json["manage_url"].rpartition("/")[2]
    for change in ("", "/cancel?dry_run=1", "/move?dry_run=1"):
        path = f"/api/v1/appointments/{token}{change or '?full=1'}"
        answer = (
            client.post(path, json={}, headers={"Idempotency-Key": "key-9"})
            if change
            else client.get(path)
        )
        assert answer.status_code == 422
