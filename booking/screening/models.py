"""The safety questions, the answers given, the flags they raised, and practitioners' findings."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.patients.rules import MAX_PHONE_LENGTH
from booking.screening.rules import Finding, ScreeningOutcome


class Questionnaire(Model):
    """An immutable version of the screening table; `questions` as `rules.ScreeningQuestion.to_dict`."""

    __tablename__ = "questionnaire"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[str] = mapped_column(String(120))
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScreeningResponse(Model):
    """Answers to one version of the questions, kept under the hold they were given for.

    Those of an abandoned hold are deleted within 24 hours, with the hold.
    """

    __tablename__ = "screening_response"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), unique=True
    )
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"), index=True)
    version: Mapped[int] = mapped_column(ForeignKey("questionnaire.version"))
    language: Mapped[str] = mapped_column(String(5), server_default="en")  # they were asked in
    birth_date: Mapped[date]
    answers: Mapped[dict[str, bool]] = mapped_column(JSON)
    outcome: Mapped[ScreeningOutcome] = mapped_column(enum_column(ScreeningOutcome))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Of the submissions that led to these answers; none at the desk, or through the API.
    history_key: Mapped[str | None] = mapped_column(String(43), index=True)


class ScreeningSubmission(Model):
    """Answers as they were sent once, whatever they led to; never updated (a trigger).

    Those of minors are not kept; those that led to no booking are deleted within 24 hours, see `history`.
    """

    __tablename__ = "screening_submission"

    id: Mapped[int] = mapped_column(primary_key=True)
    history_key: Mapped[str] = mapped_column(String(43), index=True)  # random, of one browser
    version: Mapped[int] = mapped_column(ForeignKey("questionnaire.version"))
    birth_date: Mapped[date]
    answers: Mapped[dict[str, bool]] = mapped_column(JSON)
    outcome: Mapped[ScreeningOutcome] = mapped_column(enum_column(ScreeningOutcome))
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def content(self) -> tuple[int, date, dict[str, bool], ScreeningOutcome]:
        """What was sent, and where it led."""
        return self.version, self.birth_date, self.answers, self.outcome


class FlagKind(enum.StrEnum):
    """What an uncleared flag does: be seen at the appointment, or stop booking until a clinician calls."""

    SEEN_AT_APPOINTMENT = "seen_at_visit"
    CALL_FIRST = "call_first"


class Flag(Model):
    """A yes that someone must look at; answering again clears nothing (DESIGN invariant 14).

    It carries who gave it, because a person stopped by it has no patient record yet. One that was
    given online is unverified: anybody may have typed it, so it stops online bookings and nothing else until
    a practitioner accepts it.
    """

    __tablename__ = "flag"
    __table_args__ = (Index("ix_flag_birth_date", "birth_date", "cleared_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[FlagKind] = mapped_column(enum_column(FlagKind))
    questions: Mapped[list[str]] = mapped_column(JSON)  # slugs answered yes
    birth_date: Mapped[date]
    given_key: Mapped[str | None] = mapped_column(String(80))
    family_key: Mapped[str | None] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(String(MAX_PHONE_LENGTH))
    email: Mapped[str | None] = mapped_column(String(254))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"), index=True)
    is_verified: Mapped[bool]
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class Suitability(Model):
    """A practitioner's dated finding after the consultation; the newest counts."""

    __tablename__ = "suitability"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    finding: Mapped[Finding] = mapped_column(enum_column(Finding))
    found_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[date | None]  # a clearance expires
    note: Mapped[str] = mapped_column(Text, default="")
