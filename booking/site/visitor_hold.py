"""What the pages of a booking share: what the visitor holds, and where to go from there."""

from collections.abc import Sequence
from datetime import datetime

from flask import render_template, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.appointments import holds, nearest_slots
from booking.appointments.hold_details import has_contact
from booking.appointments.hold_snapshots import find_hold_contact
from booking.appointments.holds import HoldNotFound
from booking.appointments.models import Appointment
from booking.appointments.rules import new_token
from booking.calendars import availability
from booking.calendars.catalogue import CONSULTATION, Practitioner
from booking.calendars.slots import compute_booking_window
from booking.locations import operations as locations
from booking.screening import flags
from booking.screening import operations as screening
from booking.screening.rules import ScreeningOutcome
from booking.site.form_differences import parse_form_time

# What the signed session keeps: keys, never answers.
HOLD = "hold"  # the token of what is held, or of what will be: a press that comes twice holds once
FLAG, BOOKED = "flag", "booked"
HISTORY = "history"  # what was answered is gathered under it, until a booking
STOPPED_BOOKING_KEY = "stopped"  # the time chosen, and the flag, of who a clinician calls first
CALLBACK_KEY = "asked"  # by when a call was promised
SERVICE = CONSULTATION


# What one address may send; several people may share it.
HOLDS_ALLOWED = "30 per minute; 200 per hour"
ANSWERS_ALLOWED = "20 per minute; 60 per hour"
BOOKINGS_ALLOWED = "10 per minute; 30 per hour"
CALLS_ALLOWED = (
    "5 per minute; 10 per hour"  # fewer than a location takes: one alone must not fill it
)


Page = str | AnyResponse | tuple[str, int]


def get_or_create_hold_token() -> str:
    """Return the token under which this visitor holds a time, or will."""
    token: str = session.setdefault(HOLD, new_token())
    return token


def find_chosen_practitioner(hold: Appointment) -> Practitioner | None:
    """Return whom the visitor chose for what they hold; None when any practitioner will do."""
    return availability.find_practitioner_by_resource(
        availability.current_catalogue(), hold.practitioner_id
    )


def current_step_url(hold: Appointment) -> str:
    """Return the first page that has not been answered for this hold."""
    if not has_answered_screening(hold):
        return url_for(".show_screening")
    return url_for(".show_summary" if has_contact(hold) else ".show_contact_form")


def has_answered_screening(hold: Appointment) -> bool:
    """Tell whether the safety questions, as they are asked now, were answered under this hold."""
    response = screening.find_answers(hold.id)
    return (
        response is not None
        and response.version == availability.current_catalogue().questions.version
    )


def render_slot_taken_page(
    location: str,
    starts_at: datetime,
    practitioner: Practitioner | None,
    fields: Sequence[tuple[str, str]] = (),
) -> tuple[str, int]:
    """Offer the nearest times; what was answered so far stays, and what was `fields` goes with each."""
    get_or_create_hold_token()
    now = clock.now()
    near_slots = nearest_slots.list_nearest_slots(
        SERVICE, starts_at, now, location=location, practitioner=practitioner
    )
    elsewhere = [
        slot
        for slot in nearest_slots.list_nearest_slots(
            SERVICE, starts_at, now, practitioner=practitioner, count=8
        )
        if slot.location.slug != location
    ][:2]
    page = render_template(
        "site/taken.html",
        slots=[*near_slots, *elsewhere],
        typed=fields,
        keeps=_keep_typed(),
        too_soon=_is_too_soon(location, starts_at, now),
    )
    return page, 409


def _is_too_soon(location_slug: str, starts_at: datetime, now: datetime) -> bool:
    """Tell whether nobody took the time: it came closer than it can be booked online."""
    catalogue = availability.current_catalogue()
    location = availability.get_location(catalogue, location_slug)
    service = availability.get_service(catalogue, SERVICE)
    return starts_at < compute_booking_window(location, service, now).opens_at


def _keep_typed() -> bool:
    """Tell whether something that this visitor answered or typed is kept for the next time chosen."""
    try:
        hold = get_visitor_hold()
    except HoldNotFound:
        return False
    return screening.find_answers(hold.id) is not None or find_hold_contact(hold) is not None


def get_visitor_hold() -> Appointment:
    """Return the visitor's hold; raise `HoldNotFound`."""
    return holds.get_hold(session.get(HOLD, ""))


def find_visitor_hold() -> Appointment | None:
    """Return what the visitor began to book, perhaps in a page now closed; None once its time is past."""
    try:
        hold = get_visitor_hold()
    except HoldNotFound:
        return None
    return hold if hold.starts_at > clock.now() else None


def find_own_flag(hold: Appointment) -> int | None:
    """Return the flag that this visitor raised, if it is about who answered under this hold."""
    response, flag_id = screening.find_answers(hold.id), session.get(FLAG)
    is_own = response is not None and flags.is_open_flag_for(flag_id, response.birth_date)
    return flag_id if is_own else None


def page_for_outcome(
    outcome: ScreeningOutcome, hold: Appointment | None, flag_id: int | None = None
) -> str:
    """Return the page that answers which stop lead to; the time chosen is noted for a call.

    `hold` is None when the same press came before and the hold is gone.
    """
    if outcome is ScreeningOutcome.CALL_FIRST:
        session[STOPPED_BOOKING_KEY] = {**_chosen(hold), "flag": flag_id}
    pages = {
        ScreeningOutcome.HELP_FIRST: ".show_help_now",
        ScreeningOutcome.ADULTS_ONLY: ".show_adults_only",
        ScreeningOutcome.CALL_FIRST: ".ask_for_call_before_booking",
    }
    return url_for(pages[outcome])


def _chosen(hold: Appointment | None) -> dict[str, str]:
    """Return the time and place that were chosen: of the hold, or as the form showed them."""
    if hold is not None:
        location_slug = locations.get_location(hold.location_id).slug
        return {"wanted": hold.starts_at.isoformat(), "place": location_slug}
    if shown_time := parse_form_time():
        return {"wanted": shown_time.starts_at.isoformat(), "place": shown_time.location.slug}
    return {}
