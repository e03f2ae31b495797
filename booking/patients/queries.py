"""What pages and lists read of patients' records."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from booking.db.rows import get_rows_by_id
from booking.extensions import db
from booking.patients.models import Patient, TextConsent
from booking.patients.rules import normalize_name


def find_patient(patient_id: int) -> Patient | None:
    """Return a patient's record, also one that was merged into another."""
    return db.session.get(Patient, patient_id)


def get_patient(patient_id: int) -> Patient:
    """Return a patient's record, also one that was merged into another; raise `NoResultFound`."""
    return db.session.get_one(Patient, patient_id)


def get_patients_by_id(ids: Collection[int]) -> dict[int, Patient]:
    """Return patients' records by their ids."""
    return get_rows_by_id(Patient, ids)


def search_patients(conditions: Sequence[ColumnElement[bool]], limit: int) -> list[Patient]:
    """Return patients who meet any of the conditions, by name; records merged into another are left out."""
    statement = (
        select(Patient)
        .where(Patient.merged_into_id.is_(None), or_(*conditions))
        .order_by(Patient.family_key, Patient.given_name, Patient.id)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def find_newest_consent_id(patient_id: int) -> int | None:
    """Return the id of a patient's newest answer to "may we text you?", about any number."""
    consents = select(TextConsent.id).filter_by(patient_id=patient_id)
    return db.session.scalar(consents.order_by(TextConsent.id.desc()).limit(1))


def list_consents(patient_ids: Collection[int]) -> list[TextConsent]:
    """Return what was answered to "may we text you?", of all of some records, the latest first."""
    consents = select(TextConsent).where(TextConsent.patient_id.in_(patient_ids))
    return list(db.session.scalars(consents.order_by(TextConsent.id.desc())))


def list_namesakes(family_name: str, birth_date: date) -> list[Patient]:
    """Return the records of this family name and birth date, those merged into others too."""
    key = normalize_name(family_name)
    return list(
        db.session.scalars(
            select(Patient).filter_by(family_key=key, birth_date=birth_date).order_by(Patient.id)
        )
    )
