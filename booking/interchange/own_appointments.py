"""A patient's own appointment for other programs: read, move, cancel; the token is the `manage_url`'s."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_babel import gettext as _

from booking import clock
from booking.access import Access, access
from booking.appointments import self_service
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.move_slots import list_nearest_moves
from booking.appointments.operations import location_of
from booking.appointments.patient_booking import NotCleared, PatientBusy
from booking.appointments.rules import ActionNotAllowed
from booking.appointments.self_service import UnknownToken
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.db.idempotency import run_once
from booking.db.transactions import OverlapError
from booking.interchange.blueprint import blueprint
from booking.interchange.problems import build_problem, build_slot_taken
from booking.interchange.requests import parse_idempotency_key, parse_json_object
from booking.interchange.responses import appointment_to_dict
from booking.interchange.schemas import Body, MoveBody
from booking.web.limits import count_read, count_tries, limit_rate

CHANGES_ALLOWED = (
    "30 per hour"  # tries to move one appointment, or to cancel it: each move sends messages
)


@blueprint.get("/appointments/<token>")
@access(Access.TOKEN)
def show_appointment(token: str) -> Response:
    """Return the appointment; as often from one address as it may book."""
    count_read(str(current_app.config["API_BOOKING_LIMIT"]))
    return jsonify(_to_dict(self_service.get_own_appointment(token)))


@blueprint.post("/appointments/<token>/move")
@access(Access.TOKEN)
@limit_rate(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def move_appointment(token: str) -> Response:
    """Move the appointment, once for each Idempotency-Key; the old time is kept until the new one is."""
    count_change(token)
    data = parse_json_object()
    body = MoveBody.model_validate(data)
    try:
        return _run_once(
            data,
            lambda: self_service.move_own_appointment(
                token, body.location, body.start, clock.now()
            ),
        )
    except (SlotTaken, OverlapError, PatientBusy):
        return _slot_taken(token, body)


@blueprint.post("/appointments/<token>/cancel")
@access(Access.TOKEN)
@limit_rate(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def cancel_appointment(token: str) -> Response:
    """Cancel the appointment, once for each Idempotency-Key."""
    count_change(token)
    data = parse_json_object()
    Body.model_validate(data)
    return _run_once(data, lambda: self_service.cancel_own_appointment(token, clock.now()))


def count_change(token: str) -> None:
    """Count a try at an appointment from whatever address. Raises `UnknownToken`, `TooManyRequests`."""
    count_tries(CHANGES_ALLOWED, f"changes of {self_service.get_own_appointment(token).id}")


def _to_dict(appointment: Appointment) -> dict[str, Any]:
    return appointment_to_dict(appointment, location_of(appointment))


def _run_once(data: dict[str, Any], change: Callable[[], Appointment]) -> Response:
    """Change the appointment, or answer as the same request was; its key is this appointment's alone."""

    def produce() -> tuple[int, dict[str, Any]]:
        return 200, _to_dict(change())

    sent = {"path": request.path, "body": data}  # the path has the token
    _, result = run_once("api-own", parse_idempotency_key(), sent, clock.now(), produce)
    return jsonify(result)


def _slot_taken(token: str, body: MoveBody) -> Response:
    """Offer the nearest times instead; the appointment stays as it is."""
    appointment = self_service.get_own_appointment(token)
    location = availability.get_location(availability.current_catalogue(), body.location)
    return build_slot_taken(list_nearest_moves(appointment, location, body.start, clock.now()))


@blueprint.errorhandler(UnknownToken)
def handle_unknown_token(_error: UnknownToken) -> Response:
    """Answer 404: no booked appointment has this token."""
    return build_problem(404, "not-found", _("There is no visit at this address"))


@blueprint.errorhandler(ActionNotAllowed)
@blueprint.errorhandler(ChangeRefused)
@blueprint.errorhandler(NotCleared)
def handle_change_refused(_error: ActionNotAllowed | ChangeRefused | NotCleared) -> Response:
    """What can't be changed online; why is told by a person, never by a program."""
    title = _("This visit can't be changed this way now. Please call the clinic")
    return build_problem(409, "not-possible", title)
