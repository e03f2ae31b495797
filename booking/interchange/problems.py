"""What is wrong, as the API says it: problem+json (RFC 9457), one type for each refusal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext as _
from pydantic import ValidationError

from booking import clock
from booking.appointments import decoys, nearest_slots
from booking.appointments.booking import NotBooked
from booking.appointments.callbacks import TooManyCallRequests
from booking.appointments.patient_booking import PatientNotBookable
from booking.calendars.availability import UnknownSlug
from booking.calendars.operations import SlotTaken
from booking.calendars.slots import Slot
from booking.db.idempotency import IdempotencyKeyReused
from booking.db.transactions import OverlapError
from booking.interchange import slotlist
from booking.interchange.blueprint import blueprint
from booking.interchange.requests import MissingIdempotencyKey, NotJson
from booking.interchange.schemas import AppointmentBody, list_field_errors
from booking.screening.operations import OutdatedQuestions
from booking.screening.rules import IncompleteAnswers, ScreeningOutcome
from booking.web.errors import build_problem_response
from booking.web.limits import client_address_key
from booking.web.response_timing import pad_response_time

Refusal = SlotTaken | OverlapError | PatientNotBookable
PROBLEMS = "/api/v1/problems/"  # stem of our problem types


def build_problem(status: int, kind: str, title: str, **members: Any) -> Response:
    """Return a problem of one of our own types."""
    return build_problem_response(status, title, PROBLEMS + kind, **members)


@blueprint.errorhandler(MissingIdempotencyKey)
def handle_missing_key(_error: MissingIdempotencyKey) -> Response:
    """A request that could not be told from its repetition."""
    return build_problem(400, "key-missing", _("Send an Idempotency-Key of 1 to 255 characters"))


@blueprint.errorhandler(NotJson)
def handle_not_json(_error: NotJson) -> Response:
    """A body that can't be read."""
    return build_problem(400, "not-json", _("Send a JSON object, each name in it once"))


@blueprint.errorhandler(ValidationError)
def handle_validation_error(error: ValidationError) -> Response:
    """Name each field that is wrong and what was expected."""
    return build_problem(
        422,
        "invalid",
        _("Some fields are missing or wrong"),
        errors=list_field_errors(error),
    )


@blueprint.errorhandler(UnknownSlug)
def handle_unknown_slug(error: UnknownSlug) -> Response:
    """A location or service that isn't there."""
    entry = {"pointer": f"/{error.kind}", "detail": _("There is none of this name.")}
    return build_problem(422, "invalid", _("Some fields are missing or wrong"), errors=[entry])


@blueprint.errorhandler(IncompleteAnswers)
def handle_missing_answers(error: IncompleteAnswers) -> Response:
    """Name each question that lacks a yes or a no."""
    entries = [
        {"pointer": f"/screening/answers/{slug}", "detail": _("Answer true or false.")}
        for slug in error.slugs
    ]
    return build_problem(422, "invalid", _("Some fields are missing or wrong"), errors=entries)


@blueprint.errorhandler(OutdatedQuestions)
def handle_outdated_questions(_error: OutdatedQuestions) -> Response:
    """Answers to questions that are no longer asked."""
    entry = {"pointer": "/screening/version", "detail": _("The questions have changed.")}
    return build_problem(422, "invalid", _("Some fields are missing or wrong"), errors=[entry])


@blueprint.errorhandler(IdempotencyKeyReused)
def handle_reused_key(_error: IdempotencyKeyReused) -> Response:
    """A key that came with another body before."""
    return build_problem(422, "key-reused", _("This Idempotency-Key came with another body before"))


@blueprint.errorhandler(SlotTaken)
@blueprint.errorhandler(OverlapError)
@blueprint.errorhandler(PatientNotBookable)
def handle_slot_taken(error: Refusal) -> Response:
    """Offer the nearest times instead of the one that a request to book names."""
    body = AppointmentBody.model_validate(request.get_json())
    return refuse_slot(error, body.service, body.location, body.start)


def refuse_slot(error: Refusal, service: str, location: str, starts_at: datetime) -> Response:
    """Offer the nearest times instead of one that somebody doesn't get.

    Of someone who may not book, no more is said, and their time looks taken to others too: that someone is
    known here is nobody's business (invariant 14).
    """
    if isinstance(error, PatientNotBookable):
        now = clock.now()
        asked_from = client_address_key("decoys")
        decoys.create_decoy_hold(service, location, starts_at, now, asked_from)
    slots = nearest_slots.list_nearest_slots(service, starts_at, clock.now(), location=location)
    return pad_response_time(build_slot_taken(slots))


def build_slot_taken(slots: Sequence[Slot]) -> Response:
    """Return the problem of a time that is not free, with the nearest ones that are."""
    return build_problem(
        409,
        "slot-taken",
        _("This time is no longer free"),
        alternatives=[slotlist.slot_to_dict(slot) for slot in slots],
    )


@blueprint.errorhandler(TooManyCallRequests)
def handle_too_many_call_requests(_error: TooManyCallRequests) -> Response:
    """Answer as to anyone whose answers ask for a call: they can call, though nobody was asked to."""
    status, body = build_not_booked_problem(NotBooked(ScreeningOutcome.CALL_FIRST))
    response = jsonify(body)
    response.status_code, response.mimetype = status, "application/problem+json"
    return response


def build_not_booked_problem(result: NotBooked) -> tuple[int, dict[str, Any]]:
    """Return the status and the problem of answers that lead to no booking."""
    return 422, {
        "type": PROBLEMS + "screening-" + result.outcome.value.replace("_", "-"),
        "title": _("Because of an answer, this time can't be confirmed online"),
        "status": 422,
        "detail": _(
            "This is no diagnosis. In an emergency call 911; call or text 988 at any hour."
        ),
    }
