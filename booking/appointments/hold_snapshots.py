"""What a form on the way to a booking showed; a difference from now is never acted on (invariant 15)."""

from dataclasses import dataclass, fields

from booking.appointments.models import Appointment, BookingDraft
from booking.calendars import availability
from booking.db.versions import StaleVersion
from booking.extensions import db
from booking.patients.rules import Contact
from booking.screening import operations as screening


@dataclass(frozen=True, slots=True)
class HoldSnapshot:
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


NOTHING_SHOWN = HoldSnapshot()


def snapshot_hold(held: Appointment) -> HoldSnapshot:
    """Return a hold as a form would show it now."""
    kept = screening.get_answers(held.id)
    contact = get_hold_contact(held)
    return HoldSnapshot(
        hold=held.reference,
        start=held.starts_at.isoformat(),
        location=availability.current_catalogue().locations_by_id[held.location_id].slug,
        person=contact.full_name if contact else "",
        answered=kept.answered_at.isoformat() if kept else "",
        version=str(held.version),
    )


def get_hold_contact(held: Appointment) -> Contact | None:
    """Return what was typed on "you" under a hold."""
    draft = db.session.get(BookingDraft, held.id)
    return Contact.from_dict(draft.details["contact"]) if draft else None


def require_unchanged(held: Appointment, shown: HoldSnapshot) -> None:
    """Raise `StaleVersion` when a hold, read under its lock, is no longer what a form showed."""
    now = snapshot_hold(held)
    for field in fields(HoldSnapshot):
        carried = getattr(shown, field.name)
        if carried not in (None, getattr(now, field.name)):
            raise StaleVersion(field.name)
