"""Asking as programs that speak FHIR do; each answer is looked at by HL7's schema."""

import itertools
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.interchange.fhir.oracle import errors_in

_keys = itertools.count(1)
FIND = "/Appointment/$find?start=2026-12-01T10:00:00-07:00&end=2026-12-01T12:00:00-07:00"
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "name": [{"family": "Person", "given": ["Test"]}],
    "birthDate": "1980-02-29",
    "telecom": [
        {"system": "phone", "value": "+16025550123"},
        {"system": "email", "value": "person@example.com"},
    ],
}


def ask(
    client: FlaskClient, path: str, verb: str = "GET", sent: Any = None, **headers: str
) -> TestResponse:
    """Ask, and require that the answer is FHIR R4."""
    kind = headers.pop("content_type", "application/fhir+json")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body: dict[str, Any] = {} if sent is None else {"json": sent, "content_type": kind}
    response = client.open("/fhir" + path, method=verb, headers=named, **body)
    assert response.mimetype == "application/fhir+json"
    assert errors_in(response.json or {}) == []
    return response


def send(
    client: FlaskClient, path: str, sent: Any, key: str = "", verb: str = "POST", **headers: str
) -> TestResponse:
    """Ask for a change, with a key of its own unless one is given."""
    key = key or f"key-{next(_keys)}"
    return ask(client, path, verb, sent, Idempotency_Key=key, **headers)


def entries(response: TestResponse) -> list[dict[str, Any]]:
    """Return the resources of a bundle."""
    return [entry["resource"] for entry in (response.json or {}).get("entry", ())]


def issue(response: TestResponse) -> dict[str, Any]:
    """Return the first issue of an outcome."""
    assert response.json is not None
    assert response.json["resourceType"] == "OperationOutcome"
    first: dict[str, Any] = response.json["issue"][0]
    return first


def parameters(*given: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(given)}


def by_id(appointment_id: str) -> dict[str, Any]:
    return {"name": "appt-id", "valueUri": f"Appointment/{appointment_id}"}


def answers(version: int = 1, **changed: bool) -> dict[str, Any]:
    """Return the safety questions, all answered with no but those changed."""
    given = {"danger": False, "psychosis": False, "pregnancy": False, **changed}
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": f"http://127.0.0.1:8000/fhir/Questionnaire/screening|{version}",
        "item": [
            {"linkId": slug, "answer": [{"valueBoolean": value}]} for slug, value in given.items()
        ],
    }


def booking(appointment_id: str, screening: Any = None, **patient: Any) -> dict[str, Any]:
    """Return what books a proposal or a hold, with changes to the patient."""
    return parameters(
        by_id(appointment_id),
        {"name": "patient-resource", "resource": PATIENT | patient},
        {"name": "screening", "resource": screening or answers()},
        {"name": "sms-consent", "valueBoolean": True},
    )


def proposals(client: FlaskClient) -> list[dict[str, Any]]:
    return entries(ask(client, FIND))
