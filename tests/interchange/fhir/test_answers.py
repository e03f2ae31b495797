"""Safety questions answered by a program: ours alone, each once, and nothing that takes an answer back."""

from typing import Any

from flask.testing import FlaskClient

from booking.appointments.models import Appointment
from tests.builders import Clinic
from tests.interchange.asking import count
from tests.interchange.fhir.asking import answers, booking, issue, proposals, send

YES, NO = {"valueBoolean": True}, {"valueBoolean": False}


def book(client: FlaskClient, screening: dict[str, Any]) -> Any:
    return send(client, "/Appointment/$book", booking(proposals(client)[0]["id"], screening))


OTHER_ANSWERS: list[tuple[dict[str, Any], str]] = [
    ({"resourceType": "Bundle"}, "resourceType"),
    ({"status": "entered-in-error"}, "status"),
    ({"status": "in-progress"}, "status"),
    ({"status": None}, "status"),
    ({"questionnaire": "https://other.example/PHQ9|1"}, "questionnaire"),
    ({"questionnaire": "http://127.0.0.1:8000/fhir/Questionnaire/screening"}, "questionnaire"),
    (
        {"questionnaire": "http://127.0.0.1:8000/fhir/Questionnaire/screening|x"},
        "questionnaire",
    ),
    ({"modifierExtension": [{"url": "http://a.example/refuted"}]}, "modifierExtension"),
]


def test_answers_to_anything_else_are_refused(client: FlaskClient, clinic: Clinic) -> None:
    for changed, member in OTHER_ANSWERS:
        response = book(client, answers() | changed)
        expected = (422, [f"QuestionnaireResponse.{member}"])
        assert (response.status_code, issue(response)["expression"]) == expected
    assert count(Appointment) == 0


def test_a_question_answered_twice_is_not_answered(client: FlaskClient, clinic: Clinic) -> None:
    for first in (True, False):
        screening = answers(psychosis=not first)
        screening["item"].insert(0, {"linkId": "psychosis", "answer": [{"valueBoolean": first}]})
        response = book(client, screening)
        expected = (422, ["QuestionnaireResponse.item"])
        assert (response.status_code, issue(response)["expression"]) == expected
    assert count(Appointment) == 0


OTHER_ITEMS: list[tuple[dict[str, Any], str]] = [
    ({"answer": [NO, YES]}, "answer"),
    ({"answer": [NO, NO]}, "answer"),
    ({"answer": []}, "answer"),
    ({"answer": [{"valueString": "no"}]}, "answer[0].valueBoolean"),
    ({"answer": [{"valueBoolean": "false"}]}, "answer[0].valueBoolean"),
    ({"answer": [NO | {"valueString": "yes"}]}, "answer[0].valueString"),
    ({"answer": [NO | {"item": [{"linkId": "danger", "answer": [YES]}]}]}, "answer[0].item"),
    ({"item": [{"linkId": "danger", "answer": [YES]}]}, "item"),
    ({"modifierExtension": [{"url": "http://a.example/not"}]}, "modifierExtension"),
]


def test_an_item_is_one_question_with_one_answer(client: FlaskClient, clinic: Clinic) -> None:
    for changed, where in OTHER_ITEMS:
        screening = answers()
        screening["item"][1] |= changed
        response = book(client, screening)
        expected = (422, [f"QuestionnaireResponse.item[1].{where}"])
        assert (response.status_code, issue(response)["expression"]) == expected
    assert count(Appointment) == 0


def test_answers_that_were_amended_count_and_words_beside_them_are_left_alone(
    client: FlaskClient, clinic: Clinic
) -> None:
    screening = answers() | {"status": "amended", "authored": "2026-11-30T08:00:00-07:00"}
    screening["item"][0] |= {"text": "Are you in danger?", "id": "a"}
    assert book(client, screening).status_code == 201
