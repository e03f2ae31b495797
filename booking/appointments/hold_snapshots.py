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


def snapshot_hold(hold: Appointment) -> HoldSnapshot:
    """Return a hold as a form would show it now."""
    response = screening.find_answers(hold.id)
    contact = find_hold_contact(hold)
    return HoldSnapshot(
        hold=hold.reference,
        start=hold.starts_at.isoformat(),
        location=availability.current_catalogue().locations_by_id[hold.location_id].slug,
        person=contact.full_name if contact else "",
        answered=response.answered_at.isoformat() if response else "",
        version=str(hold.version),
    )


def find_hold_contact(hold: Appointment) -> Contact | None:
    """Return what was typed on "you" under a hold."""
    draft = db.session.get(BookingDraft, hold.id)
    return Contact.from_dict(draft.details["contact"]) if draft else None


def require_unchanged(hold: Appointment, snapshot: HoldSnapshot) -> None:
    """Raise `StaleVersion` when a hold, read under its lock, is no longer what a form showed."""
    now = snapshot_hold(hold)
    for field in fields(HoldSnapshot):
        carried = getattr(snapshot, field.name)
        if carried not in (None, getattr(now, field.name)):
            raise StaleVersion(field.name)
