"""Was a patient told? `appointments` asks whoever sends messages, and knows nothing of them itself."""

from datetime import datetime
from typing import Protocol

from flask import Flask, current_app
from sqlalchemy import ColumnElement, select, update

from booking.appointments.models import Appointment, AppointmentChange
from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.extensions import db


class NoticeSource(Protocol):
    """Someone who tells patients of changes."""

    def was_told(self, appointment: Appointment) -> bool:
        """Tell whether anything that tells of an appointment as it stands was sent, or is being sent."""

    def withdraw(self, appointment: Appointment) -> None:
        """Drop what was to tell of later revisions than an appointment has: they were undone."""


def register_notices(app: Flask, source: NoticeSource) -> None:
    """Let `source` say what patients have been told in `app`."""
    app.extensions.setdefault("notice_sources", []).append(source)


def was_told(appointment: Appointment) -> bool:
    """Tell whether the patient was told of an appointment as it stands."""
    return any(source.was_told(appointment) for source in _sources())


def withdraw_notices(appointment: Appointment) -> None:
    """Drop what was to tell of later revisions than an appointment has."""
    for source in _sources():
        source.withdraw(appointment)


def _sources() -> list[NoticeSource]:
    sources: list[NoticeSource] = current_app.extensions.get("notice_sources", [])
    return sources


@transaction()
def leave_unannounced(appointment_id: int, now: datetime, actor: str) -> None:
    """Tell the patient nothing of an appointment as it stands: they know, or must not be written to."""
    appointment = db.session.get_one(Appointment, appointment_id, with_for_update=True)
    appointment.untold_sequence = appointment.sequence
    facts = {"sequence": appointment.sequence}
    audit.record(actor, "leave_unannounced", "appointment", appointment.id, now, **facts)


def is_announced() -> ColumnElement[bool]:
    """Return the condition for appointments of which the patient is told as they stand."""
    return Appointment.untold_sequence.is_distinct_from(Appointment.sequence)


def notice_waits(now: datetime) -> ColumnElement[bool]:
    """Return the condition for appointments of whose latest change nobody is told yet: it may be undone."""
    waiting = select(AppointmentChange.id).where(
        AppointmentChange.appointment_id == Appointment.id,
        AppointmentChange.version == Appointment.version,
        AppointmentChange.undone_at.is_(None),
        AppointmentChange.notice_at > now,
    )
    return waiting.exists()


@transaction()
def end_notice_wait(appointment_id: int, now: datetime) -> None:
    """Let the patient be told of an appointment's latest change now: it can't be undone any more."""
    waiting = update(AppointmentChange).where(
        AppointmentChange.appointment_id == appointment_id,
        AppointmentChange.undone_at.is_(None),
        AppointmentChange.notice_at > now,
    )
    db.session.execute(waiting.values(notice_at=now))


def is_notice_waiting(appointment: Appointment, now: datetime) -> bool:
    """Tell whether nobody is told yet of an appointment's latest change."""
    waiting = select(Appointment.id).where(Appointment.id == appointment.id, notice_waits(now))
    return db.session.scalar(waiting) is not None
