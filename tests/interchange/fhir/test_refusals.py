"""What a program may not do, or sends wrong, is an OperationOutcome that names it."""

from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.interchange.fhir.ids import token_to_id
from tests.builders import Clinic, a_booking, local
from tests.interchange.fhir.asking import (
    answers,
    ask,
    booking,
    by_id,
    issue,
    parameters,
    proposals,
    send,
)


@pytest.mark.parametrize(
    ("changed", "expression"),
    [
        ({"birthDate": "2999-01-01"}, "Patient.birthDate"),
        ({"birthDate": None}, "Patient.birthDate"),
        ({"name": []}, "Patient.name.given"),
        ({"telecom": []}, "Patient.telecom.where(system='phone')"),
        (
            {"telecom": [{"system": "phone", "value": "12"}]},
            "Patient.telecom.where(system='phone')",
        ),
    ],
)
def test_what_is_wrong_with_a_patient_is_named(
    client: FlaskClient, clinic: Clinic, changed: dict[str, Any], expression: str
) -> None:
    response = send(client, "/Appointment/$book", booking(proposals(client)[0]["id"], **changed))
    assert (response.status_code, issue(response)["expression"]) == (422, [expression])


def test_what_is_wrong_with_the_answers_is_named(client: FlaskClient, clinic: Clinic) -> None:
    proposal, without = proposals(client)[0]["id"], answers()
    without["item"].pop()
    for screening, expression in (
        (answers(version=7), "QuestionnaireResponse.questionnaire"),
        (without, "QuestionnaireResponse.item.where(linkId='pregnancy')"),
    ):
        response = send(client, "/Appointment/$book", booking(proposal, screening))
        assert (response.status_code, issue(response)["expression"]) == (422, [expression])


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"resourceType": "Patient"},
        parameters(),
        parameters({"name": "appt-resource", "resource": {"resourceType": "Appointment"}}),
        parameters({"name": "appt-resource", "valueUri": 7}),
        {"resourceType": "Parameters", "parameter": "all"},
    ],
)
@pytest.mark.parametrize("operation", ["$hold", "$book"])
def test_what_names_no_time_is_refused(
    client: FlaskClient, clinic: Clinic, operation: str, sent: dict[str, Any]
) -> None:
    response = send(client, f"/Appointment/{operation}", sent)
    assert (response.status_code, issue(response)["code"]) == (422, "invalid")


@pytest.mark.parametrize("operation", ["$hold", "$book"])
@pytest.mark.parametrize("start", ["00010101T0000Z", "99991231T2359Z"])
def test_a_time_beyond_the_calendar_is_none(
    client: FlaskClient, clinic: Clinic, operation: str, start: str
) -> None:
    schedule, _dot, _start = proposals(client)[0]["id"].rpartition(".")
    response = send(client, f"/Appointment/{operation}", booking(f"{schedule}.{start}"))
    assert (response.status_code, issue(response)["code"]) == (404, "not-found")


@pytest.mark.parametrize("operation", ["$hold", "$book"])
def test_a_change_needs_a_key_and_json(client: FlaskClient, clinic: Clinic, operation: str) -> None:
    path, sent = f"/Appointment/{operation}", parameters(by_id(proposals(client)[0]["id"]))
    without = ask(client, path, "POST", sent)
    assert (without.status_code, issue(without)["code"]) == (400, "required")
    xml = client.post("/fhir" + path, data="<Parameters/>", headers={"Idempotency-Key": "k"})
    assert (xml.status_code, issue(xml)["code"]) == (400, "structure")


@pytest.mark.parametrize(
    "changed",
    [{"status": "booked"}, {"status": "noshow"}, {"id": "other"}, {"resourceType": "Slot"}],
)
def test_nothing_but_the_status_is_changed_and_that_to_cancelled(
    client: FlaskClient, clinic: Clinic, changed: dict[str, str]
) -> None:
    appointment = a_booking(local(10))
    path = f"/Appointment/{token_to_id(appointment.token)}"
    body = (ask(client, path).json or {}) | {"status": "cancelled"} | changed
    response = send(client, path, body, verb="PUT")
    assert (response.status_code, issue(response)["code"]) == (422, "processing")
    patch = [{"op": "replace", "path": "/status", "value": "noshow"}]
    kind = "application/json-patch+json"
    assert send(client, path, patch, verb="PATCH", content_type=kind).status_code == 422
    assert send(client, path, patch, verb="PATCH").status_code == 415
    assert db.session.get_one(Appointment, appointment.id).status is Status.BOOKED


def test_what_is_over_is_not_cancelled(client: FlaskClient, clinic: Clinic) -> None:
    appointment = a_booking(local(10))
    path = f"/Appointment/{token_to_id(appointment.token)}"
    body = (ask(client, path).json or {}) | {"status": "cancelled"}
    with time_machine.travel(local(12), tick=False):
        response = send(client, path, body, verb="PUT")
    assert (response.status_code, issue(response)["code"]) == (409, "business-rule")
