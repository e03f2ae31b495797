"""Flags: what somebody answered that a person must look at, and whom it stops."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.patients.rules import Contact, is_flagged_person, normalize_name
from booking.screening.models import (
    Flag,
    FlagKind,
)

OPEN_CALL_FIRST_FLAGS = select(
    Flag.given_key, Flag.family_key, Flag.birth_date, Flag.phone, Flag.email
).where(
    Flag.birth_date == bindparam("born"),
    Flag.cleared_at.is_(None),
    Flag.kind == FlagKind.CALL_FIRST,
)


def requires_call_first(contact: Contact, birth_date: date) -> bool:
    """Tell whether an open flag asks for a call before this person books, matched weakly.

    Answering again clears nothing (invariant 14).
    """
    flags = db.session.connection().execute(OPEN_CALL_FIRST_FLAGS, {"born": birth_date})
    return any(is_flagged_person(*known_by, contact, birth_date) for known_by in flags)


@transaction()
def raise_flag(
    kind: FlagKind,
    yes: tuple[str, ...],
    birth_date: date,
    now: datetime,
    actor: str,
    *,
    contact: Contact | None = None,
    patient_id: int | None = None,
    is_verified: bool = True,
) -> Flag:
    """Keep that someone must look at these answers, with what is known of who gave them.

    `is_verified`: a member of staff heard it; online anybody may have typed it.
    """
    flag = Flag(
        kind=kind,
        questions=list(yes),
        birth_date=birth_date,
        given_key=normalize_name(contact.given_name) if contact else None,
        family_key=normalize_name(contact.family_name) if contact else None,
        phone=contact.phone if contact else None,
        email=contact.email if contact else None,
        patient_id=patient_id,
        is_verified=is_verified,
        raised_at=now,
    )
    db.session.add(flag)
    db.session.flush()
    audit.record(actor, "raise_flag", "flag", flag.id, now, kind=kind.value)
    return flag


def is_open_flag_for(flag_id: int | None, birth_date: date) -> bool:
    """Tell whether that very flag is uncleared and was raised for someone born on `birth_date`."""
    flag = db.session.get(Flag, flag_id) if flag_id is not None else None
    return flag is not None and flag.cleared_at is None and flag.birth_date == birth_date


@transaction()
def add_phone_to_flag(flag_id: int, phone: str) -> None:
    """Add to a flag the number by which the person it stopped is known again; once only."""
    flag = db.session.get(Flag, flag_id, with_for_update=True)
    if flag is not None and flag.phone is None:
        flag.phone = phone


@transaction()
def attach_matching_flags(patient_id: int) -> None:
    """Bind to a patient the open flags that stand against them, before a correction hides the likeness."""
    for flag in list_open_flags(patient_id):
        flag.patient_id = flag.patient_id or patient_id


@transaction()
def delete_anonymous_flags(cutoff: datetime) -> None:
    """Delete flags raised before an instant by someone who left no way to be known again."""
    nameless = Flag.family_key.is_(None) & Flag.phone.is_(None) & Flag.patient_id.is_(None)
    db.session.execute(delete(Flag).where(Flag.raised_at < cutoff, nameless))


def list_open_flags(patient_id: int) -> list[Flag]:
    """Return one patient's uncleared flags; see `open_flags_by_patient`."""
    return open_flags_by_patient([db.session.get_one(Patient, patient_id)])[patient_id]


def list_call_first_flags(patient_id: int) -> list[Flag]:
    """Return one patient's uncleared flags that ask for a clinician's call before a booking."""
    return [flag for flag in list_open_flags(patient_id) if flag.kind is FlagKind.CALL_FIRST]


def open_flags_by_patient(patients: Sequence[Patient]) -> dict[int, list[Flag]]:
    """Return each patient's uncleared flags by patient id, oldest first.

    A call asked for online by someone who may be the patient, and had no record then, counts too.
    """
    of_patient = Flag.patient_id.in_([patient.id for patient in patients])
    asked_online = (Flag.kind == FlagKind.CALL_FIRST) & Flag.birth_date.in_(
        {patient.birth_date for patient in patients}
    )
    uncleared = select(Flag).where(Flag.cleared_at.is_(None), of_patient | asked_online)
    flags = db.session.scalars(uncleared.order_by(Flag.id)).all()
    return {
        patient.id: [flag for flag in flags if applies_to_patient(patient, flag)]
        for patient in patients
    }


def list_unmatched_flags() -> list[Flag]:
    """Return uncleared flags of people who have no patient's record, oldest first."""
    nobodys = select(Flag).where(Flag.patient_id.is_(None), Flag.cleared_at.is_(None))
    return list(db.session.scalars(nobodys.order_by(Flag.id)))


def applies_to_patient(patient: Patient, flag: Flag) -> bool:
    """Tell whether a flag is a patient's, or asks for a call and may be about them."""
    known_by = (flag.given_key, flag.family_key, flag.birth_date, flag.phone, flag.email)
    return flag.patient_id == patient.id or (
        flag.kind is FlagKind.CALL_FIRST
        and is_flagged_person(*known_by, patient.contact, patient.birth_date)
    )


@transaction()
def clear_flag(flag_id: int, staff_id: int, now: datetime) -> None:
    """A practitioner has looked into a flag, and it stands in the way no longer."""
    flag = db.session.get_one(Flag, flag_id, with_for_update=True)
    if flag.cleared_at is None:
        flag.cleared_at, flag.cleared_by_id = now, staff_id
        audit.record(staff_actor(staff_id), "clear_flag", "flag", flag.id, now)
