"""An appointment or a hold for whoever has its id, which is a secret: read, and cancelled."""

from typing import Any

from flask import Response, current_app, request
from flask_babel import gettext as _

from booking import clock
from booking.access import Access, access
from booking.appointments import holds, self_service
from booking.appointments.hold_cleanup import delete_hold
from booking.appointments.models import Appointment
from booking.appointments.queries import find_by_token
from booking.appointments.rules import Status
from booking.db.idempotency import run_once
from booking.interchange.fhir.appointment_resources import appointment_to_fhir
from booking.interchange.fhir.blueprint import answer, blueprint
from booking.interchange.fhir.ids import id_to_token
from booking.interchange.fhir.resources import Resource
from booking.interchange.own_appointments import CHANGES_ALLOWED
from booking.interchange.requests import parse_idempotency_key, parse_json, parse_json_object
from booking.web.limits import count_read, count_tries, limit_rate
from booking.web.outcomes import outcome_of_status

JSON_PATCH = "application/json-patch+json"  # RFC 6902
CANCELLATION = [{"op": "replace", "path": "/status", "value": Status.CANCELLED.value}]


class OnlyCancelled(ValueError):
    """A change that is no cancellation."""


@blueprint.get("/Appointment/<appointment_id>")
@access(Access.TOKEN)
def show_appointment(appointment_id: str) -> Response:
    """Show an appointment or a hold; as often from one address as it may book."""
    count_read(str(current_app.config["API_BOOKING_LIMIT"]))
    return answer(appointment_to_fhir(_find(id_to_token(appointment_id))))


def _find(token: str) -> Appointment:
    """Return a booked appointment or a hold. Raises `HoldNotFound`."""
    return find_by_token(token) or holds.get_hold(token)


@blueprint.put("/Appointment/<appointment_id>")
@access(Access.TOKEN)
@limit_rate(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def update_appointment(appointment_id: str) -> Response:
    """Cancel an appointment, put whole with another status; nothing else of it is changed here."""
    body = parse_json_object()
    names = ("resourceType", "id", "status")
    if [body.get(name) for name in names] != [
        "Appointment",
        appointment_id,
        Status.CANCELLED.value,
    ]:
        raise OnlyCancelled
    return _cancel(id_to_token(appointment_id), body)


@blueprint.patch("/Appointment/<appointment_id>")
@access(Access.TOKEN)
@limit_rate(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def patch_appointment(appointment_id: str) -> Response:
    """Cancel an appointment by a JSON Patch of its status (RFC 6902)."""
    if request.mimetype != JSON_PATCH:
        return outcome_of_status(415, _("Send %(kind)s", kind=JSON_PATCH))
    if (patch := parse_json()) != CANCELLATION:
        raise OnlyCancelled
    return _cancel(id_to_token(appointment_id), patch)


def _cancel(token: str, body: Any) -> Response:
    """Cancel what is booked, or let go of what is held, once for each Idempotency-Key."""
    appointment = _find(token)
    count_tries(CHANGES_ALLOWED, f"changes of {appointment.id}")
    stated = {"path": request.path, "body": body}
    _status, resource = run_once(
        "fhir-own", parse_idempotency_key(), stated, clock.now(), lambda: _change(appointment)
    )
    return answer(resource)


def _change(appointment: Appointment) -> tuple[int, Resource]:
    now = clock.now()
    if appointment.status is Status.PENDING:
        released = appointment_to_fhir(appointment) | {"status": Status.CANCELLED.value}
        delete_hold(appointment.token, now)
        return 200, released
    return 200, appointment_to_fhir(self_service.cancel_own_appointment(appointment.token, now))


@blueprint.errorhandler(OnlyCancelled)
def handle_only_cancelled(_error: OnlyCancelled) -> Response:
    """Anything but a cancellation: a move is another booking here."""
    return outcome_of_status(422, _("Only the status can be changed, to cancelled"))
