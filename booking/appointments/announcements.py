"""What patients tell the clinic by an appointment's link: a note, or that they come late."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from booking.appointments.models import Appointment, LateArrival, PatientNote
from booking.appointments.operations import lock_for_change
from booking.appointments.rules import Status, is_late_announceable
from booking.audit import operations as audit
from booking.db.statements import put
from booking.db.transactions import transaction
from booking.extensions import db

ACTOR = "online"
MAX_NOTES_A_DAY = 5  # on one appointment


class TooManyNotes(Exception):
    """So much was written on an appointment today that nothing more is taken: they can call."""


class NotToday(Exception):
    """Nobody can come late now: the appointment is not booked, not today, or over."""


@transaction()
def add_note(appointment: Appointment, body: str, now: datetime, *, is_urgent: bool) -> PatientNote:
    """Keep what a patient wrote; the caller opens the task. Raises `TooManyNotes`, unless it `is_urgent`."""
    lock_for_change(appointment.id, None)
    if not is_urgent and _count_notes(appointment.id, now - timedelta(days=1)) >= MAX_NOTES_A_DAY:
        raise TooManyNotes
    note = PatientNote(appointment_id=appointment.id, body=body, written_at=now)
    db.session.add(note)
    db.session.flush()
    audit.record(ACTOR, "write_note", "appointment", appointment.id, now)
    return note


def _count_notes(appointment_id: int, since: datetime) -> int:
    notes = select(func.count()).where(
        PatientNote.appointment_id == appointment_id, PatientNote.written_at > since
    )
    return db.session.scalar(notes) or 0


@transaction()
def announce_lateness(appointment_id: int, minutes: int, now: datetime) -> None:
    """Keep that a patient comes so many minutes late; said again, the last counts. Raises `NotToday`."""
    appointment = lock_for_change(appointment_id, None)
    if not can_announce_lateness(appointment, now):
        raise NotToday
    row = {"appointment_id": appointment.id, "minutes": minutes, "announced_at": now}
    put(LateArrival, row, key="appointment_id")
    audit.record(ACTOR, "announce_lateness", "appointment", appointment.id, now, minutes=minutes)


def can_announce_lateness(appointment: Appointment, now: datetime) -> bool:
    """Tell whether a patient may say now that they come late: booked, on its local day, until it ends."""
    today = now.astimezone(ZoneInfo(appointment.time_zone)).date()
    is_booked = appointment.status is Status.BOOKED
    return is_booked and is_late_announceable(
        appointment.local_date, today, appointment.ends_at, now
    )


def notes_by_appointment(appointment_ids: Collection[int]) -> dict[int, list[PatientNote]]:
    """Return, by appointment, what its patient wrote on its page, in order."""
    statement = select(PatientNote).where(PatientNote.appointment_id.in_(appointment_ids))
    notes: dict[int, list[PatientNote]] = {}
    for note in db.session.scalars(statement.order_by(PatientNote.id)):
        notes.setdefault(note.appointment_id, []).append(note)
    return notes


def lateness_by_appointment(appointment_ids: Collection[int]) -> dict[int, int]:
    """Return, by appointment, how many minutes late its patient says they come."""
    late = LateArrival.appointment_id.in_(appointment_ids)
    rows = db.session.execute(select(LateArrival.appointment_id, LateArrival.minutes).where(late))
    return {row.appointment_id: row.minutes for row in rows}
