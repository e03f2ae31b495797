"""What a form on the way to a booking showed; a difference from now is never acted on (invariant 15)."""

from dataclasses import dataclass, fields

from booking.appointments.models import Appointment, BookingDraft
from booking.calendars import offering
from booking.extensions import db
from booking.patients.rules import Contact
from booking.screening import operations as screening
from booking.versions import StaleVersion


@dataclass(frozen=True, slots=True)
class Shown:
    """A hold as text, the way forms carry it; None for what a form didn't show.

    `hold` is its reference, `start` an ISO instant, `person` a whole name, `answered` when the safety
    questions were; `version` counts up whenever anything of it changes.
    """

    hold: str | None = None
    start: str | None = None
    location: str | None = None
    person: str | None = None
    answered: str | None = None
    version: str | None = None


NOTHING_SHOWN = Shown()


def shown_now(held: Appointment) -> Shown:
    """Return a hold as a form would show it now."""
    kept = screening.answers_under(held.id)
    contact = contact_under(held)
    return Shown(
        hold=held.reference,
        start=held.starts_at.isoformat(),
        location=offering.catalogue().places_by_id[held.location_id].slug,
        person=contact.whole_name if contact else "",
        answered=kept.answered_at.isoformat() if kept else "",
        version=str(held.version),
    )


def contact_under(held: Appointment) -> Contact | None:
    """Return what was typed on "you" under a hold."""
    draft = db.session.get(BookingDraft, held.id)
    return Contact.from_data(draft.details["contact"]) if draft else None


def require_shown(held: Appointment, shown: Shown) -> None:
    """Raise `StaleVersion` when a hold, read under its lock, is no longer what a form showed."""
    now = shown_now(held)
    for field in fields(Shown):
        carried = getattr(shown, field.name)
        if carried not in (None, getattr(now, field.name)):
            raise StaleVersion(field.name)
