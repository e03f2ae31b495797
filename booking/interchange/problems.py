"""What is wrong, as the API says it: problem+json (RFC 9457), one type for each refusal."""

from typing import Any

from flask import Response, jsonify, request
from flask_babel import gettext as _
from pydantic import ValidationError

from booking import clock
from booking.appointments import booking, decoys
from booking.appointments.booking import Stopped
from booking.appointments.calls import TooManyCalls
from booking.appointments.visits import NotBookable
from booking.calendars.offering import UnknownName
from booking.calendars.operations import SlotTaken
from booking.db import OverlapError
from booking.idempotency import KeyReusedError
from booking.interchange import slotlist
from booking.interchange.blueprint import blueprint
from booking.interchange.schemas import AppointmentBody, field_errors
from booking.screening.operations import VersionError
from booking.screening.rules import AnswersError, ScreeningOutcome
from booking.web.errors import problem
from booking.web.leveling import leveled
from booking.web.limits import address_key

PROBLEMS = "/api/v1/problems/"  # stem of our problem types


def refusal(status: int, kind: str, title: str, **members: Any) -> Response:
    """Return a problem of one of our own types."""
    return problem(status, title, PROBLEMS + kind, **members)


@blueprint.errorhandler(ValidationError)
def on_invalid(error: ValidationError) -> Response:
    """Name each field that is wrong and what was expected."""
    return refusal(
        422,
        "invalid",
        _("Some fields are missing or wrong"),
        errors=field_errors(error),
    )


@blueprint.errorhandler(UnknownName)
def on_unknown(error: UnknownName) -> Response:
    """A location or service that isn't there."""
    entry = {"pointer": f"/{error.kind}", "detail": _("There is none of this name.")}
    return refusal(422, "invalid", _("Some fields are missing or wrong"), errors=[entry])


@blueprint.errorhandler(AnswersError)
def on_unanswered(error: AnswersError) -> Response:
    """Name each question that lacks a yes or a no."""
    entries = [
        {"pointer": f"/screening/answers/{slug}", "detail": _("Answer true or false.")}
        for slug in error.slugs
    ]
    return refusal(422, "invalid", _("Some fields are missing or wrong"), errors=entries)


@blueprint.errorhandler(VersionError)
def on_old_questions(_error: VersionError) -> Response:
    """Answers to questions that are no longer asked."""
    entry = {"pointer": "/screening/version", "detail": _("The questions have changed.")}
    return refusal(422, "invalid", _("Some fields are missing or wrong"), errors=[entry])


@blueprint.errorhandler(KeyReusedError)
def on_reused_key(_error: KeyReusedError) -> Response:
    """A key that came with another body before."""
    return refusal(422, "key-reused", _("This Idempotency-Key came with another body before"))


@blueprint.errorhandler(SlotTaken)
@blueprint.errorhandler(OverlapError)
@blueprint.errorhandler(NotBookable)
def on_taken(error: SlotTaken | OverlapError | NotBookable) -> Response:
    """Offer the nearest times instead.

    Of someone who may not book, no more is said, and their time looks taken to others too: that someone is
    known here is nobody's business (invariant 14).
    """
    body = AppointmentBody.model_validate(request.get_json())
    if isinstance(error, NotBookable):
        now = clock.now()
        asked_from = address_key("decoys")
        decoys.hold_for_nobody(body.service, body.location, body.start, now, asked_from)
    others = booking.nearest_slots(body.service, body.start, clock.now(), location=body.location)
    return leveled(
        refusal(
            409,
            "slot-taken",
            _("This time is no longer free"),
            alternatives=[slotlist.as_data(slot) for slot in others],
        )
    )


@blueprint.errorhandler(TooManyCalls)
def on_too_many_calls(_error: TooManyCalls) -> Response:
    """Answer as to anyone whose answers ask for a call: they can call, though nobody was asked to."""
    status, said = stopped(Stopped(ScreeningOutcome.CALL_FIRST))
    answer = jsonify(said)
    answer.status_code, answer.mimetype = status, "application/problem+json"
    return answer


def stopped(done: Stopped) -> tuple[int, dict[str, Any]]:
    """Return the status and the problem of answers that lead to no booking."""
    return 422, {
        "type": PROBLEMS + "screening-" + done.outcome.value.replace("_", "-"),
        "title": _("Because of an answer, this time can't be confirmed online"),
        "status": 422,
        "detail": _(
            "This is no diagnosis. In an emergency call 911; call or text 988 at any hour."
        ),
    }
