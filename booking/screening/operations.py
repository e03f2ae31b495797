"""Asking the safety questions, keeping what follows, and saying who may be treated."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.statements import put
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.screening.flags import open_flags_by_patient
from booking.screening.models import (
    Flag,
    FlagKind,
    Questionnaire,
    ScreeningResponse,
    Suitability,
)
from booking.screening.rules import (
    Clearance,
    ClearanceBasis,
    Finding,
    ScreeningOutcome,
    ScreeningQuestion,
    ScreeningResult,
    evaluate_screening,
)


class OutdatedQuestions(LookupError):
    """The answers are for a version of the questions that is no longer asked."""


@dataclass(frozen=True, slots=True)
class ScreeningAnswers:
    """Answers to one version of the questions, the birth date asked with them, and the language."""

    version: int
    answers: Mapping[str, bool]
    birth_date: date
    language: str = "en"


@dataclass(frozen=True, slots=True)
class ScreeningQuestions:
    """One version of the safety questions."""

    version: int
    questions: tuple[ScreeningQuestion, ...]


def current_questions() -> ScreeningQuestions:
    """Return the questions as they are asked now; none before a clinic file was loaded."""
    newest = db.session.scalar(
        select(Questionnaire).order_by(Questionnaire.version.desc()).limit(1)
    )
    if newest is None:
        return ScreeningQuestions(0, ())
    return ScreeningQuestions(
        newest.version, tuple(map(ScreeningQuestion.from_dict, newest.questions))
    )


def evaluate_answers(
    questions: ScreeningQuestions, answers: ScreeningAnswers, day: date
) -> ScreeningResult:
    """Judge answers for an appointment on local date `day`; `questions` as they are asked now.

    Raises `OutdatedQuestions` when the questions have changed since, `IncompleteAnswers` when one is missing.
    """
    if answers.version != questions.version:
        raise OutdatedQuestions(answers.version)
    return evaluate_screening(questions.questions, answers.answers, answers.birth_date, day)


@transaction()
def save_answers(
    appointment_id: int,
    answers: ScreeningAnswers,
    outcome: ScreeningOutcome,
    now: datetime,
    *,
    patient_id: int | None = None,
    asked_by_id: int | None = None,
    history_key: str | None = None,
) -> None:
    """Keep the answers under the appointment, in place of earlier ones.

    Without a `history_key`, that of the earlier ones stays.
    """
    row: dict[str, object] = {
        "appointment_id": appointment_id,
        "patient_id": patient_id,
        "version": answers.version,
        "language": answers.language,
        "birth_date": answers.birth_date,
        "answers": dict(answers.answers),
        "outcome": outcome,
        "asked_by_id": asked_by_id,
        "answered_at": now,
    }
    if history_key is not None:
        row["history_key"] = history_key
    put(ScreeningResponse, row, key="appointment_id")


def find_answers(appointment_id: int) -> ScreeningResponse | None:
    """Return the answers kept under an appointment; None before the first."""
    return db.session.scalar(
        select(ScreeningResponse).where(ScreeningResponse.appointment_id == appointment_id)
    )


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
    suitability = Suitability(
        patient_id=patient.id,
        finding=finding,
        found_by_id=staff_id,
        found_at=now,
        valid_until=valid_until,
        note=note,
    )
    db.session.add(suitability)
    audit.record(staff_actor(staff_id), "record_finding", "patient", patient.id, now)
    return suitability


def newest_finding(patient_id: int) -> Suitability | None:
    """Return the finding that counts."""
    return db.session.scalar(
        select(Suitability)
        .where(Suitability.patient_id == patient_id)
        .order_by(Suitability.id.desc())
        .limit(1)
    )


def get_clearance(patient_id: int, day: date) -> Clearance:
    """Return whether this patient may be given an infusion on local date `day` (invariant 7)."""
    return get_standing(patient_id).clearance_on(day)


def get_standing(patient_id: int) -> ClearanceBasis:
    """Return what decides whether a person may be given infusions; see `standings_by_patient`."""
    return standings_by_patient([patient_id])[patient_id]


def standings_by_patient(patient_ids: Collection[int]) -> dict[int, ClearanceBasis]:
    """Return, by id, what decides whether these people may be given infusions; all records of each count.

    What was open when the practitioner decided, they have seen; a call asked for still stands. What
    somebody said online stops nothing until a practitioner accepts it.
    """
    persons = patients.list_records_by_patient(patient_ids)
    records = {record.id: record for person in persons.values() for record in person}
    flags, findings = open_flags_by_patient(list(records.values())), _newest_findings(records)
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
) -> ClearanceBasis:
    newest = max(findings, key=lambda row: row.id, default=None)
    stopping = [
        flag
        for flag in flags
        if flag.is_verified
        and (
            flag.kind is FlagKind.CALL_FIRST
            or (newest is not None and flag.raised_at > newest.found_at)
        )
    ]
    birth_date = person[0].birth_date
    if newest is None:
        return ClearanceBasis(birth_date, None, None, len(stopping))
    return ClearanceBasis(birth_date, newest.finding, newest.valid_until, len(stopping))
