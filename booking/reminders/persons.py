"""Who is reached at a number: several patients may share it, and a text says whose appointment it means."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations import operations as locations
from booking.messaging import persons
from booking.messaging.models import Message
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.queries import get_patients_by_id
from booking.patients.rules import strip_extension

SHARED_FOR = timedelta(days=90)  # who was texted at a number this long ago may read it still
PATIENT = "patient:"
MAX_CALLED_LENGTH = 10  # characters of a given name in a text


def person_key(patient: Patient) -> str:
    """Return what messages know a patient by: the record that survives a merge."""
    return f"{PATIENT}{patients.get_merged_patient(patient).id}"


def get_recipient_zone(patient: Patient, location_id: int) -> str:
    """Return the IANA zone whose night a patient's messages keep to: their own, else a location's."""
    return patient.time_zone or locations.get_location(location_id).time_zone


def get_appointment_zone(appointment: Appointment) -> str:
    """Return the IANA zone whose night questions about an appointment keep to."""
    if appointment.patient_id is None:
        return appointment.time_zone
    patient = patients.get_merged_patient(db.session.get_one(Patient, appointment.patient_id))
    return get_recipient_zone(patient, appointment.location_id)


def find_patient_by_key(person: str) -> Patient | None:
    """Return the patient of a person key (`patient:<id>`): of merged records, the one kept."""
    if not person.startswith(PATIENT):
        return None
    patient = db.session.get(Patient, int(person.removeprefix(PATIENT)))
    return patients.get_merged_patient(patient) if patient else None


def patients_by_key(keys: Collection[str]) -> dict[str, Patient]:
    """Return the patients of those of the person keys that are a patient's, by key."""
    ids = {
        person: int(person.removeprefix(PATIENT)) for person in keys if person.startswith(PATIENT)
    }
    rows = get_patients_by_id(set(ids.values()))
    return {
        person: patients.get_merged_patient(rows[patient_id])
        for person, patient_id in ids.items()
        if patient_id in rows
    }


def patients_by_phone(phones: Collection[str], now: datetime) -> dict[str, list[Patient]]:
    """Return who is reached at each number (E.164), by age of their records.

    Those whose record has it, and those who were lately texted there or will be.
    """
    patients_by_number: dict[str, dict[int, Patient]] = {phone: {} for phone in phones}
    for phone, keys in persons.list_persons_by_recipient(phones, now - SHARED_FOR).items():
        texted_patients = (find_patient_by_key(person) for person in keys)
        patients_by_number[phone] |= {
            patient.id: patient for patient in texted_patients if patient is not None
        }
    has_one = patients.matches_phone(Patient.phone, phones)
    records = select(Patient).where(has_one, Patient.merged_into_id.is_(None))
    for patient in db.session.scalars(records):
        patients_by_number[strip_extension(patient.phone or "")][patient.id] = patient
    return {
        phone: [by_id[key] for key in sorted(by_id)] for phone, by_id in patients_by_number.items()
    }


def short_names_on_shared_number(sharing_patients: Sequence[Patient]) -> dict[int, str]:
    """Return what each of several patients who share a number is called in texts, by id.

    Initials ("M.S."), and where two have the same, given name and initial; nothing for one alone.
    """
    if len(sharing_patients) < 2:
        return {}
    initials = [_initials(patient) for patient in sharing_patients]
    return {
        patient.id: short if initials.count(short) == 1 else _given_name(patient)
        for patient, short in zip(sharing_patients, initials, strict=True)
    }


def _initials(patient: Patient) -> str:
    return f"{patient.contact.greeting_name[:1]}.{patient.family_name[:1]}.".upper()


def _given_name(patient: Patient) -> str:
    greeting_name = patient.contact.greeting_name[:MAX_CALLED_LENGTH].rstrip()
    return f"{greeting_name} {patient.family_name[:1].upper()}."


@transaction()
def reassign_merged_patients() -> None:
    """Count what was sent to a record that was merged into another as sent to that one."""
    person = PATIENT + func.cast(Patient.id, Message.person.type)
    merged_patients = select(Patient).where(
        Patient.merged_into_id.is_not(None), exists().where(Message.person == person)
    )
    for patient in db.session.scalars(merged_patients).all():
        persons.reassign_person(f"{PATIENT}{patient.id}", person_key(patient))
