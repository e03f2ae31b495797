"""`$find`, `$hold` and `$book` as the Argonaut Scheduling guide has them; the latter two need a key.

Without `$hold`, `$book` books a proposal at once, as our own API does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app
from werkzeug.exceptions import TooManyRequests

from booking import clock
from booking.access import Access, access
from booking.appointments import booking, decoys, holds
from booking.appointments.booking import BookingRequest, NotBooked
from booking.appointments.held_booking import book_hold_at_once
from booking.appointments.hold_limits import TooManyHolds
from booking.appointments.patient_booking import PatientNotBookable
from booking.appointments.rules import HOLD, MAX_HOLDS, Origin
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.db.idempotency import run_once
from booking.db.transactions import OverlapError
from booking.interchange.booking_details import count_stop, parse_details
from booking.interchange.fhir.appointment_resources import appointment_to_fhir, proposal_to_fhir
from booking.interchange.fhir.blueprint import answer, blueprint
from booking.interchange.fhir.ids import id_to_token
from booking.interchange.fhir.lists import READS_ALLOWED, list_free_slots
from booking.interchange.fhir.outcomes import describe_problem, to_outcome
from booking.interchange.fhir.parameters import (
    BOOK_TYPES,
    parse_appointment_id,
    parse_booking,
    parse_parameters,
    parse_proposal_search,
)
from booking.interchange.fhir.resources import Resource, resolve_slot_id
from booking.interchange.fhir.searching import USUAL_ENTRIES, build_bundle
from booking.interchange.problems import build_not_booked_problem, refuse_slot
from booking.interchange.requests import parse_idempotency_key, parse_json_object
from booking.interchange.schemas import AppointmentBody
from booking.web.limits import client_address_key, count_customers, count_read, limit_rate


@dataclass(frozen=True, slots=True)
class ChosenTime:
    """What is to be booked; `token` of a hold, where it is held. `starts_at` in UTC."""

    service: str
    location: str
    starts_at: datetime
    token: str | None = None


@blueprint.route("/Appointment/$find", methods=["GET", "POST"])
@access(Access.PUBLIC)
def find_appointments() -> Response:
    """Propose appointments between `start` and `end`, at `location-reference` or anywhere, soonest first."""
    count_read(READS_ALLOWED)
    search = parse_proposal_search()
    proposals = [
        slot
        for slot in list_free_slots([*search.start, *search.end], clock.now())
        if not search.places or any(slot.location.slug in slugs for slugs in search.places)
    ]
    page = [proposal_to_fhir(slot) for slot in proposals[:USUAL_ENTRIES]]
    return answer(build_bundle(page, len(proposals)))


@blueprint.post("/Appointment/$hold")
@access(Access.PUBLIC)
@limit_rate(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def hold_appointment() -> Response:
    """Hold a proposal for as long as our own pages do; the answer's id is the only proof of who holds it."""
    key, data = parse_idempotency_key(), parse_json_object()
    location, service, starts_at = resolve_slot_id(
        parse_appointment_id(parse_parameters(BOOK_TYPES))
    )
    time = ChosenTime(service.slug, location.slug, starts_at)
    try:
        status, bundle = run_once("fhir-hold", key, data, clock.now(), lambda: _hold(time))
    except TooManyHolds as refusal:
        raise TooManyRequests(retry_after=int(HOLD.total_seconds())) from refusal
    except (SlotTaken, OverlapError) as refusal:
        return to_outcome(refuse_slot(refusal, time.service, time.location, time.starts_at))
    return answer(bundle, status)


def _hold(time: ChosenTime) -> tuple[int, Resource]:
    most = MAX_HOLDS * count_customers()
    hold = holds.create_hold(
        time.service, time.location, time.starts_at, clock.now(),
        held_from=client_address_key(), most_holds=most, origin=Origin.API,
    )  # fmt: skip
    return 200, build_bundle([appointment_to_fhir(hold)], 1)


@blueprint.post("/Appointment/$book")
@access(Access.PUBLIC)
@limit_rate(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def book_appointment() -> Response:
    """Book a proposal, or what is held, once for each Idempotency-Key."""
    key, data = parse_idempotency_key(), parse_json_object()
    try:
        status, result = run_once("fhir-book", key, data, clock.now(), _book)
    except (SlotTaken, OverlapError, PatientNotBookable) as refusal:
        return _refuse(refusal, _read_time())
    if status >= 400:
        return describe_problem(status, result)
    response = answer(result, status)
    response.location = result["entry"][0]["fullUrl"]
    return response


def _read_time() -> ChosenTime:
    """Return which time the request names. Raises `UnknownId`, `HoldNotFound`."""
    appointment_id = parse_appointment_id(parse_parameters(BOOK_TYPES))
    if "." in appointment_id:  # a slot's
        location, service, starts_at = resolve_slot_id(appointment_id)
        return ChosenTime(service.slug, location.slug, starts_at)
    hold = holds.get_hold(id_to_token(appointment_id))
    catalogue = availability.current_catalogue()
    location, service = (
        catalogue.locations_by_id[hold.location_id],
        catalogue.services_by_id[hold.service_id],
    )
    return ChosenTime(service.slug, location.slug, hold.starts_at, hold.token)


def _book() -> tuple[int, dict[str, Any]]:
    """Book as our own API does: its body is what the request is read into."""
    time = _read_time()
    stated = {
        "service": time.service,
        "location": time.location,
        "start": time.starts_at.isoformat(),
    }
    details = parse_details(
        AppointmentBody.model_validate(stated | parse_booking(parse_parameters(BOOK_TYPES)))
    )
    if time.token is not None:
        result = book_hold_at_once(time.token, details, clock.now())
    else:
        request = BookingRequest(time.service, time.location, time.starts_at, details)
        result = booking.book_slot(request, clock.now())
    if isinstance(result, NotBooked):
        count_stop()
        return build_not_booked_problem(result)
    return 201, build_bundle([appointment_to_fhir(result.appointment)], 1)


def _refuse(refusal: SlotTaken | OverlapError | PatientNotBookable, time: ChosenTime) -> Response:
    """Offer other times; a hold of who may not book looks taken from now on (`decoys`)."""
    if time.token is not None and isinstance(refusal, PatientNotBookable):
        decoys.convert_to_decoy(time.token, clock.now(), client_address_key("decoys"))
        refusal = SlotTaken()
    return to_outcome(refuse_slot(refusal, time.service, time.location, time.starts_at))
