"""What the pages of a booking share: what the visitor holds, and where to go from there."""

from datetime import datetime

from flask import render_template, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.appointments import booking, holds
from booking.appointments.models import Appointment, BookingDraft
from booking.calendars import offering
from booking.extensions import db
from booking.locations import operations as locations
from booking.screening import operations as screening
from booking.screening.rules import ScreeningOutcome

# What the signed session keeps: keys, never answers.
HOLD, FLAG, BOOKED = "hold", "flag", "booked"
STOPPED = "stopped"  # the time chosen, and the flag, of who a clinician calls first
ASKED = "asked"  # by when a call was promised
SERVICE = "consultation"


HOLDS_ALLOWED = "30 per minute; 200 per hour"


Page = str | AnyResponse | tuple[str, int]


def next_step(held: Appointment) -> str:
    """Return the first page that has not been answered for this hold."""
    if not has_answered(held):
        return url_for(".safety")
    if db.session.get(BookingDraft, held.id) is None:
        return url_for(".you")
    return url_for(".check")


def has_answered(held: Appointment) -> bool:
    """Tell whether the safety questions, as they are asked now, were answered under this hold."""
    kept = screening.answers_under(held.id)
    return kept is not None and kept.version == offering.catalogue().questions.version


def own_flag(held: Appointment) -> int | None:
    """Return the flag that this visitor raised, if it is about who answered under this hold."""
    kept, flag_id = screening.answers_under(held.id), session.get(FLAG)
    is_own = kept is not None and screening.is_open_for(flag_id, kept.birth_date)
    return flag_id if is_own else None


def taken(location: str, starts_at: datetime) -> tuple[str, int]:
    """Offer the nearest times; what was answered so far stays."""
    near = booking.nearest_slots(SERVICE, starts_at, clock.now(), location=location)
    elsewhere = [
        slot
        for slot in booking.nearest_slots(SERVICE, starts_at, clock.now(), count=8)
        if slot.place.slug != location
    ][:2]
    return render_template("site/taken.html", slots=[*near, *elsewhere], keeps=HOLD in session), 409


def held_by_visitor() -> Appointment:
    """Return the visitor's hold; raise `HoldGone`."""
    return holds.find_hold(session.get(HOLD, ""))


def page_for(outcome: ScreeningOutcome, held: Appointment, flag_id: int | None = None) -> str:
    """Return the page that answers which stop lead to; the time chosen is noted for a call."""
    if outcome is ScreeningOutcome.CALL_FIRST:
        session[STOPPED] = {
            "wanted": held.starts_at.isoformat(),
            "place": locations.by_id(held.location_id).slug,
            "flag": flag_id,
        }
    pages = {
        ScreeningOutcome.HELP_FIRST: ".help_now",
        ScreeningOutcome.ADULTS_ONLY: ".adults",
        ScreeningOutcome.CALL_FIRST: ".call_first",
    }
    return url_for(pages[outcome])
