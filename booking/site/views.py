"""The patient's first pages: start, choose a time, hold it. `steps` has what follows."""

from contextlib import suppress
from datetime import datetime

from flask import redirect, render_template, request, session, url_for
from werkzeug.exceptions import TooManyRequests

from booking import clock
from booking.access import Access, access
from booking.appointments import hold_cleanup, holds, queries
from booking.appointments.hold_limits import TooManyHolds
from booking.appointments.holds import HoldNotFound
from booking.appointments.rules import HOLD as HOLD_LASTS
from booking.appointments.rules import MAX_HOLDS, new_token
from booking.calendars import availability
from booking.calendars.availability import UnknownSlug
from booking.calendars.catalogue import Practitioner
from booking.calendars.operations import SlotTaken
from booking.dates import parse_instant
from booking.db.transactions import OverlapError
from booking.locations import operations as locations
from booking.screening import history
from booking.site import (
    callbacks,
    choosing,
    email_reminders,
    language_on_file,
    lost_link,
    mood_forms,
    moving,
    new_times,
    offers,
    own_page,
    readiness,
    safety,
    steps,
    telling,
    timeline,
    waitlist,
)
from booking.site.blueprint import blueprint
from booking.site.form_differences import matches_form, parse_form_time
from booking.site.lost_holds import list_typed_fields, resume_page
from booking.site.not_open import get_consultation
from booking.site.slot_lists import (
    list_soonest_slots,
)
from booking.site.visitor_hold import (
    BOOKED,
    HISTORY,
    HOLD,
    HOLDS_ALLOWED,
    SERVICE,
    Page,
    current_step_url,
    find_visitor_hold,
    get_or_create_hold_token,
    render_slot_taken_page,
)
from booking.web.limits import client_address_key, count_customers, limit_rate

__all__ = [
    "blueprint",
    "callbacks",
    "choosing",
    "email_reminders",
    "language_on_file",
    "lost_link",
    "mood_forms",
    "moving",
    "new_times",
    "offers",
    "own_page",
    "readiness",
    "safety",
    "steps",
    "telling",
    "timeline",
    "waitlist",
]  # importing them adds their pages


@blueprint.get("/")
@access(Access.PUBLIC)
def show_start() -> str:
    """What a first appointment is, and the next times at each location."""
    now = clock.now()
    get_or_create_hold_token()
    service = get_consultation(availability.current_catalogue())
    return render_template(
        "site/start.html",
        service=service,
        locations=locations.list_active_locations(),
        soonest=list_soonest_slots(SERVICE, now),
        **_begun_booking(now),
    )


def _begun_booking(now: datetime) -> dict[str, object]:
    """Return what the visitor may go on with, as in a page that was closed: nothing, or a hold."""
    hold = find_visitor_hold()
    if hold is None or hold.expires_at is None:
        return {}
    return {
        "held": hold,
        "held_location": locations.get_location(hold.location_id),
        "is_kept": hold.expires_at > now,
        "next_step": current_step_url(hold),
    }


@blueprint.post("/book/hold")
@access(Access.PUBLIC)
@limit_rate(HOLDS_ALLOWED)
def hold_time() -> Page:
    """Hold the time that was tapped; someone who held another before keeps what was typed."""
    starts_at = parse_instant(request.form.get("start"))
    if starts_at is None:
        return redirect(url_for(".choose_time"))
    try:
        return _hold(request.form.get("location", ""), starts_at, _read_practitioner())
    except UnknownSlug:
        return redirect(url_for(".choose_time"))


def _read_practitioner() -> Practitioner | None:
    """Return the practitioner that the form names; raise `UnknownSlug`."""
    catalogue = availability.current_catalogue()
    return availability.find_practitioner(catalogue, request.form.get("practitioner"))


def _hold(location: str, starts_at: datetime, practitioner: Practitioner | None) -> Page:
    now, token = clock.now(), get_or_create_hold_token()
    if queries.find_by_token(token):  # booked in another window: this is the next one
        token = session[HOLD] = new_token()
    try:
        most = MAX_HOLDS * count_customers()
        hold = holds.hold_or_change_time(
            token, SERVICE, location, starts_at, now, client_address_key(), most,
            practitioner.resource_id if practitioner else None,
        )  # fmt: skip
    except (SlotTaken, OverlapError):
        return render_slot_taken_page(location, starts_at, practitioner, list_typed_fields())
    except TooManyHolds as refusal:
        raise TooManyRequests(retry_after=int(HOLD_LASTS.total_seconds())) from refusal
    return resume_page(hold) or redirect(current_step_url(hold))


@blueprint.post("/book/hold/extend")
@access(Access.PUBLIC)
@limit_rate(HOLDS_ALLOWED)
def extend_hold() -> tuple[str, int]:
    """Keep the time while somebody fills in a form: their browser says so every other minute."""
    with suppress(HoldNotFound):
        holds.extend_hold(session.get(HOLD, ""), clock.now())
    return "", 204


@blueprint.post("/book/again")
@access(Access.PUBLIC)
def start_over() -> Page:
    """Begin anew, for someone else: what was held and typed goes."""
    hold_cleanup.delete_hold(session.pop(HOLD, ""), clock.now())
    history.delete_history(session.pop(HISTORY, ""))
    return redirect(url_for(".show_start"))


@blueprint.errorhandler(HoldNotFound)
def handle_hold_not_found(_error: HoldNotFound) -> Page:
    """Nothing is held any longer, or it is booked: show the appointment, say what became of it, or begin."""
    token = session.pop(HOLD, "")
    if queries.find_by_token(token):
        session[BOOKED] = token
    appointment = queries.find_by_token(session.get(BOOKED, ""))
    if request.method != "POST":
        return redirect(url_for(".show_confirmation" if appointment else ".show_start"))
    if appointment and matches_form(appointment):
        return redirect(url_for(".show_confirmation"))
    location = locations.get_location(appointment.location_id) if appointment else None
    shown_time = parse_form_time()
    page = render_template(
        "site/gone.html",
        appointment=appointment,
        location=location,
        earlier=shown_time,
        typed=list_typed_fields(),
    )
    return page, 409
