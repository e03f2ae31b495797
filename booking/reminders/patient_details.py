"""A number or address was wrong: once it is mended, what is still to be sent goes to the new one."""

from dataclasses import dataclass
from datetime import date, datetime

from booking.appointments import contacts
from booking.appointments import operations as appointment_operations
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import editing
from booking.patients import operations as patients
from booking.patients.duplicates import PossibleDuplicates, find_new_duplicates
from booking.patients.models import Patient
from booking.patients.rules import Contact, ContactPreferences
from booking.reminders.safe_texts import update_planned_texts
from booking.screening import flags

CONTACT_FIELDS = {"phone", "email"}


@dataclass(frozen=True, slots=True)
class PatientUpdate:
    """A patient's record as staff correct it; `may_text` is what was answered now, if it was asked.

    `wording` is what consent was asked in. Consent belongs to the number. `is_distinct`: staff say that
    records alike are other people's.
    """

    contact: Contact
    preferences: ContactPreferences
    birth_date: date
    may_text: bool | None
    wording: str
    is_distinct: bool = False


@transaction()
def update_patient_details(
    patient_id: int, details: PatientUpdate, staff_id: int, now: datetime
) -> None:
    """Correct a patient's record; messages still to come are derived anew, the task to mend is done.

    Raises `PossibleDuplicates` for records that become alike by it, unless staff say that they are others'.
    """
    _require_distinct(patient_id, details)
    flags.attach_matching_flags(patient_id)
    changed_fields = editing.update_patient(
        patient_id, details.contact, details.birth_date, staff_id, now, details.preferences
    )
    patient, phone = db.session.get_one(Patient, patient_id), details.contact.phone
    is_answered = phone is not None and details.may_text is not None
    if phone is not None and details.may_text is not None:
        patients.record_consent(
            patient,
            phone,
            details.wording,
            now,
            granted=details.may_text,
            asked_by_id=staff_id,
        )
    if changed_fields or is_answered:
        appointment_operations.mark_upcoming_changed(patient_id, now)
    if "safe_to_text" in changed_fields:
        update_planned_texts(patient, now)
    if "language" in changed_fields:
        contacts.set_upcoming_language(patient_id, details.contact.language, now)
    if changed_fields & CONTACT_FIELDS:
        contacts.delete_upcoming_contacts(patient_id, staff_actor(staff_id), now)


def _require_distinct(patient_id: int, details: PatientUpdate) -> None:
    patient = db.session.get_one(Patient, patient_id)
    duplicates = find_new_duplicates(patient, details.contact, details.birth_date)
    if duplicates and not details.is_distinct:
        raise PossibleDuplicates(duplicates)
