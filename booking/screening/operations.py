"""Asking the safety questions, keeping what follows, and saying who may be treated."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, func, select

from booking.audit import operations as audit
from booking.db import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact, is_flagged_person, name_key
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
    Standing,
    judge,
)
from booking.statements import write, write_last

CALL_FIRST = select(Flag.given_key, Flag.family_key, Flag.birth_date, Flag.phone, Flag.email).where(
    Flag.birth_date == bindparam("born"),
    Flag.cleared_at.is_(None),
    Flag.kind == FlagKind.CALL_FIRST,
)


class VersionError(LookupError):
    """The answers are for a version of the questions that is no longer asked."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to one version of the questions, and the birth date asked with them."""

    version: int
    answers: Mapping[str, bool]
    birth_date: date


@dataclass(frozen=True, slots=True)
class Questions:
    """One version of the safety questions."""

    version: int
    asked: tuple[Question, ...]


def newest_questions() -> Questions:
    """Return the questions as they are asked now; none before a clinic file was loaded."""
    newest = db.session.scalar(
        select(Questionnaire).order_by(Questionnaire.version.desc()).limit(1)
    )
    if newest is None:
        return Questions(0, ())
    return Questions(newest.version, tuple(map(Question.from_data, newest.questions)))


def judge_answers(questions: Questions, given: Answers, day: date) -> Judgement:
    """Judge answers for a visit on local date `day`; `questions` as they are asked now.

    Raises `VersionError` when the questions have changed since, `AnswersError` when one is unanswered.
    """
    if given.version != questions.version:
        raise VersionError(given.version)
    return judge(questions.asked, given.answers, given.birth_date, day)


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
    write_last(ScreeningResponse, row, key="appointment_id")


def answers_under(appointment_id: int) -> ScreeningResponse | None:
    """Return the answers kept under an appointment."""
    return db.session.scalar(
        select(ScreeningResponse).where(ScreeningResponse.appointment_id == appointment_id)
    )


@transaction()
def forget_answers(appointment_id: int) -> None:
    """Delete the answers kept under a hold: they were another person's."""
    theirs = ScreeningResponse.appointment_id == appointment_id
    db.session.execute(delete(ScreeningResponse).where(theirs))


def must_be_called_first(contact: Contact, birth_date: date) -> bool:
    """Tell whether an open flag asks for a call before this person books, matched weakly.

    Answering again clears nothing (invariant 14).
    """
    flags = db.session.connection().execute(CALL_FIRST, {"born": birth_date})
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
        given_key=name_key(contact.given_name) if contact else None,
        family_key=name_key(contact.family_name) if contact else None,
        phone=contact.phone if contact else None,
        email=contact.email if contact else None,
        patient_id=patient_id,
        is_verified=is_verified,
        raised_at=now,
    )
    write(flag)
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
def keep_flags(patient_id: int) -> None:
    """Bind to a patient the open flags that stand against them, before a correction hides the likeness."""
    for flag in open_flags(patient_id):
        flag.patient_id = flag.patient_id or patient_id


@transaction()
def delete_nameless_flags(before: datetime) -> None:
    """Delete flags raised before an instant by someone who left no way to be known again."""
    nameless = Flag.family_key.is_(None) & Flag.phone.is_(None) & Flag.patient_id.is_(None)
    db.session.execute(delete(Flag).where(Flag.raised_at < before, nameless))


def open_flags(patient_id: int) -> list[Flag]:
    """Return one patient's uncleared flags; see `open_flags_among`."""
    return open_flags_among([db.session.get_one(Patient, patient_id)])[patient_id]


def open_flags_among(known: Sequence[Patient]) -> dict[int, list[Flag]]:
    """Return each patient's uncleared flags by patient id, oldest first.

    A call asked for online by someone who may be the patient, and had no record then, counts too.
    """
    theirs = Flag.patient_id.in_([patient.id for patient in known])
    asked_online = (Flag.kind == FlagKind.CALL_FIRST) & Flag.birth_date.in_(
        {patient.birth_date for patient in known}
    )
    uncleared = select(Flag).where(Flag.cleared_at.is_(None), theirs | asked_online)
    flags = db.session.scalars(uncleared.order_by(Flag.id)).all()
    return {
        patient.id: [flag for flag in flags if stands_against(patient, flag)] for patient in known
    }


def open_flags_without_record() -> list[Flag]:
    """Return uncleared flags of people who have no patient's record, oldest first."""
    nobodys = select(Flag).where(Flag.patient_id.is_(None), Flag.cleared_at.is_(None))
    return list(db.session.scalars(nobodys.order_by(Flag.id)))


def stands_against(patient: Patient, flag: Flag) -> bool:
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
    write(found)
    audit.record(f"staff:{staff_id}", "record_finding", "patient", patient.id, now)
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
    return standing_of(patient_id).on(day)


def standing_of(patient_id: int) -> Standing:
    """Return what decides whether a person may be given infusions; see `standings_of`."""
    return standings_of([patient_id])[patient_id]


def standings_of(patient_ids: Collection[int]) -> dict[int, Standing]:
    """Return, by id, what decides whether these people may be given infusions; all records of each count.

    What was open when the practitioner decided, they have seen; a call asked for still stands. What
    somebody said online stops nothing until a practitioner accepts it.
    """
    persons = patients.records_of(patient_ids)
    records = {record.id: record for person in persons.values() for record in person}
    flags, findings = open_flags_among(list(records.values())), _newest_findings(records)
    return {
        patient_id: _standing(
            person,
            {flag.id: flag for record in person for flag in flags[record.id]}.values(),
            [findings[record.id] for record in person if record.id in findings],
        )
        for patient_id, person in persons.items()
    }


def _newest_findings(patient_ids: Collection[int]) -> dict[int, Suitability]:
    """Return the newest finding of each record, by its id."""
    newest = select(func.max(Suitability.id)).where(Suitability.patient_id.in_(patient_ids))
    rows = select(Suitability).where(Suitability.id.in_(newest.group_by(Suitability.patient_id)))
    return {row.patient_id: row for row in db.session.scalars(rows)}


def _standing(
    person: Sequence[Patient], flags: Collection[Flag], findings: Sequence[Suitability]
) -> Standing:
    newest = max(findings, key=lambda row: row.id, default=None)
    if newest is None:
        return Standing(person[0].birth_date, None, None, 0)
    stopping = [
        flag
        for flag in flags
        if flag.is_verified
        and (flag.raised_at > newest.found_at or flag.kind is FlagKind.CALL_FIRST)
    ]
    return Standing(person[0].birth_date, newest.finding, newest.valid_until, len(stopping))
