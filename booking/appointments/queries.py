"""What pages and lists read of appointments."""

from datetime import date

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import (
    Status,
)
from booking.extensions import db


def find_by_token(token: str) -> Appointment | None:
    """Return the booked appointment whose own page has this token; holds have no page."""
    appointment = db.session.scalar(select(Appointment).filter_by(token=token))
    return (
        appointment
        if appointment is not None and appointment.status is not Status.PENDING
        else None
    )


def list_day(location_id: int, local_date: date) -> list[Appointment]:
    """Return a location's appointments of one local day, cancelled ones too, in order of time."""
    return list(
        db.session.scalars(
            select(Appointment)
            .where(
                Appointment.location_id == location_id,
                Appointment.local_date == local_date,
                Appointment.status != Status.PENDING,
            )
            .order_by(Appointment.starts_at, Appointment.id)
        )
    )


def list_for_patient(patient_id: int) -> list[Appointment]:
    """Return a patient's appointments, newest first."""
    return list(
        db.session.scalars(
            select(Appointment)
            .where(Appointment.patient_id == patient_id)
            .order_by(Appointment.starts_at.desc())
        )
    )
