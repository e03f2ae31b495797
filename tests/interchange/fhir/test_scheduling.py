"""`$find`, `$hold`, `$book`: the same rules and answers as on our pages and in our own API."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import MAX_HOLDS, Origin
from booking.calendars.slots import list_slots
from booking.extensions import db
from booking.interchange.fhir.ids import id_to_token, token_to_id
from booking.patients.models import CallRequest, Patient
from booking.web import limits
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, local
from tests.interchange.asking import count
from tests.interchange.fhir.asking import (
    answers,
    ask,
    booking,
    by_id,
    entries,
    issue,
    parameters,
    proposals,
    send,
)


def hold(client: FlaskClient, number: int = 0, key: str = "") -> dict[str, Any]:
    """Hold one of the proposals; return the appointment that is held."""
    sent = parameters(by_id(proposals(client)[number]["id"]))
    return entries(send(client, "/Appointment/$hold", sent, key))[0]


def free(client: FlaskClient) -> set[Any]:
    return {slot.starts_at for slot in list_slots("consultation", None, TOMORROW, TOMORROW, NOW)}


def test_a_time_is_proposed_held_booked_read_and_cancelled(
    client: FlaskClient, clinic: Clinic
) -> None:
    first = proposals(client)[0]
    assert (first["status"], first["start"]) == ("proposed", "2026-12-01T10:00:00-07:00")
    held = hold(client)
    assert (held["status"], held["start"]) == ("pending", first["start"])
    assert local(10) not in free(client)
    response = send(client, "/Appointment/$book", booking(held["id"]))
    booked = entries(response)[0]
    assert (response.status_code, booked["status"], booked["id"]) == (201, "booked", held["id"])
    assert response.location == f"http://127.0.0.1:8000/fhir/Appointment/{held['id']}"
    assert ask(client, f"/Appointment/{held['id']}").json == booked
    cancelled = send(
        client, f"/Appointment/{held['id']}", booked | {"status": "cancelled"}, verb="PUT"
    )
    assert (cancelled.status_code, (cancelled.json or {})["status"]) == (200, "cancelled")
    assert local(10) in free(client)


def test_a_proposal_is_booked_without_a_hold_as_by_our_own_api(
    client: FlaskClient, clinic: Clinic
) -> None:
    response = send(client, "/Appointment/$book", booking(proposals(client)[0]["id"]))
    assert response.status_code == 201
    appointment = db.session.scalars(select(Appointment)).one()
    assert (appointment.starts_at, appointment.origin) == (local(10), Origin.API)
    patient = db.session.scalars(select(Patient)).one()
    assert (patient.family_name, patient.phone) == ("Person", "+16025550123")


def test_an_appointment_resource_names_its_slot(client: FlaskClient, clinic: Clinic) -> None:
    proposal = proposals(client)[1]
    sent = booking(proposal["id"])
    sent["parameter"][0] = {"name": "appt-resource", "resource": proposal}
    assert send(client, "/Appointment/$book", sent).status_code == 201
    again = parameters({"name": "appt-resource", "resource": proposal})
    assert send(client, "/Appointment/$hold", again).status_code == 409


def test_find_is_asked_by_a_posted_parameters_too(client: FlaskClient, clinic: Clinic) -> None:
    a_clinic(slug="scottsdale")
    sent = parameters(
        {"name": "start", "valueDateTime": "2026-12-01T10:00:00-07:00"},
        {"name": "end", "valueDateTime": "2026-12-01T11:00:00-07:00"},
        {"name": "location-reference", "valueReference": {"reference": "Location/scottsdale"}},
    )
    listed = entries(ask(client, "/Appointment/$find", "POST", sent))
    places = {each["participant"][0]["actor"]["reference"] for each in listed}
    assert (len(listed), places) == (4, {"Location/scottsdale"})


@pytest.mark.parametrize("operation", ["$hold", "$book"])
def test_invariant_1_a_time_that_went_is_a_conflict(
    client: FlaskClient, clinic: Clinic, operation: str
) -> None:
    sent = booking(proposals(client)[0]["id"])
    a_booking(local(10))
    response = send(client, f"/Appointment/{operation}", sent)
    assert (response.status_code, issue(response)["code"]) == (409, "conflict")
    alternatives = (response.json or {})["issue"][1]
    assert alternatives["severity"] == "information"
    assert "2026-12-01T11:00:00-07:00" in alternatives["diagnostics"]


@pytest.mark.parametrize("operation", ["$hold", "$book"])
def test_invariant_5_a_repeated_request_is_done_once(
    client: FlaskClient, clinic: Clinic, operation: str
) -> None:
    sent = booking(proposals(client)[0]["id"])
    first, second = (send(client, f"/Appointment/{operation}", sent, "k") for _ in range(2))
    assert (second.status_code, second.json) == (first.status_code, first.json)
    assert count(Appointment) == 1
    other = booking(proposals(client)[0]["id"])
    refused = send(client, f"/Appointment/{operation}", other, "k")
    assert (refused.status_code, issue(refused)["code"]) == (422, "duplicate")


def test_invariant_5_a_hold_is_booked_once(client: FlaskClient, clinic: Clinic) -> None:
    sent = booking(hold(client)["id"])
    first, second = (send(client, "/Appointment/$book", sent, "k") for _ in range(2))
    assert (second.status_code, second.json) == (201, first.json)


def test_a_hold_that_ran_out_is_booked_while_its_time_is_free(
    client: FlaskClient, clinic: Clinic
) -> None:
    held, other = hold(client), hold(client, 3)
    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        a_booking(local(11, 15), NOW + timedelta(minutes=20))
        assert send(client, "/Appointment/$book", booking(held["id"])).status_code == 201
        gone = send(client, "/Appointment/$book", booking(other["id"]))
        assert (gone.status_code, issue(gone)["code"]) == (409, "conflict")


def test_what_is_held_is_let_go(client: FlaskClient, clinic: Clinic) -> None:
    held = hold(client)
    sent = [{"op": "replace", "path": "/status", "value": "cancelled"}]
    path, kind = f"/Appointment/{held['id']}", "application/json-patch+json"
    response = send(client, path, sent, verb="PATCH", content_type=kind)
    assert (response.status_code, (response.json or {})["status"]) == (200, "cancelled")
    assert local(10) in free(client)
    assert ask(client, path).status_code == 404


def test_one_address_holds_so_many(client: FlaskClient, clinic: Clinic) -> None:
    ids = [each["id"] for each in entries(ask(client, "/Appointment/$find"))]
    apart = ids[:: len(ids) // (MAX_HOLDS + 1)][: MAX_HOLDS + 1]
    responses = [send(client, "/Appointment/$hold", parameters(by_id(each))) for each in apart]
    assert [response.status_code for response in responses] == [*[200] * MAX_HOLDS, 429]
    assert issue(responses[-1])["code"] == "throttled"


def test_answers_that_stop_lead_to_no_booking(client: FlaskClient, clinic: Clinic) -> None:
    held = hold(client)
    for appointment_id in (proposals(client)[3]["id"], held["id"]):
        sent = booking(appointment_id, answers(psychosis=True))
        response = send(client, "/Appointment/$book", sent)
        assert (response.status_code, issue(response)["code"]) == (422, "business-rule")
    assert count(Appointment) == 0
    assert count(CallRequest) == 1


def test_invariant_14_who_may_not_book_is_told_as_of_a_time_that_went(
    client: FlaskClient, clinic: Clinic
) -> None:
    for slug in ("mesa", "scottsdale"):
        a_clinic(slug=slug)
    first, second, third = (each["id"] for each in proposals(client)[:3])  # all at ten
    assert send(client, "/Appointment/$book", booking(first)).status_code == 201
    at_once = send(client, "/Appointment/$book", booking(second))
    held = entries(send(client, "/Appointment/$hold", parameters(by_id(third))))[0]
    after_a_hold = send(client, "/Appointment/$book", booking(held["id"]))
    assert [at_once.status_code, after_a_hold.status_code] == [409, 409]
    assert issue(at_once) == issue(after_a_hold)
    assert {second, third} & {each["id"] for each in proposals(client)} == set()


def test_invariant_14_no_answer_holds_a_patient(client: FlaskClient, clinic: Clinic) -> None:
    response = send(client, "/Appointment/$book", booking(proposals(client)[0]["id"]))
    texts = [response.text, ask(client, f"/Appointment/{entries(response)[0]['id']}").text]
    own = ("Person", "6025550123", "1980", "person@example.com")
    assert [value for value in own for text in texts if value in text] == []


def test_an_id_is_the_token_without_its_underscores() -> None:
    for token in ("AAAAAAAAAAAAAAAAAAAAAA", "__--__--__--__--__--_w", "0123456789abcdefghijkA"):
        assert id_to_token(token_to_id(token)) == token


def test_changes_of_an_address_are_limited(app: Flask, client: FlaskClient, clinic: Clinic) -> None:
    app.config |= {"LIMITS_STORAGE_URL": "database://", "API_BOOKING_LIMIT": "2 per minute"}
    limits.init_app(app)
    sent = parameters(by_id(proposals(client)[0]["id"]))
    responses = [send(client, "/Appointment/$hold", sent) for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 409, 429]
    assert (issue(responses[2])["code"], responses[2].headers["Retry-After"]) == ("throttled", "60")
