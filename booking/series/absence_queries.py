"""Reading when a patient is away, on any of their records."""

from datetime import date, timedelta

from sqlalchemy import select

from booking.extensions import db
from booking.patients import operations as patients
from booking.series.models import PatientAbsence


def list_absences(patient_id: int, first: date) -> list[PatientAbsence]:
    """Return a person's absences that end on local day `first` or later, the soonest first."""
    of_patient = PatientAbsence.patient_id.in_(patients.list_record_ids(patient_id))
    rows = select(PatientAbsence).where(of_patient, PatientAbsence.last_day >= first)
    return list(db.session.scalars(rows.order_by(PatientAbsence.first_day, PatientAbsence.id)))


def list_away_days(patient_id: int, first: date, last: date) -> set[date]:
    """Return the local days of [first, last] on which a person is away."""
    return {
        day
        for absence in list_absences(patient_id, first)
        for day in list_days(max(absence.first_day, first), min(absence.last_day, last))
    }


def list_days(first: date, last: date) -> list[date]:
    """Return the days of [first, last]; none where it ends before it begins."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
