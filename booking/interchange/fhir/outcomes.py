"""Refusals as FHIR says them: those of our own API, each problem as an OperationOutcome."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Response
from flask_babel import gettext as _
from pydantic import ValidationError

from booking.appointments.callbacks import TooManyCallRequests
from booking.appointments.guards import ChangeRefused
from booking.appointments.holds import HoldNotFound
from booking.appointments.patient_booking import NotCleared
from booking.appointments.rules import ActionNotAllowed
from booking.appointments.self_service import UnknownToken
from booking.calendars.availability import UnknownSlug
from booking.db.idempotency import IdempotencyKeyReused
from booking.interchange import own_appointments, problems
from booking.interchange.fhir.blueprint import blueprint
from booking.interchange.fhir.ids import UnknownId
from booking.interchange.fhir.parameters import ParameterRefused
from booking.interchange.requests import MissingIdempotencyKey, NotJson
from booking.screening.operations import OutdatedQuestions
from booking.screening.rules import IncompleteAnswers
from booking.web.outcomes import build_issue, build_outcome_response, outcome_of_status

ISSUES = {  # by our problem types' names
    "key-missing": "required",
    "key-reused": "duplicate",
    "not-json": "structure",
    "invalid": "invalid",
    "not-found": "not-found",
    "slot-taken": "conflict",
    "not-possible": "business-rule",
}
PATHS = {  # where our own API's fields stand in what FHIR sends
    "/patient/given_name": "Patient.name.given",
    "/patient/family_name": "Patient.name.family",
    "/patient/birth_date": "Patient.birthDate",
    "/patient/phone": "Patient.telecom.where(system='phone')",
    "/patient/email": "Patient.telecom.where(system='email')",
    "/screening/version": "QuestionnaireResponse.questionnaire",
    "/sms_consent": "Parameters.parameter.where(name='sms-consent')",
}
Problem = Mapping[str, Any]
Handler = Callable[[Any], Response]


def to_outcome(response: Response) -> Response:
    """Return a problem of our own API as an OperationOutcome, with the same status."""
    return describe_problem(response.status_code, response.get_json())


def describe_problem(status: int, problem: Problem) -> Response:
    """Return the outcome that says what a problem does: an issue for each field, and free times to go to."""
    code = ISSUES.get(problem["type"].rpartition("/")[2], "business-rule")
    text = " ".join(filter(None, (problem["title"], problem.get("detail"))))
    issues = [
        build_issue(code, entry["detail"], expression=[_locate(entry["pointer"])])
        for entry in problem.get("errors", ())
    ] or [build_issue(code, text)]
    if alternatives := problem.get("alternatives"):
        starts = ", ".join(slot["start"] for slot in alternatives)
        issues.append(
            build_issue(
                "informational", _("Free times"), severity="information", diagnostics=starts
            )
        )
    return build_outcome_response(status, issues)


def _locate(pointer: str) -> str:
    if pointer in PATHS:
        return PATHS[pointer]
    if pointer.startswith("/screening/answers"):
        slug = pointer.rpartition("/")[2]
        return f"QuestionnaireResponse.item.where(linkId='{slug}')"
    parts = (f"[{part}]" if part.isdecimal() else f".{part}" for part in pointer.split("/")[1:])
    return "".join(parts).removeprefix(".")


HANDLERS: Mapping[type[Exception], Handler] = {
    MissingIdempotencyKey: problems.handle_missing_key,
    NotJson: problems.handle_not_json,
    ValidationError: problems.handle_validation_error,
    UnknownSlug: problems.handle_unknown_slug,
    IncompleteAnswers: problems.handle_missing_answers,
    OutdatedQuestions: problems.handle_outdated_questions,
    IdempotencyKeyReused: problems.handle_reused_key,
    TooManyCallRequests: problems.handle_too_many_call_requests,
    UnknownToken: own_appointments.handle_unknown_token,
    ActionNotAllowed: own_appointments.handle_change_refused,
    ChangeRefused: own_appointments.handle_change_refused,
    NotCleared: own_appointments.handle_change_refused,
}


def _answer(handle: Handler, error: Exception) -> Response:
    return to_outcome(handle(error))


for kind, handler in HANDLERS.items():
    blueprint.register_error_handler(kind, partial(_answer, handler))


@blueprint.errorhandler(UnknownId)
@blueprint.errorhandler(HoldNotFound)
def handle_unknown_id(_error: UnknownId | HoldNotFound) -> Response:
    """A resource that isn't there, or no longer."""
    return outcome_of_status(404, _("There is none of this name."))


@blueprint.errorhandler(ParameterRefused)
def handle_parameter_refused(error: ParameterRefused) -> Response:
    """A parameter of an operation that is missing, or isn't as it is read here."""
    name = f"Parameters.parameter.where(name='{error.name}')"
    return build_outcome_response(422, [build_issue("invalid", error.detail, expression=[name])])
