"""Correcting a patient's record: who they are and how to reach them, with what stood there before."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient, PatientChange
from booking.patients.rules import Contact, ContactPreferences, normalize_name

Values = Mapping[str, str | None]  # of a record, by field, as history keeps them
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
    values = _to_values(contact, birth_date, preferences or patient.preferences)
    changed_fields = change_values(patient, values, staff_id, now)
    if changed_fields:
        fields = ",".join(sorted(changed_fields))
        audit.record(
            staff_actor(staff_id), "edit_patient", "patient", patient.id, now, fields=fields
        )
    return changed_fields


@transaction()
def change_values(
    patient: Patient,
    values: Values,
    staff_id: int,
    now: datetime,
    is_given_back: bool = False,
) -> frozenset[str]:
    """Write fields of a record, as `list_values` has them; return the names of those that changed.

    `is_given_back`: what stood there is another record's again, and doesn't find this one any more.
    """
    before = list_values(patient)
    changed_fields = frozenset(name for name, value in values.items() if value != before[name])
    for name in sorted(changed_fields):
        setattr(patient, name, _parse_value(name, values[name]))
        db.session.add(
            PatientChange(
                patient_id=patient.id,
                field=name,
                old=before[name],
                new=values[name],
                is_given_back=is_given_back,
                changed_at=now,
                changed_by_id=staff_id,
            )
        )
    patient.family_key = normalize_name(patient.family_name)
    return changed_fields


def list_corrections(patient_ids: Collection[int]) -> list[PatientChange]:
    """Return what was corrected in some records, the latest first."""
    changes = select(PatientChange).where(PatientChange.patient_id.in_(patient_ids))
    return list(db.session.scalars(changes.order_by(PatientChange.id.desc())))


def list_values(patient: Patient) -> dict[str, str | None]:
    """Return what can be corrected of a record, by field, as history keeps it and a form shows it."""
    return _to_values(patient.contact, patient.birth_date, patient.preferences)


def _to_values(
    contact: Contact, birth_date: date, preferences: ContactPreferences
) -> dict[str, str | None]:
    return {
        **contact.to_dict(),
        "birth_date": birth_date.isoformat(),
        "safe_to_text": YES_OR_NO[preferences.safe_to_text],
        "leave_voicemail": YES_OR_NO[preferences.leave_voicemail],
        "time_zone": preferences.time_zone,
    }


def _parse_value(field: str, value: str | None) -> str | bool | date | None:
    if value is not None and field == "birth_date":
        return date.fromisoformat(value)
    if value is not None and field in ("safe_to_text", "leave_voicemail"):
        return value == YES_OR_NO[True]
    return value
