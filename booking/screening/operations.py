"""Asking the safety questions, keeping what follows, and saying who may be treated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, or_, select

from booking.audit import operations as audit
from booking.db import put, transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.patients.rules import Contact, name_key
from booking.screening.models import (
    Flag,
    FlagKind,
    Questionnaire,
    ScreeningResponse,
    Suitability,
)
from booking.screening.rules import (
    Clearance,
    Finding,
    Judgement,
    Question,
    ScreeningOutcome,
    clearance,
    judge,
)

NEWEST = (
    select(Questionnaire.version, Questionnaire.questions)
    .order_by(Questionnaire.version.desc())
    .limit(1)
)

CALL_FIRST = (  # a phone or e-mail that isn't given equals none
    select(Flag)
    .where(
        Flag.birth_date == bindparam("born"),
        Flag.cleared_at.is_(None),
        Flag.kind == FlagKind.CALL_FIRST,
        or_(
            Flag.family_key == bindparam("family"),
            Flag.phone == bindparam("phone"),
            Flag.email == bindparam("email"),
        ),
    )
    .limit(1)
)


class VersionError(LookupError):
    """The answers are for a version of the questions that is no longer asked."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to one version of the questions, and the birth date asked with them."""

    version: int
    answers: Mapping[str, bool]
    birth_date: date


def questions() -> tuple[int, tuple[Question, ...]]:
    """Return the newest version and its questions."""
    version, asked = db.session.execute(NEWEST).one()
    return version, tuple(Question.from_data(data) for data in asked)


def judge_answers(given: Answers, day: date) -> Judgement:
    """Judge answers for a visit on local date `day`.

    Raises `VersionError` when the questions have changed since, `AnswersError` when one is unanswered.
    """
    version, asked = questions()
    if given.version != version:
        raise VersionError(given.version)
    return judge(asked, given.answers, given.birth_date, day)


@transaction()
def keep_answers(
    appointment_id: int,
    given: Answers,
    outcome: ScreeningOutcome,
    now: datetime,
    *,
    patient_id: int | None = None,
    asked_by_id: int | None = None,
) -> None:
    """Keep the answers under the appointment, in place of earlier ones."""
    row = {
        "appointment_id": appointment_id,
        "patient_id": patient_id,
        "version": given.version,
        "birth_date": given.birth_date,
        "answers": dict(given.answers),
        "outcome": outcome,
        "asked_by_id": asked_by_id,
        "answered_at": now,
    }
    put(ScreeningResponse, row, key="appointment_id")


def answers_under(appointment_id: int) -> ScreeningResponse | None:
    """Return the answers kept under an appointment."""
    return db.session.scalar(
        select(ScreeningResponse).where(ScreeningResponse.appointment_id == appointment_id)
    )


def call_first_flag(contact: Contact, birth_date: date) -> Flag | None:
    """Return an open flag that asks for a call before this person books, matched weakly.

    Birth date with family name, phone or e-mail: answering again clears nothing (invariant 14).
    """
    known_by = {"family": name_key(contact.family_name), "phone": contact.phone}
    return db.session.scalar(CALL_FIRST, {**known_by, "email": contact.email, "born": birth_date})


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
) -> Flag:
    """Keep that someone must look at these answers, with what is known of who gave them."""
    flag = Flag(
        kind=kind,
        questions=list(yes),
        birth_date=birth_date,
        family_key=name_key(contact.family_name) if contact else None,
        phone=contact.phone if contact else None,
        email=contact.email if contact else None,
        patient_id=patient_id,
        raised_at=now,
    )
    db.session.add(flag)
    db.session.flush()
    audit.record(actor, "raise_flag", "flag", flag.id, now, kind=kind.value)
    return flag


def is_open_for(flag_id: int | None, birth_date: date) -> bool:
    """Tell whether that very flag is uncleared and was raised for someone born on `birth_date`."""
    flag = db.session.get(Flag, flag_id) if flag_id is not None else None
    return flag is not None and flag.cleared_at is None and flag.birth_date == birth_date


@transaction()
def name_flag(flag_id: int, phone: str) -> None:
    """Add to a flag the number by which the person it stopped is known again; once only."""
    flag = db.session.get(Flag, flag_id, with_for_update=True)
    if flag is not None and flag.phone is None:
        flag.phone = phone


@transaction()
def delete_nameless_flags(before: datetime) -> None:
    """Delete flags raised before an instant by someone who left no way to be known again."""
    nameless = Flag.family_key.is_(None) & Flag.phone.is_(None) & Flag.patient_id.is_(None)
    db.session.execute(delete(Flag).where(Flag.raised_at < before, nameless))


def open_flags(patient_id: int) -> list[Flag]:
    """Return a patient's uncleared flags, oldest first."""
    return list(
        db.session.scalars(
            select(Flag)
            .where(Flag.patient_id == patient_id, Flag.cleared_at.is_(None))
            .order_by(Flag.id)
        )
    )


@transaction()
def clear_flag(flag_id: int, staff_id: int, now: datetime) -> None:
    """A practitioner has looked into a flag, and it stands in the way no longer."""
    flag = db.session.get_one(Flag, flag_id, with_for_update=True)
    if flag.cleared_at is None:
        flag.cleared_at, flag.cleared_by_id = now, staff_id
        audit.record(f"staff:{staff_id}", "clear_flag", "flag", flag.id, now)


@transaction()
def record_finding(
    patient: Patient,
    finding: Finding,
    staff_id: int,
    now: datetime,
    *,
    valid_until: date | None = None,
    note: str = "",
) -> Suitability:
    """Keep a practitioner's dated finding; earlier ones stay, the newest counts."""
    found = Suitability(
        patient_id=patient.id,
        finding=finding,
        found_by_id=staff_id,
        found_at=now,
        valid_until=valid_until,
        note=note,
    )
    db.session.add(found)
    db.session.flush()
    audit.record(
        f"staff:{staff_id}",
        "record_finding",
        "patient",
        patient.id,
        now,
        finding=finding.value,
    )
    return found


def newest_finding(patient_id: int) -> Suitability | None:
    """Return the finding that counts."""
    return db.session.scalar(
        select(Suitability)
        .where(Suitability.patient_id == patient_id)
        .order_by(Suitability.id.desc())
        .limit(1)
    )


def clearance_of(patient_id: int, day: date) -> Clearance:
    """Return whether this patient may be given an infusion on local date `day` (invariant 7)."""
    found = newest_finding(patient_id)
    query = select(func.count()).where(Flag.patient_id == patient_id, Flag.cleared_at.is_(None))
    if found is not None:
        # What was open when the practitioner decided, they have seen; a call asked for still stands.
        query = query.where(or_(Flag.raised_at > found.found_at, Flag.kind == FlagKind.CALL_FIRST))
    stopping = db.session.scalar(query) or 0
    # So does a call asked for online by someone who may be this patient, and had no record then.
    who = db.session.get_one(Patient, patient_id)
    contact = Contact(who.given_name, who.family_name, who.phone, who.email)
    stopping += call_first_flag(contact, who.birth_date) is not None
    return clearance(
        found.finding if found else None,
        found.valid_until if found else None,
        stopping,
        day,
    )
