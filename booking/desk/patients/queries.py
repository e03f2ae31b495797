"""What pages read about many patients at once, one query each."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from booking.appointments.models import Appointment, AppointmentContact
from booking.appointments.rules import STANDING_OR_KEPT
from booking.extensions import db
from booking.patients.models import Patient
from booking.patients.operations import matches_phone
from booking.patients.rules import strip_extension
from booking.staff.models import Staff


def get_patients_by_id(ids: Collection[int]) -> dict[int, Patient]:
    """Return patients by their ids."""
    patients = db.session.scalars(select(Patient).where(Patient.id.in_(ids)))
    return {patient.id: patient for patient in patients}


def first_appointment_starts(patient_ids: Collection[int]) -> dict[int, datetime]:
    """Return the start of each patient's first appointment that stands or was kept."""
    counts = Appointment.status.in_(STANDING_OR_KEPT)
    rows = db.session.execute(
        select(Appointment.patient_id, func.min(Appointment.starts_at))
        .where(Appointment.patient_id.in_(patient_ids), counts)
        .group_by(Appointment.patient_id)
    )
    return {patient_id: starts_at for patient_id, starts_at in rows if patient_id is not None}


def get_staff_names(ids: Collection[int]) -> dict[int, str]:
    """Return the names of members of staff, former ones too."""
    rows = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {row.id: row.name for row in rows}


def patients_by_phone(phones: Collection[str]) -> dict[str, list[Patient]]:
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
