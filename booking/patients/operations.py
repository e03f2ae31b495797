"""Finding or making a patient's record, and keeping what they consented to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.duplicates import PossibleDuplicates, find_duplicates
from booking.patients.models import Patient, TextConsent
from booking.patients.rules import (
    Contact,
    IdentityRecord,
    MatchStrength,
    match_identity,
    normalize_name,
    strip_extension,
)

BORN_THEN = Patient.birth_date == bindparam("birth_date")
OF_THE_NAME = Patient.family_key == bindparam("family_key")
MATCHES_CONTACT = or_(
    Patient.phone.in_((bindparam("phone"), bindparam("line"))), Patient.email == bindparam("email")
)
# Whoever is the same person or doubtful: three of the four signs of `rules.match_identity`.
CANDIDATES = (
    select(
        Patient.id, Patient.given_name, Patient.family_key, Patient.birth_date, Patient.phone, Patient.email
    )
    .where(or_(BORN_THEN & OF_THE_NAME, MATCHES_CONTACT & or_(BORN_THEN, OF_THE_NAME)))
    .order_by(Patient.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class IdentifiedPatient:
    """Whose record it is, made just now or on file; and the ids of others that may be the same person's."""

    patient: Patient
    possible_duplicate_ids: tuple[int, ...] = ()
    is_new: bool = False


@transaction()
def find_or_create_patient(
    contact: Contact, birth_date: date, now: datetime, actor: str
) -> IdentifiedPatient:
    """Return the record that these details certainly match, else a new one.

    Contacts on file are never written over, and nothing tells the visitor which of the two it was; the
    desk looks at the doubtful ones, and merges (invariant 14).
    """
    doubtful: list[int] = []
    for patient_id, record in _candidates(contact, birth_date):
        match = match_identity(record, contact, birth_date)
        if match is MatchStrength.OTHER:
            continue
        patient = get_merged_patient(db.session.get_one(Patient, patient_id))
        if match is MatchStrength.SAME:
            return IdentifiedPatient(patient)
        doubtful.append(patient.id)
    new_patient = create_patient(contact, birth_date, now, actor)
    return IdentifiedPatient(new_patient, tuple(dict.fromkeys(doubtful)), is_new=True)


def _candidates(contact: Contact, birth_date: date) -> list[tuple[int, IdentityRecord]]:
    details = {
        "birth_date": birth_date,
        "family_key": normalize_name(contact.family_name),
        "phone": contact.phone,
        "line": strip_extension(contact.phone) if contact.phone else None,
        "email": contact.email,
    }
    rows = db.session.connection().execute(CANDIDATES, details)
    return [(row[0], IdentityRecord(*row[1:])) for row in rows]


@transaction()
def create_patient(contact: Contact, birth_date: date, now: datetime, actor: str) -> Patient:
    """Make a new patient's record."""
    patient = Patient(
        given_name=contact.given_name,
        family_name=contact.family_name,
        family_key=normalize_name(contact.family_name),
        birth_date=birth_date,
        phone=contact.phone,
        email=contact.email,
        language=contact.language,
        created_at=now,
    )
    db.session.add(patient)
    db.session.flush()
    audit.record(actor, "create_patient", "patient", patient.id, now)
    return patient


@transaction()
def register_patient(
    contact: Contact,
    birth_date: date,
    staff_id: int,
    now: datetime,
    *,
    may_text: bool,
    wording: str,
    is_new: bool,
) -> Patient:
    """Make the record of someone who calls, with what they answered to "may we text you?".

    Raises `PossibleDuplicates` for records that are alike, unless staff say that the person `is_new`.
    """
    if not is_new and (duplicates := find_duplicates(contact, birth_date)):
        raise PossibleDuplicates(duplicates)
    patient = create_patient(contact, birth_date, now, staff_actor(staff_id))
    if contact.phone:
        record_consent(patient, contact.phone, wording, now, granted=may_text, asked_by_id=staff_id)
    return patient


def matches_phone(
    column: InstrumentedAttribute[str | None], phones: Collection[str]
) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these numbers, whatever its extension."""
    lines = {strip_extension(phone) for phone in phones}
    extended = (column.startswith(f"{line};", autoescape=True) for line in lines)
    return or_(column.in_(lines), *extended)


def get_merged_patient(patient: Patient) -> Patient:
    """Return the record that `patient` was merged into, or itself."""
    while patient.merged_into_id is not None:
        patient = db.session.get_one(Patient, patient.merged_into_id)
    return patient


def list_records_by_patient(patient_ids: Collection[int]) -> dict[int, list[Patient]]:
    """Return, by the id asked for, all records of that person: the one that survives first."""
    ids = record_ids_by_patient(patient_ids)
    statement = select(Patient).where(
        Patient.id.in_({key for keys in ids.values() for key in keys})
    )
    rows = {row.id: row for row in db.session.scalars(statement)}
    return {patient_id: [rows[key] for key in keys] for patient_id, keys in ids.items()}


def list_record_ids(patient_id: int) -> list[int]:
    """Return the ids of all records of one person: the one that survives first."""
    return record_ids_by_patient([patient_id])[patient_id]


def record_ids_by_patient(patient_ids: Collection[int]) -> dict[int, list[int]]:
    """Return, by the id asked for, the ids of all records of that person: the one that survives first."""
    merges = select(Patient.id, Patient.merged_into_id).where(Patient.merged_into_id.is_not(None))
    survivor_by_id = {row.id: row.merged_into_id for row in db.session.execute(merges)}
    survivor_by_patient = {
        patient_id: _followed(survivor_by_id, patient_id) for patient_id in patient_ids
    }
    ids = {survivor_id: [survivor_id] for survivor_id in survivor_by_patient.values()}
    for merged_id in survivor_by_id:
        if (survivor_id := _followed(survivor_by_id, merged_id)) in ids:
            ids[survivor_id].append(merged_id)
    return {patient_id: ids[survivor_id] for patient_id, survivor_id in survivor_by_patient.items()}


def _followed(survivor_by_id: Mapping[int, int | None], patient_id: int) -> int:
    while (survivor_id := survivor_by_id.get(patient_id)) is not None:
        patient_id = survivor_id
    return patient_id


@transaction()
def record_consent(
    patient: Patient,
    phone: str,
    wording: str,
    now: datetime,
    *,
    granted: bool,
    asked_by_id: int | None = None,
) -> None:
    """Keep an answer to "may we text you?" with the words it was asked in."""
    consent = TextConsent(
        patient_id=patient.id,
        phone=strip_extension(phone),
        granted=granted,
        wording=wording,
        given_at=now,
        asked_by_id=asked_by_id,
    )
    db.session.add(consent)
    actor = staff_actor(asked_by_id) if asked_by_id else "online"
    audit.record(actor, "record_consent", "patient", patient.id, now)


def has_text_consent(patient_id: int, phone: str) -> bool:
    """Tell whether the patient's newest answer about this number allows texts.

    Answers kept with records that were merged into the patient's count as theirs.
    """
    newest = db.session.scalar(
        select(TextConsent)
        .where(
            TextConsent.patient_id.in_(list_record_ids(patient_id)),
            TextConsent.phone == strip_extension(phone),
        )
        .order_by(TextConsent.id.desc())
        .limit(1)
    )
    return newest is not None and newest.granted
