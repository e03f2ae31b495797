"""What staff note about a patient or a single appointment: dated, signed, struck out, never deleted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import StaffNote
from booking.patients.rules import is_note_editable


class NoteClosed(Exception):
    """A note is not changed any more: somebody else's, struck out, or some minutes old."""


@transaction()
def write_note(
    patient_id: int,
    body: str,
    staff_id: int,
    now: datetime,
    *,
    appointment_id: int | None = None,
    is_clinical: bool = False,
) -> StaffNote:
    """Note something about a patient, or about one appointment of theirs; clinical: for clinicians alone."""
    note = StaffNote(
        patient_id=patient_id,
        appointment_id=appointment_id,
        body=body,
        is_clinical=is_clinical,
        written_by_id=staff_id,
        written_at=now,
    )
    db.session.add(note)
    db.session.flush()
    _record("write_staff_note", note, staff_id, now)
    return note


@transaction()
def correct_own_note(note_id: int, body: str, staff_id: int, now: datetime) -> None:
    """Correct a slip in one's own note, minutes after writing it. Raises `NoteClosed`."""
    note = _lock(note_id)
    if not can_edit(note, staff_id, now):
        raise NoteClosed
    note.body, note.edited_at = body, now
    _record("edit_staff_note", note, staff_id, now)


@transaction()
def strike_note(note_id: int, staff_id: int, now: datetime) -> None:
    """Strike a note out: it stays to be read, with who did it and when. Raises `NoteClosed`."""
    note = _lock(note_id)
    if note.struck_at is not None:
        raise NoteClosed
    note.struck_at, note.struck_by_id = now, staff_id
    _record("strike_staff_note", note, staff_id, now)


def can_edit(note: StaffNote, staff_id: int, now: datetime) -> bool:
    """Tell whether a member of staff may change the words of a note."""
    is_own = note.written_by_id == staff_id and note.struck_at is None
    return is_own and is_note_editable(note.written_at, now)


def find_note(note_id: int) -> StaffNote | None:
    """Return a note, whoever may read it."""
    return db.session.get(StaffNote, note_id)


def list_notes(patient_ids: Collection[int], *, with_clinical: bool) -> list[StaffNote]:
    """Return the notes on a person's records and appointments, the latest first."""
    notes = select(StaffNote).where(StaffNote.patient_id.in_(patient_ids))
    if not with_clinical:
        notes = notes.where(StaffNote.is_clinical.is_(False))
    return list(db.session.scalars(notes.order_by(StaffNote.id.desc())))


def _lock(note_id: int) -> StaffNote:
    return db.session.get_one(StaffNote, note_id, with_for_update=True)


def _record(action: str, note: StaffNote, staff_id: int, now: datetime) -> None:
    actor = staff_actor(staff_id)
    audit.record(
        actor, action, "patient", note.patient_id, now, note=note.id, clinical=note.is_clinical
    )
