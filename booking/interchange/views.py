"""The JSON API (DESIGN §5): other programs list slots and book; errors are problem+json (RFC 9457)."""

from datetime import timedelta
from typing import Any

from flask import Response, current_app, jsonify, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from booking import clock
from booking.access import Access, access
from booking.appointments import booking
from booking.appointments.booking import BookingRequest, NotBooked
from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.db.idempotency import run_once
from booking.interchange import openapi, own_appointments, problems, slotlist
from booking.interchange.blueprint import blueprint
from booking.interchange.booking_details import count_stop, parse_details
from booking.interchange.conditional import make_conditional
from booking.interchange.problems import build_not_booked_problem, build_problem
from booking.interchange.requests import parse_idempotency_key, parse_json_object
from booking.interchange.responses import appointment_to_dict
from booking.interchange.schemas import MAX_SLOT_DAYS, AppointmentBody, NoQuery, parse_slots_query
from booking.locations import operations as locations
from booking.web.limits import limit_rate
from booking.web.replica_reads import read_from_replica

# Importing the latter two adds their views and handlers.
__all__ = ["blueprint", "own_appointments", "problems"]


@blueprint.before_request
def refuse_unread_query() -> None:
    """Refuse a query where none is read: what is misspelt, or asked for in vain, is never overlooked."""
    if request.endpoint != "api.list_slots":
        NoQuery.model_validate(request.args.to_dict())


@blueprint.get("/locations")
@access(Access.PUBLIC)
@read_from_replica
def list_locations() -> Response:
    """List the clinic's locations."""
    entries = [
        {
            "slug": location.slug,
            "name": location.name,
            "time_zone": location.time_zone,
            "address": location.address,
            "phone": location.phone,
        }
        for location in locations.list_active_locations()
    ]
    return make_conditional(jsonify(locations=entries))


@blueprint.get("/services")
@access(Access.PUBLIC)
@read_from_replica
def list_services() -> Response:
    """List what can be booked; minutes, days and US cents."""
    services = availability.current_catalogue().services.values()
    return make_conditional(jsonify(services=[_service(service) for service in services]))


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
@read_from_replica
def list_questions() -> Response:
    """List the safety questions; "no" to all of them goes on."""
    questions, language = availability.current_catalogue().questions, str(get_locale())
    entries = [{"slug": q.slug, "text": q.text_in(language)} for q in questions.questions]
    return make_conditional(jsonify(version=questions.version, questions=entries))


@blueprint.get("/slots")
@access(Access.PUBLIC)
@read_from_replica
def list_slots() -> Response:
    """List the slots of one service on local days [start, end], at the locations asked for or all."""
    query = parse_slots_query(request.query_string.decode(errors="replace"))
    if query.end < query.start or query.end - query.start >= timedelta(days=MAX_SLOT_DAYS):
        entry = {
            "pointer": "/end",
            "detail": _(
                "At most %(days)s days after start, and not before it.", days=MAX_SLOT_DAYS - 1
            ),
        }
        return build_problem(422, "invalid", _("Some fields are missing or wrong"), errors=[entry])
    slots = slotlist.render_slots(
        query.service, query.location, query.start, query.end, clock.now()
    )
    return make_conditional(Response(slots.text, mimetype="application/json"), slots.etag)


@blueprint.post("/appointments")
@access(Access.PUBLIC)
@limit_rate(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def book_appointment() -> Response:
    """Book an appointment, once for each Idempotency-Key."""
    key, data = parse_idempotency_key(), parse_json_object()
    body = AppointmentBody.model_validate(data)
    status, result = run_once("api", key, data, clock.now(), lambda: _book(body))
    response = jsonify(result)
    response.status_code = status
    if status >= 400:
        response.mimetype = "application/problem+json"
    else:
        token = result["manage_url"].rpartition("/")[2]
        response.location = url_for("api.show_appointment", token=token)
    return response


def _book(body: AppointmentBody) -> tuple[int, dict[str, Any]]:
    request = BookingRequest(body.service, body.location, body.start, parse_details(body))
    result = booking.book_slot(request, clock.now())
    if isinstance(result, NotBooked):
        count_stop()
        return build_not_booked_problem(result)
    return 201, appointment_to_dict(result.appointment, result.location)


@blueprint.get("/openapi.json")
@access(Access.PUBLIC)
def show_openapi() -> Response:
    """Describe this API (OpenAPI 3.1)."""
    return make_conditional(jsonify(openapi.build_openapi()))
