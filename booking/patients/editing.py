"""Correcting a patient's record: who they are and how to reach them, with what stood there before."""

from datetime import date, datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient, PatientChange
from booking.patients.rules import Contact, normalize_name

Values = dict[str, str | None]


@transaction()
def update_patient(
    patient_id: int, contact: Contact, birth_date: date, staff_id: int, now: datetime
) -> frozenset[str]:
    """Write a patient's details over those on file; return the names of the fields that changed.

    What stood there before is kept in `patient_change`: the audit trail holds no names or contacts.
    """
    patient = db.session.get_one(Patient, patient_id, with_for_update=True)
    before = _values(patient.contact, patient.birth_date)
    after = _values(contact, birth_date)
    changed_fields = frozenset(name for name in after if after[name] != before[name])
    for name in sorted(changed_fields):
        db.session.add(
            PatientChange(
                patient_id=patient.id,
                field=name,
                old=before[name],
                new=after[name],
                changed_at=now,
                changed_by_id=staff_id,
            )
        )
    _write(patient, contact, birth_date)
    if changed_fields:
        fields = ",".join(sorted(changed_fields))
        audit.record(
            staff_actor(staff_id), "edit_patient", "patient", patient.id, now, fields=fields
        )
    return changed_fields


def list_changes(patient_id: int) -> list[PatientChange]:
    """Return what was corrected in a patient's record, the latest first."""
    changes = select(PatientChange).filter_by(patient_id=patient_id)
    return list(db.session.scalars(changes.order_by(PatientChange.id.desc())))


def _values(contact: Contact, birth_date: date) -> Values:
    return {**contact.to_dict(), "birth_date": birth_date.isoformat()}


def _write(patient: Patient, contact: Contact, birth_date: date) -> None:
    patient.given_name, patient.family_name = contact.given_name, contact.family_name
    patient.family_key, patient.birth_date = normalize_name(contact.family_name), birth_date
    patient.phone, patient.email = contact.phone, contact.email
    patient.language = contact.language
