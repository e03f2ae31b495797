"""What follows from an outage: plans, whom it hits, what each was asked, and what they said."""

from datetime import date, datetime
from typing import Any, NotRequired, TypedDict

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.outages.planning.problem import PlanMethod
from booking.outages.rules import (
    AnswerStatus,
    CallOutcome,
    CaseStatus,
    NoTimeReason,
    PlanScope,
)


class OutageCase(Model):
    """One outage with all that is done about the appointments it hits."""

    __tablename__ = "outage_case"
    __table_args__ = (Index("ix_outage_case_status", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outage_id: Mapped[int] = mapped_column(ForeignKey("outage.id"), unique=True)
    reason: Mapped[str] = mapped_column(Text)  # as the desk wrote it, for staff alone
    status: Mapped[CaseStatus] = mapped_column(enum_column(CaseStatus))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # While a scheduler plans it: when another may try, should that one have died
    plan_again_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PlannedMove(TypedDict):
    """What a plan has for one appointment, as JSON: a time and place, or why none.

    `sequence` is the appointment's when it was planned; `stays` of one that keeps its own time; not `hit` is
    one that could take place, and moves so that others of its series can.
    """

    appointment: int
    sequence: int
    location: NotRequired[int]
    starts_at: NotRequired[str]
    stays: NotRequired[bool]
    hit: NotRequired[bool]  # left out: it is
    reason: NotRequired[str]  # NoTimeReason


class OutagePlan(Model):
    """One way to give everybody a new time. No plan leaves fewer than `least_unplaced` without one."""

    __tablename__ = "outage_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(
        ForeignKey("outage_case.id", ondelete="CASCADE"), index=True
    )
    scope: Mapped[PlanScope] = mapped_column(enum_column(PlanScope))
    method: Mapped[PlanMethod] = mapped_column(enum_column(PlanMethod, name="method"))
    moves: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # PlannedMove, by time
    unplaced: Mapped[int]
    least_unplaced: Mapped[int]
    one_by_one_unplaced: Mapped[int]  # how many are left without a time when planned in turn
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    chosen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AffectedPatient(Model):
    """Somebody whose appointments lose their times: asked once, by a link of their own.

    The new times are held until `held_until`; who hasn't answered by `answer_by` is called.
    """

    __tablename__ = "affected_patient"
    __table_args__ = (
        UniqueConstraint("case_id", "patient_id", name="uq_affected_patient_once"),
        Index("ix_affected_patient_status", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("outage_case.id", ondelete="CASCADE"))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    token: Mapped[str] = mapped_column(String(43), unique=True)  # the proof, in the link
    status: Mapped[AnswerStatus] = mapped_column(enum_column(AnswerStatus))
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    call_outcome: Mapped[CallOutcome | None] = mapped_column(enum_column(CallOutcome))


class AffectedAppointment(Model):
    """One appointment that loses its time, and the new one for it, if there is one: held while `hold_id` is.

    `sequence` is the appointment's while nobody has moved it since. Not `is_hit` is one that could take
    place: it moves so that others of its series can, and has its own time again once that came to nothing.
    """

    __tablename__ = "affected_appointment"
    __table_args__ = (
        UniqueConstraint(
            "affected_patient_id", "appointment_id", name="uq_affected_appointment_once"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    affected_patient_id: Mapped[int] = mapped_column(
        ForeignKey("affected_patient.id", ondelete="CASCADE")
    )
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), index=True
    )
    sequence: Mapped[int]
    is_hit: Mapped[bool] = mapped_column(default=True, server_default=true())
    restored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # its own time given back
    old_location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    old_starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    local_date: Mapped[date | None]
    hold_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id", ondelete="SET NULL"), index=True
    )
    no_time_reason: Mapped[NoTimeReason | None] = mapped_column(enum_column(NoTimeReason))
