"""Of a patient's names and numbers the one that holds today is taken, never a former one."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from booking.interchange.fhir.patient_bodies import PatientBody
from tests.builders import NOW, Clinic
from tests.interchange.fhir.asking import booking, issue, proposals, send

MAIL = {"system": "email", "value": "person@example.com"}
YET = {"end": "2026-11"}  # it is the last of November


def name(family: str, use: str | None = None, **members: Any) -> dict[str, Any]:
    stated = {"family": family, "given": ["Test"], **members}
    return stated | ({"use": use} if use else {})


def phone(number: str, use: str | None = None, **members: Any) -> dict[str, Any]:
    stated = {"system": "phone", "value": f"+1602555{number}", **members}
    return stated | ({"use": use} if use else {})


def read(**members: Any) -> dict[str, Any]:
    """Return a patient as our own API is told of one, on the last of November."""
    return PatientBody.model_validate({"resourceType": "Patient", **members}).to_own(NOW.date())


@pytest.mark.parametrize(
    "names",
    [
        [name("Maiden", "old"), name("Right", "official")],
        [name("Common", "usual"), name("Right", "official")],
        [name("Bare"), name("Right", "usual"), name("Nick", "nickname")],
        [name("Maiden", "maiden"), name("Stage", "anonymous"), name("Right")],
        [name("Over", "official", period={"end": "2025"}), name("Right", "usual")],
        [name("Right", period=YET), name("Second")],
    ],
)  # fmt: skip
def test_the_name_that_holds_today_is_taken(names: list[dict[str, Any]]) -> None:
    assert read(name=names)["family_name"] == "Right"


@pytest.mark.parametrize(
    "numbers",
    [
        [phone("0180", "old"), phone("0123")],
        [phone("0180", "home"), phone("0123", "mobile")],
        [phone("0180"), phone("0123") | {"system": "sms"}],
        [phone("0180", "work"), phone("0123", "home")],
        [phone("0180", "mobile", period={"end": "2026-11-29"}), phone("0123", "work")],
        [phone("0180", rank=2), phone("0123", rank=1), phone("0181")],
        [phone("0123", period=YET), phone("0180")],
    ],
)  # fmt: skip
def test_the_number_that_holds_today_and_takes_texts_is_taken(
    numbers: list[dict[str, Any]],
) -> None:
    mails = [MAIL | {"use": "old", "value": "old@example.com"}, MAIL]
    own = read(telecom=[*numbers, *mails])
    assert (own["phone"], own["email"]) == ("+16025550123", "person@example.com")


FORMER: list[tuple[dict[str, Any], str]] = [
    ({"name": [name("Maiden", "old")]}, "Patient.name.given"),
    ({"name": [name("Over", period={"end": "2026-10"})]}, "Patient.name.given"),
    ({"telecom": [phone("0180", "old"), MAIL]}, "Patient.telecom.where(system='phone')"),
    ({"resourceType": "Person"}, "Patient.resourceType"),
    ({"modifierExtension": [{"url": "http://a.example/x"}]}, "Patient.modifierExtension"),
    ({"telecom": [phone("0123", rank="first")]}, "Patient.telecom[0].rank"),
]


def test_who_has_none_that_holds_is_asked_for_one(client: FlaskClient, clinic: Clinic) -> None:
    proposal = proposals(client)[0]["id"]
    for changed, where in FORMER:
        response = send(client, "/Appointment/$book", booking(proposal, **changed))
        assert (response.status_code, issue(response)["expression"]) == (422, [where])
