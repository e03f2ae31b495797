"""What pages and lists read of appointments."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from booking.appointments.models import Appointment, AppointmentContact
from booking.appointments.rules import (
    STANDING_OR_KEPT,
    Status,
)
from booking.extensions import db
from booking.patients.models import Patient
from booking.patients.operations import matches_phone
from booking.patients.queries import search_patients
from booking.patients.rules import strip_extension


def find_appointment(appointment_id: int) -> Appointment | None:
    """Return a booked appointment; a hold has no patient yet and is none of the desk's."""
    appointment = db.session.get(Appointment, appointment_id)
    is_hold = appointment is None or appointment.status is Status.PENDING
    return None if is_hold else appointment


def find_by_token(token: str) -> Appointment | None:
    """Return the booked appointment whose own page has this token; holds have no page."""
    appointment = db.session.scalar(select(Appointment).filter_by(token=token))
    return (
        appointment
        if appointment is not None and appointment.status is not Status.PENDING
        else None
    )


def list_appointments_of_day(location_id: int, local_date: date) -> list[Appointment]:
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


def list_appointments_of_patient(patient_id: int) -> list[Appointment]:
    """Return a patient's appointments, newest first."""
    return list(
        db.session.scalars(
            select(Appointment)
            .where(Appointment.patient_id == patient_id)
            .order_by(Appointment.starts_at.desc())
        )
    )


def list_upcoming_appointments(patient_ids: Collection[int], now: datetime) -> list[Appointment]:
    """Return the booked appointments to come of some records, in order of time."""
    upcoming = (Appointment.status == Status.BOOKED, Appointment.starts_at > now)
    return list(
        db.session.scalars(
            select(Appointment)
            .where(Appointment.patient_id.in_(patient_ids), *upcoming)
            .order_by(Appointment.starts_at, Appointment.id)
        )
    )


def first_start_by_patient(patient_ids: Collection[int]) -> dict[int, datetime]:
    """Return the start of each patient's first appointment that stands or was kept."""
    counts = Appointment.status.in_(STANDING_OR_KEPT)
    rows = db.session.execute(
        select(Appointment.patient_id, func.min(Appointment.starts_at))
        .where(Appointment.patient_id.in_(patient_ids), counts)
        .group_by(Appointment.patient_id)
    )
    return {patient_id: starts_at for patient_id, starts_at in rows if patient_id is not None}


def list_patients_by_phone(phones: Collection[str]) -> dict[str, list[Patient]]:
    """Return, by number (E.164), whom it reaches: on file, or typed for an appointment.

    Records merged into another are left out.
    """
    by_record = select(Patient, Patient.phone).where(matches_phone(Patient.phone, phones))
    by_appointment = (
        select(Patient, AppointmentContact.phone)
        .join(Appointment, Appointment.patient_id == Patient.id)
        .join(AppointmentContact, AppointmentContact.appointment_id == Appointment.id)
        .where(matches_phone(AppointmentContact.phone, phones))
    )
    patients_by_number: dict[str, dict[int, Patient]] = {}
    for query in (by_record, by_appointment):
        for patient, phone in db.session.execute(query.where(Patient.merged_into_id.is_(None))):
            patients_by_number.setdefault(strip_extension(phone or ""), {})[patient.id] = patient
    return {
        phone: [by_id[key] for key in sorted(by_id)] for phone, by_id in patients_by_number.items()
    }


def search_patients_by_phone(phone: str, limit: int) -> list[Patient]:
    """Return patients whom a number (E.164) reaches, on file or entered for an appointment, by name."""
    entered = _has_typed(matches_phone(AppointmentContact.phone, [phone]))
    return search_patients([matches_phone(Patient.phone, [phone]), entered], limit)


def search_patients_by_email(address: str, limit: int) -> list[Patient]:
    """Return patients by the beginning of the address on file, or one entered for an appointment, by name."""
    on_file = Patient.email.startswith(address, autoescape=True)
    return search_patients([on_file, _has_typed(AppointmentContact.email == address)], limit)


def search_patients_by_reference(reference: str) -> list[Patient]:
    """Return whose appointment has a reference by now, whichever record it was booked for; or nobody."""
    patient_ids = select(Appointment.patient_id).filter_by(reference=reference)
    return search_patients([Patient.id.in_(patient_ids)], 1)


def _has_typed(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Select the patients for whose appointments a contact was entered that meets the condition."""
    patient_ids = select(Appointment.patient_id).join(
        AppointmentContact, AppointmentContact.appointment_id == Appointment.id
    )
    return Patient.id.in_(patient_ids.where(condition))
