"""Finding or making a patient's record, and keeping what they consented to."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from booking.audit import operations as audit
from booking.db import transaction
from booking.extensions import db
from booking.patients.models import CallRequest, Consent, Patient
from booking.patients.rules import Contact, is_same_person, may_be_same_person, name_key
from booking.statements import write, write_last

LONGEST_NAME = 160  # its column's length; a given and a family name may be longer together
NAMESAKES = (
    select(Patient.id, Patient.family_key, Patient.birth_date, Patient.phone, Patient.email)
    .where(Patient.birth_date == bindparam("born"), Patient.family_key == bindparam("family"))
    .order_by(Patient.id)
)


@transaction()
def identify(contact: Contact, birth_date: date, now: datetime, actor: str) -> Patient:
    """Return the record that these details certainly match, else a new one.

    Contacts on file are never written over, and nothing tells the caller which of the two it was; the
    desk merges later (invariant 14).
    """
    known_by = {"born": birth_date, "family": name_key(contact.family_name)}
    candidates = db.session.connection().execute(NAMESAKES, known_by)
    for patient_id, family_key, born, phone, email in candidates:
        if is_same_person(family_key, born, phone, email, contact, birth_date):
            return survivor(db.session.get_one(Patient, patient_id))
    return create(contact, birth_date, now, actor)


@transaction()
def create(contact: Contact, birth_date: date, now: datetime, actor: str) -> Patient:
    """Make a new patient's record."""
    patient = Patient(
        given_name=contact.given_name,
        family_name=contact.family_name,
        family_key=name_key(contact.family_name),
        birth_date=birth_date,
        phone=contact.phone,
        email=contact.email,
        language=contact.language,
        created_at=now,
    )
    write(patient)
    audit.record(actor, "create_patient", "patient", patient.id, now)
    return patient


@transaction()
def register(
    contact: Contact,
    birth_date: date,
    staff_id: int,
    now: datetime,
    *,
    may_text: bool,
    wording: str,
) -> Patient:
    """Make the record of someone who calls, with what they answered to "may we text you?"."""
    patient = create(contact, birth_date, now, f"staff:{staff_id}")
    if contact.phone:
        record_consent(patient, contact.phone, wording, now, granted=may_text, asked_by_id=staff_id)
    return patient


def who_may_be(contact: Contact, birth_date: date) -> list[Patient]:
    """Return the records that may be about this person: birth date + family name, phone or e-mail.

    For the desk to look at before it makes another; records merged into one are left out.
    """
    born = select(Patient).where(Patient.birth_date == birth_date, Patient.merged_into_id.is_(None))
    return [
        one
        for one in db.session.scalars(born.order_by(Patient.id))
        if may_be_same_person(
            one.family_key, one.birth_date, one.phone, one.email, contact, birth_date
        )
    ]


def survivor(patient: Patient) -> Patient:
    """Return the record that `patient` was merged into, or itself."""
    while patient.merged_into_id is not None:
        patient = db.session.get_one(Patient, patient.merged_into_id)
    return patient


def records_of(patient_ids: Collection[int]) -> dict[int, list[Patient]]:
    """Return, by the id asked for, all records of that person: the one that survives first."""
    ids = _ids_by_person(patient_ids)
    wanted = select(Patient).where(Patient.id.in_({key for keys in ids.values() for key in keys}))
    rows = {row.id: row for row in db.session.scalars(wanted)}
    return {patient_id: [rows[key] for key in keys] for patient_id, keys in ids.items()}


def record_ids(patient_id: int) -> list[int]:
    """Return the ids of all records of one person: the one that survives first."""
    return _ids_by_person([patient_id])[patient_id]


def _ids_by_person(patient_ids: Collection[int]) -> dict[int, list[int]]:
    merged = select(Patient.id, Patient.merged_into_id).where(Patient.merged_into_id.is_not(None))
    into = {row.id: row.merged_into_id for row in db.session.execute(merged)}
    survivors = {patient_id: _followed(into, patient_id) for patient_id in patient_ids}
    ids = {survivor_id: [survivor_id] for survivor_id in survivors.values()}
    for merged_id in into:
        if (survivor_id := _followed(into, merged_id)) in ids:
            ids[survivor_id].append(merged_id)
    return {patient_id: ids[survivor_id] for patient_id, survivor_id in survivors.items()}


def _followed(into: Mapping[int, int | None], patient_id: int) -> int:
    while (following := into.get(patient_id)) is not None:
        patient_id = following
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
    answer = {
        "patient_id": patient.id,
        "phone": phone,
        "granted": granted,
        "wording": wording,
        "given_at": now,
        "asked_by_id": asked_by_id,
    }
    write_last(Consent, answer)
    actor = f"staff:{asked_by_id}" if asked_by_id else "online"
    audit.record(actor, "record_consent", "patient", patient.id, now)


def may_text(patient_id: int, phone: str) -> bool:
    """Tell whether the patient's newest answer about this number allows texts."""
    newest = db.session.scalar(
        select(Consent)
        .where(Consent.patient_id == patient_id, Consent.phone == phone)
        .order_by(Consent.id.desc())
        .limit(1)
    )
    return newest is not None and newest.granted


@transaction()
def ask_for_call(
    name: str,
    phone: str,
    now: datetime,
    *,
    location_id: int | None = None,
    wanted_start: datetime | None = None,
    note: str = "",
) -> CallRequest:
    """Keep a person's wish to be called; the caller opens the task."""
    request = CallRequest(
        name=name[:LONGEST_NAME],
        phone=phone,
        location_id=location_id,
        wanted_start=wanted_start,
        note=note,
        created_at=now,
    )
    write(request)
    audit.record("online", "ask_for_call", "call_request", request.id, now)
    return request


def call_requests_of(name: str, phone: str) -> list[int]:
    """Return the ids of the calls that someone of this name asked for at this number."""
    asked = select(CallRequest.id, CallRequest.name).where(CallRequest.phone == phone)
    return [
        request_id
        for request_id, asked_name in db.session.execute(asked)
        if name_key(asked_name) == name_key(name)
    ]


def count_call_requests(location_id: int | None, since: datetime) -> int:
    """Return how many calls were asked for at a location (None: at none) since an instant."""
    asked = select(func.count()).where(
        CallRequest.location_id.is_not_distinct_from(location_id), CallRequest.created_at >= since
    )
    return db.session.scalar(asked) or 0
