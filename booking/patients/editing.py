"""Correcting a patient's record: who they are and how to reach them, with what stood there before."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient, PatientChange
from booking.patients.rules import Contact, ContactPreferences, normalize_name

YES_OR_NO = {True: "yes", False: "no", None: None}  # as history keeps them


@transaction()
def update_patient(
    patient_id: int,
    contact: Contact,
    birth_date: date,
    staff_id: int,
    now: datetime,
    preferences: ContactPreferences | None = None,
) -> frozenset[str]:
    """Write a patient's details over those on file; return the names of the fields that changed.

    What stood there before is kept in `patient_change`: the audit trail holds no names or contacts.
    """
    patient = db.session.get_one(Patient, patient_id, with_for_update=True)
    before = list_values(patient)
    _write(patient, contact, birth_date, preferences or patient.preferences)
    changed_fields = record_changes(patient, before, staff_id, now)
    if changed_fields:
        fields = ",".join(sorted(changed_fields))
        audit.record(
            staff_actor(staff_id), "edit_patient", "patient", patient.id, now, fields=fields
        )
    return changed_fields


def record_changes(
    patient: Patient, before: Mapping[str, str | None], staff_id: int, now: datetime
) -> frozenset[str]:
    """Keep what was written over, and by whom; return the names of the fields that changed."""
    after = list_values(patient)
    changed_fields = frozenset(name for name in after if after[name] != before[name])
    db.session.add_all(
        PatientChange(
            patient_id=patient.id,
            field=name,
            old=before[name],
            new=after[name],
            changed_at=now,
            changed_by_id=staff_id,
        )
        for name in sorted(changed_fields)
    )
    return changed_fields


def list_changes(patient_id: int) -> list[PatientChange]:
    """Return what was corrected in a patient's record, the latest first."""
    changes = select(PatientChange).filter_by(patient_id=patient_id)
    return list(db.session.scalars(changes.order_by(PatientChange.id.desc())))


def list_values(patient: Patient) -> dict[str, str | None]:
    """Return what can be corrected of a record, by field, as history keeps it and a form shows it."""
    return {
        **patient.contact.to_dict(),
        "birth_date": patient.birth_date.isoformat(),
        "safe_to_text": YES_OR_NO[patient.safe_to_text],
        "leave_voicemail": YES_OR_NO[patient.leave_voicemail],
    }


def _write(
    patient: Patient, contact: Contact, birth_date: date, preferences: ContactPreferences
) -> None:
    for name, value in contact.to_dict().items():
        setattr(patient, name, value)
    patient.family_key, patient.birth_date = normalize_name(contact.family_name), birth_date
    patient.safe_to_text = preferences.safe_to_text
    patient.leave_voicemail = preferences.leave_voicemail
