"""What other programs send that nobody meant, and what goes wrong around them."""

import json

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.appointments.models import Appointment
from booking.appointments.rules import MAX_HOLDS, Status
from booking.calendars.availability import increment_catalogue_version
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Location
from booking.patients.models import CallRequest
from tests.builders import Clinic, a_clinic
from tests.interchange.asking import BODY, body, count, post, slots
from tests.site.steps import hold


def test_long_names_of_who_must_be_called_are_cut(client: FlaskClient, clinic: Clinic) -> None:
    sent = body(screening__answers__psychosis=True)
    sent["patient"] |= {"given_name": "a" * 80, "family_name": "b" * 80}
    assert post(client, sent).status_code == 422
    assert count(CallRequest) == 1


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "\x7f"])
def test_a_name_of_control_characters_is_refused(
    client: FlaskClient, clinic: Clinic, name: str
) -> None:
    response = post(client, body(patient__family_name=name))
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (
        422,
        "/patient/family_name",
    )


def test_invariant_14_who_has_another_appointment_then_is_told_as_of_a_time_that_went(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="scottsdale")
    assert post(client, body()).status_code == 201
    response = post(client, body(patient__family_name="Other"), key="key-2")
    elsewhere = post(client, body(location="scottsdale"), key="key-3")
    assert (elsewhere.status_code, elsewhere.json["title"]) == (409, response.json["title"])
    assert elsewhere.json["type"] == response.json["type"]
    assert elsewhere.json["alternatives"] != []
    assert BODY["start"] not in [slot["start"] for slot in elsewhere.json["alternatives"]]
    statement = select(Appointment).where(Appointment.status == Status.BOOKED)
    assert len(db.session.scalars(statement).all()) == 1


def test_invariant_14_the_time_refused_to_somebody_known_looks_taken_to_others_too(
    client: FlaskClient, clinic: Clinic
) -> None:
    a_clinic(slug="scottsdale")
    post(client, body())
    asked = "/api/v1/slots?service=consultation&location=scottsdale&start=2026-12-01&end=2026-12-01"
    before = {slot["start"] for slot in client.get(asked).json["slots"]}
    assert post(client, body(location="scottsdale"), key="key-2").status_code == 409
    after = {slot["start"] for slot in client.get(asked).json["slots"]}
    assert BODY["start"] in before - after


def test_invariant_14_an_earlier_flag_is_answered_as_a_taken_time(
    client: FlaskClient, clinic: Clinic
) -> None:
    stopped = post(client, body(screening__answers__psychosis=True))
    assert stopped.json["type"].endswith("screening-call-first")
    again = post(client, body(), key="key-2")
    other = post(client, body(patient__family_name="Other"), key="key-3")
    assert (again.status_code, again.json["type"]) == (409, other.json["type"])
    assert again.json.keys() == other.json.keys()


def test_json_nested_beyond_reading_is_refused(client: FlaskClient, clinic: Clinic) -> None:
    nested = "[" * 30_000 + "]" * 30_000
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    assert client.post("/api/v1/appointments", data=nested, headers=headers).status_code == 400


def test_a_name_twice_is_refused_as_neither_can_be_meant(
    client: FlaskClient, clinic: Clinic
) -> None:
    twice = json.dumps(BODY).replace('"sms_consent"', '"sms_consent": false, "sms_consent"')
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    assert client.post("/api/v1/appointments", data=twice, headers=headers).status_code == 400
    asked = "/api/v1/slots?service=consultation&service=infusion&start=2026-12-01&end=2026-12-01"
    assert client.get(asked).json["errors"][0]["pointer"] == "/service"


def test_a_pointer_tells_names_with_slashes_from_members_of_members(
    client: FlaskClient, clinic: Clinic
) -> None:
    response = post(client, body(**{"patient__a/b~c": 1}))
    assert response.json["errors"][0]["pointer"] == "/patient/a~1b~0c"


@pytest.mark.parametrize("service", ["infusion", "follow-up"])
def test_invariant_3_what_cannot_be_booked_online_is_not_offered(
    client: FlaskClient, clinic: Clinic, service: str
) -> None:
    asked = f"/api/v1/slots?service={service}&start=2026-12-01&end=2026-12-05"
    assert client.get(asked).json == {"slots": []}


DAYS_WITHOUT_SLOTS = [
    ("2027-06-01", "2027-06-02"),  # past the horizon
    ("2026-11-01", "2026-11-02"),  # past
    ("2000-01-01", "2000-03-01"),
    ("2199-12-01", "2200-01-01"),
    ("2027-01-30", "2027-04-30"),  # from the day after the horizon on
]


@pytest.mark.parametrize("locations", ["", "&location=ahwatukee"])
@pytest.mark.parametrize(("start", "end"), DAYS_WITHOUT_SLOTS)
def test_days_on_which_nothing_can_be_booked_have_no_slots(
    client: FlaskClient, clinic: Clinic, start: str, end: str, locations: str
) -> None:
    asked = f"/api/v1/slots?service=consultation&start={start}&end={end}{locations}"
    assert [client.get(asked).json for _ in range(2)] == [{"slots": []}] * 2


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1999-12-31", "2200-01-02", "9999-12-31", "10000-01-01"]
)
def test_days_of_another_age_are_refused(client: FlaskClient, clinic: Clinic, day: str) -> None:
    response = client.get(f"/api/v1/slots?service=consultation&start={day}&end={day}")
    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "/start")


def test_a_clinic_whose_locations_are_all_closed_has_no_slots(
    client: FlaskClient, clinic: Clinic
) -> None:
    with transaction():
        db.session.execute(update(Location).values(active=False))
        increment_catalogue_version()
    assert slots(client).json == {"slots": []}


@pytest.mark.parametrize(
    "start",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-12-01T10:00:00+23:59",
     "2026-12-01T10:00:00-23:59", "1999-12-31T23:59:59Z", "2201-01-01T00:00:00Z"],
)  # fmt: skip
def test_starts_of_any_offset_and_age_are_answered(
    client: FlaskClient, clinic: Clinic, start: str
) -> None:
    assert post(client, body(start=start)).status_code in (409, 422)


def test_slots_are_answered_again_after_the_database_was_restarted(
    app: Flask, client: FlaskClient, clinic: Clinic
) -> None:
    before = slots(client).json
    if db.engine.dialect.name == "postgresql":
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        )
        with psycopg.connect(app.config["DATABASE_URL"], autocommit=True) as admin:
            admin.execute(others + " AND datname = current_database()")
    answers = [slots(client) for _ in range(4)]
    assert {response.status_code for response in answers} <= {200, 503}
    assert answers[-1].json == before


def test_invariant_14_a_decoy_leaves_who_asked_as_many_holds_as_before(
    app: Flask, client: FlaskClient, clinic: Clinic
) -> None:
    for hour in ("13", "14"):
        post(client, body(start=f"2026-12-02T{hour}:00:00-07:00"), key=hour)
    refused = [f"2026-12-02T{hour}:00:00-07:00" for hour in ("09", "10", "11")]
    assert {post(client, body(start=start), key=start).status_code for start in refused} == {409}
    held = [hold(app.test_client(), 9 + number).status_code for number in range(MAX_HOLDS)]
    assert held == [302] * MAX_HOLDS
    later = "2026-12-02T15:00:00-07:00"
    assert post(client, body(start=later), key=later).status_code == 409
    asked = "/api/v1/slots?service=consultation&location=ahwatukee&start=2026-12-02&end=2026-12-02"
    assert later not in {slot["start"] for slot in client.get(asked).json["slots"]}
