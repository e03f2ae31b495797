"""Parameters of operations: each that is read counts once, of its type; whatever else is sent is refused."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import Origin
from booking.audit.models import AuditEntry
from booking.extensions import db
from tests.builders import Clinic, a_clinic
from tests.interchange.fhir.asking import (
    ask,
    booking,
    by_id,
    entries,
    issue,
    parameters,
    proposals,
    send,
)

TEN, ELEVEN = "2026-12-01T10:00:00-07:00", "2026-12-01T11:00:00-07:00"


def find(client: FlaskClient, *given: Any) -> Any:
    return ask(client, "/Appointment/$find", "POST", parameters(*given))


def expression(name: str) -> list[str]:
    return [f"Parameters.parameter.where(name='{name}')"]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ({"valueDateTime": TEN}, {"valueDateTime": ELEVEN}, "T10:00", "T10:45"),
        ({"valueInstant": TEN}, {"valueInstant": ELEVEN}, "T10:00", "T10:45"),
        (
            {"valueInstant": "2026-12-01T17:00:00.000Z"},
            {"valueDate": "2026-12-01"},
            "T10:00",
            "T16:00",
        ),
        ({"valueDate": "2026-12-01"}, {"valueDate": "2026-12-01"}, "T09:00", "T16:00"),
    ],
)
def test_proposals_are_bounded_by_days_and_instants(
    client: FlaskClient, clinic: Clinic, start: Any, end: Any, first: str, last: str
) -> None:
    listed = entries(find(client, {"name": "start", **start}, {"name": "end", **end}))
    times = [each["start"][: len("2026-12-01T10:00")] for each in listed]
    assert (times[0], times[-1]) == (f"2026-12-01{first}", f"2026-12-01{last}")


def test_a_day_in_the_address_counts_whole(client: FlaskClient, clinic: Clinic) -> None:
    listed = entries(ask(client, "/Appointment/$find?start=2026-12-01&end=2026-12-01"))
    assert listed[0]["start"].startswith("2026-12-01T09:00")
    assert {each["start"][:10] for each in listed} == {"2026-12-01"}


OVERLOOKED: list[tuple[list[dict[str, Any]], str]] = [
    ([{"name": "start", "valueString": TEN}], "start"),
    ([{"name": "end", "valueUri": TEN}], "end"),
    ([{"name": "start", "valueDateTime": 7}], "start"),
    ([{"name": "start", "valueDateTime": TEN, "valueInstant": ELEVEN}], "start"),
    ([{"name": "start"}], "start"),
    ([{"name": "start", "part": [{"name": "start", "valueInstant": TEN}]}], "start"),
    ([{"name": "start", "valueInstant": TEN}] * 2, "start"),
    (
        [{"name": "location-reference", "valueString": "Location/ahwatukee"}],
        "location-reference",
    ),
    ([{"name": "practitioner", "valueUri": "Practitioner/1"}], "practitioner"),
]


def test_what_find_would_overlook_is_refused(client: FlaskClient, clinic: Clinic) -> None:
    for given, name in OVERLOOKED:
        response = find(client, *given)
        assert (response.status_code, issue(response)["code"]) == (422, "invalid")
        assert issue(response)["expression"] == expression(name)


UNREADABLE = [
    ("start=2026-12", "start[0]"),
    ("start=gt2026-12-01", "start[0]"),
    ("start=0001-01-01", "start[0]"),
    ("end=9999-12-31", "end[0]"),
    ("start=2026-12-01&start=2026-12-02", "start"),
    ("begin=2026-12-01", "begin"),
]


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_what_find_cannot_read_in_the_address_is_refused(
    client: FlaskClient, clinic: Clinic, verb: str
) -> None:
    for query, where in UNREADABLE:
        sent = parameters() if verb == "POST" else None
        response = ask(client, f"/Appointment/$find?{query}", verb, sent)
        assert (response.status_code, issue(response)["expression"]) == (422, [where])


def test_proposals_of_several_places_are_found(client: FlaskClient, clinic: Clinic) -> None:
    for slug in ("mesa", "scottsdale"):
        a_clinic(slug=slug)
    references = [
        {"name": "location-reference", "valueReference": {"reference": "Location/mesa"}},
        {"name": "location-reference", "valueUri": "Location/scottsdale"},
    ]
    listed = entries(find(client, *references))
    actors = {each["participant"][0]["actor"]["reference"] for each in listed}
    assert actors == {"Location/mesa", "Location/scottsdale"}


@pytest.mark.parametrize("member", ["valueUri", "valueId"])
def test_a_proposal_is_named_by_an_id_or_an_address(
    client: FlaskClient, clinic: Clinic, member: str
) -> None:
    sent = parameters({"name": "appt-id", member: proposals(client)[0]["id"]})
    assert send(client, "/Appointment/$hold", sent).status_code == 200


def test_what_is_held_by_a_program_is_a_programs_booking(
    client: FlaskClient, clinic: Clinic
) -> None:
    sent = parameters(by_id(proposals(client)[0]["id"]))
    (hold,) = entries(send(client, "/Appointment/$hold", sent))
    assert send(client, "/Appointment/$book", booking(hold["id"])).status_code == 201
    assert db.session.scalars(select(Appointment.origin)).all() == [Origin.API]
    actors = db.session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "hold"))
    assert actors.all() == ["api"]


FURTHER: list[tuple[dict[str, Any], str]] = [
    ({"name": "sms-consent", "valueBoolean": False}, "sms-consent"),
    ({"name": "sms-consent", "valueString": "true"}, "sms-consent"),
    ({"name": "screening", "resource": {}}, "screening"),
    ({"name": "patient-resource", "resource": {}}, "patient-resource"),
    ({"name": "appt-id", "valueUri": "Appointment/1.1.20261201T1800Z"}, "appt-id"),
    ({"name": "appt-resource", "resource": {"resourceType": "Appointment"}}, "appt-id"),
    ({"name": "comment", "valueString": "hello"}, "comment"),
]


@pytest.mark.parametrize("operation", ["$hold", "$book"])
def test_what_a_change_states_twice_or_cannot_mean_is_refused(
    client: FlaskClient, clinic: Clinic, operation: str
) -> None:
    proposal = proposals(client)[0]["id"]
    for further, name in FURTHER:
        sent = booking(proposal)
        sent["parameter"].append(further)
        response = send(client, f"/Appointment/{operation}", sent)
        assert (response.status_code, issue(response)["expression"]) == (422, expression(name))


def test_what_a_booking_lacks_is_named(client: FlaskClient, clinic: Clinic) -> None:
    for name in ("patient-resource", "screening"):
        sent = booking(proposals(client)[0]["id"])
        sent["parameter"] = [each for each in sent["parameter"] if each["name"] != name]
        response = send(client, "/Appointment/$book", sent)
        assert (response.status_code, issue(response)["expression"]) == (422, expression(name))


def test_a_consent_that_is_not_stated_is_none(client: FlaskClient, clinic: Clinic) -> None:
    sent = booking(proposals(client)[0]["id"])
    sent["parameter"].pop()
    assert send(client, "/Appointment/$book", sent).status_code == 201


def test_another_resource_than_an_appointment_names_no_slot(
    client: FlaskClient, clinic: Clinic
) -> None:
    slot = {"slot": [{"reference": f"Slot/{proposals(client)[0]['id']}"}]}
    for kind in ({"resourceType": "Bundle"}, {}):
        sent = parameters({"name": "appt-resource", "resource": slot | kind})
        assert send(client, "/Appointment/$hold", sent).status_code == 422
    assert (
        send(
            client, "/Appointment/$hold", {**parameters(by_id("x")), "resourceType": "Bundle"}
        ).status_code
        == 422
    )
