"""The JSON API (DESIGN §5): other programs list slots and book; errors are problem+json (RFC 9457)."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from pydantic import ValidationError

from booking import clock
from booking.access import Access, access
from booking.appointments import booking
from booking.appointments.booking import Booked, BookingRequest, Stopped, Told
from booking.appointments.models import Appointment
from booking.appointments.visits import PatientBusy
from booking.calendars import offering
from booking.calendars.catalogue import Offer
from booking.calendars.offering import UnknownName
from booking.calendars.operations import SlotTaken
from booking.db import OverlapError
from booking.extensions import csrf
from booking.idempotency import KeyReusedError, answer_once
from booking.interchange import openapi, slotlist
from booking.interchange.schemas import AppointmentBody, field_errors, read_slots_query
from booking.locations import operations as locations
from booking.patients.rules import Contact
from booking.screening.operations import Answers, VersionError
from booking.screening.rules import AnswersError
from booking.web.consent import consent_wording
from booking.web.errors import problem
from booking.web.limits import limited

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
csrf.exempt(blueprint)  # no cookie proves anything here
PROBLEMS = "/api/v1/problems/"  # stem of our problem types
LONGEST_RANGE = timedelta(days=92)
LONGEST_KEY = 255


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
@blueprint.errorhandler(PatientBusy)
def on_taken(_error: SlotTaken | OverlapError | PatientBusy) -> Response:
    """Offer the nearest times instead.

    Of a patient who has another visit then, no more is said: that someone is known here is nobody's
    business (invariant 14).
    """
    body = AppointmentBody.model_validate(request.get_json())
    others = booking.nearest_slots(body.service, body.start, clock.now(), location=body.location)
    return refusal(
        409,
        "slot-taken",
        _("This time is no longer free"),
        alternatives=[slotlist.as_data(slot) for slot in others],
    )


@blueprint.get("/locations")
@access(Access.PUBLIC)
def list_locations() -> Response:
    """List the clinic's locations."""
    return jsonify(
        locations=[
            {
                "slug": place.slug,
                "name": place.name,
                "time_zone": place.time_zone,
                "address": place.address,
                "phone": place.phone,
            }
            for place in locations.all_active()
        ]
    )


@blueprint.get("/services")
@access(Access.PUBLIC)
def list_services() -> Response:
    """List what can be booked; minutes, days and US cents."""
    return jsonify(services=[_service(offer) for offer in offering.catalogue().offers.values()])


def _service(offer: Offer) -> dict[str, Any]:
    return {
        "slug": offer.slug,
        "name": offer.names.get(str(get_locale())) or offer.names["en"],
        "minutes": offer.minutes,
        "notice_minutes": offer.notice,
        "horizon_days": offer.horizon,
        "price_cents": offer.price_cents,
        "bookable_online": offer.bookable_online,
    }


@blueprint.get("/screening")
@access(Access.PUBLIC)
def list_questions() -> Response:
    """List the safety questions; "no" to all of them goes on."""
    questions, language = offering.catalogue().questions, str(get_locale())
    return jsonify(
        version=questions.version,
        questions=[{"slug": q.slug, "text": q.text(language)} for q in questions.asked],
    )


@blueprint.get("/slots")
@access(Access.PUBLIC)
def list_slots() -> Response:
    """List the slots of one service on local days [start, end], at the locations asked for or all."""
    wanted = read_slots_query(request.query_string.decode(errors="replace"))
    if wanted.end < wanted.start or wanted.end - wanted.start > LONGEST_RANGE:
        entry = {
            "pointer": "/end",
            "detail": _("At most 92 days after start, and not before it."),
        }
        return refusal(422, "invalid", _("Some fields are missing or wrong"), errors=[entry])
    listed = slotlist.render(wanted.service, wanted.location, wanted.start, wanted.end, clock.now())
    return Response(listed, mimetype="application/json")


@blueprint.post("/appointments")
@access(Access.PUBLIC)
@limited(lambda: str(current_app.config["API_BOOKING_LIMIT"]))
def book() -> Response:
    """Book a visit, once for each Idempotency-Key."""
    key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        return refusal(400, "key-missing", _("Send an Idempotency-Key of 1 to 255 characters"))
    sent = _sent()
    if not isinstance(sent, dict):
        return refusal(400, "not-json", _("Send a JSON object"))
    body = AppointmentBody.model_validate(sent)
    status, said = answer_once("api", key, sent, clock.now(), lambda: _book(body))
    answer = jsonify(said)
    answer.status_code = status
    if status >= 400:
        answer.mimetype = "application/problem+json"
    return answer


def _sent() -> Any:
    """Return the request's JSON; None for what is none, or is nested beyond reading."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _book(body: AppointmentBody) -> tuple[int, dict[str, Any]]:
    who = body.patient
    language = str(get_locale())
    told = Told(
        Contact(who.given_name, who.family_name, who.phone, who.email, language),
        Answers(body.screening.version, body.screening.answers, who.birth_date),
        body.sms_consent,
        consent_wording(),
    )
    request = BookingRequest(body.service, body.location, body.start, told)
    done = booking.book(request, clock.now())
    return _stopped(done) if isinstance(done, Stopped) else (201, _booked(done))


def _booked(done: Booked) -> dict[str, Any]:
    visit: Appointment = done.appointment
    zone, slug = done.place.zone, done.place.slug
    return {
        "reference": visit.reference,
        "status": visit.status.value,
        "start": visit.starts_at.astimezone(zone).isoformat(),
        "end": visit.ends_at.astimezone(zone).isoformat(),
        "location": slug,
        "manage_url": current_app.config["PUBLIC_URL"].rstrip("/")
        + url_for("site.visit", token=visit.token),
    }


def _stopped(done: Stopped) -> tuple[int, dict[str, Any]]:
    return 422, {
        "type": PROBLEMS + "screening-" + done.outcome.value.replace("_", "-"),
        "title": _("Because of an answer, this time can't be confirmed online"),
        "status": 422,
        "detail": _(
            "This is no diagnosis. In an emergency call 911; call or text 988 at any hour."
        ),
    }


@blueprint.get("/openapi.json")
@access(Access.PUBLIC)
def describe() -> Response:
    """Describe this API (OpenAPI 3.1)."""
    return jsonify(openapi.document())
