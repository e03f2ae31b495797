"""The JSON API (DESIGN §5): other programs list slots and book; errors are problem+json (RFC 9457)."""

import json
from datetime import timedelta
from typing import Any

from flask import Response, current_app, jsonify, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from booking import clock
from booking.access import Access, access
from booking.appointments import booking
from booking.appointments.booking import Booked, BookingDetails, BookingRequest, NotBooked
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.db.idempotency import run_once
from booking.interchange import openapi, problems, slotlist
from booking.interchange.blueprint import blueprint
from booking.interchange.problems import build_problem, not_booked_problem
from booking.interchange.schemas import AppointmentBody, read_slots_query
from booking.locations import operations as locations
from booking.patients.rules import Contact
from booking.screening.operations import ScreeningAnswers
from booking.web.consent import consent_wording
from booking.web.limits import count_request, limit_rate

__all__ = ["blueprint", "problems"]  # importing the latter adds its handlers
MAX_RANGE = timedelta(days=92)
MAX_KEY_LENGTH = 255
STOPS_ALLOWED = "10 per hour"  # bookings of one address that answers stopped: each asks for a call


@blueprint.get("/locations")
@access(Access.PUBLIC)
def list_locations() -> Response:
    """List the clinic's locations."""
    return jsonify(
        locations=[
            {
                "slug": location.slug,
                "name": location.name,
                "time_zone": location.time_zone,
                "address": location.address,
                "phone": location.phone,
            }
            for location in locations.list_active_locations()
        ]
    )


@blueprint.get("/services")
@access(Access.PUBLIC)
def list_services() -> Response:
    """List what can be booked; minutes, days and US cents."""
    return jsonify(
        services=[
            _service(service) for service in availability.current_catalogue().services.values()
        ]
    )


def _service(service: BookableService) -> dict[str, Any]:
    return {
        "slug": service.slug,
        "name": service.names.get(str(get_locale())) or service.names["en"],
        "minutes": service.minutes,
        "notice_minutes": service.notice,
        "horizon_days": service.horizon,
        "price_cents": service.price_cents,
        "bookable_online": service.bookable_online,
    }


@blueprint.get("/screening")
@access(Access.PUBLIC)
def list_questions() -> Response:
    """List the safety questions; "no" to all of them goes on."""
    questions, language = availability.current_catalogue().questions, str(get_locale())
    return jsonify(
        version=questions.version,
        questions=[{"slug": q.slug, "text": q.text_in(language)} for q in questions.questions],
    )


@blueprint.get("/slots")
@access(Access.PUBLIC)
def list_slots() -> Response:
    """List the slots of one service on local days [start, end], at the locations asked for or all."""
    query = read_slots_query(request.query_string.decode(errors="replace"))
    if query.end < query.start or query.end - query.start > MAX_RANGE:
        entry = {
            "pointer": "/end",
            "detail": _("At most 92 days after start, and not before it."),
        }
        return build_problem(422, "invalid", _("Some fields are missing or wrong"), errors=[entry])
    body = slotlist.render_slots(query.service, query.location, query.start, query.end, clock.now())
    return Response(body, mimetype="application/json")


@blueprint.post("/appointments")
@access(Access.PUBLIC)
@limit_rate(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def book_appointment() -> Response:
    """Book an appointment, once for each Idempotency-Key."""
    key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(key) <= MAX_KEY_LENGTH or not key.isprintable():
        return build_problem(
            400, "key-missing", _("Send an Idempotency-Key of 1 to 255 characters")
        )
    data = _sent()
    if not isinstance(data, dict):
        return build_problem(400, "not-json", _("Send a JSON object, each name in it once"))
    body = AppointmentBody.model_validate(data)
    status, result = run_once("api", key, data, clock.now(), lambda: _book(body))
    response = jsonify(result)
    response.status_code = status
    if status >= 400:
        response.mimetype = "application/problem+json"
    return response


def _sent() -> Any:
    """Return the request's JSON; None for what is none, is nested beyond reading or says a name twice."""
    try:
        return json.loads(request.data, object_pairs_hook=_once_each) if request.is_json else None
    except (ValueError, RecursionError):
        return None


def _once_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's members: which of two answers to one question was meant, nobody knows."""
    if len(dict(members)) < len(members):
        raise ValueError("a name twice")
    return dict(members)


def _book(body: AppointmentBody) -> tuple[int, dict[str, Any]]:
    patient = body.patient
    language = str(get_locale())
    details = BookingDetails(
        Contact(patient.given_name, patient.family_name, patient.phone, patient.email, language),
        ScreeningAnswers(body.screening.version, body.screening.answers, patient.birth_date),
        body.sms_consent,
        consent_wording(),
    )
    request = BookingRequest(body.service, body.location, body.start, details)
    result = booking.book_slot(request, clock.now())
    if isinstance(result, NotBooked):
        count_request(STOPS_ALLOWED, "stops")
        return not_booked_problem(result)
    return 201, _booking_body(result)


def _booking_body(result: Booked) -> dict[str, Any]:
    appointment: Appointment = result.appointment
    zone, slug = result.location.zone, result.location.slug
    return {
        "reference": appointment.reference,
        "status": appointment.status.value,
        "start": appointment.starts_at.astimezone(zone).isoformat(),
        "end": appointment.ends_at.astimezone(zone).isoformat(),
        "location": slug,
        "manage_url": current_app.config["PUBLIC_URL"].rstrip("/")
        + url_for("site.show_appointment", token=appointment.token),
    }


@blueprint.get("/openapi.json")
@access(Access.PUBLIC)
def show_openapi() -> Response:
    """Describe this API (OpenAPI 3.1)."""
    return jsonify(openapi.build_openapi())
