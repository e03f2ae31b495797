"""Something a person must do: owner, deadline, and what it is about."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.tasks.rules import PRACTITIONER


class TaskKind(enum.StrEnum):
    """What has to be done."""

    CALL_BACK = "call_back"  # someone asked to be called
    CALL_FIRST = "call_first"  # an answer asks for a clinician's call before anything is booked
    CRISIS = "crisis"  # a text that may mean a life
    READ_TEXT = "read_text"  # a text that a program can't be sure of
    PLACE_SESSION = "place_session"  # a session without a time
    DECIDE_AFTER_MISS = (
        "decide_after_miss"  # no-show, cancellation, not treated: the practitioner decides
    )
    REVIEW_SERIES = "review_series"  # the template asks for a review
    MEND_CONTACT = "mend_contact"  # a number or address that can't be reached
    CHANGE_WANTED = "change_wanted"  # a patient answered that the time doesn't suit
    CHECK_RECORD = "check_record"  # what was typed differs from the record
    MOVE_APPOINTMENT = "move_appointment"  # it can't take place as booked: call the patient
    DECIDE_OUTAGE = "decide_outage"  # which plan gives those new times whom an outage hits
    DECIDE_SUSPENDED = "decide_suspended"  # coming sessions are suspended until this is decided
    REVIEW_REPORT = "review_report"  # a stranger's answers about a patient on file, unverified
    GAP_LIMIT = "gap_limit"  # soon the gap after a session is longer than its schedule allows
    GAP_EXCEEDED = "gap_exceeded"  # it is: go on, a phase once more, or the end
    DECIDE_PAUSED = "decide_paused"  # a series rests: how does it go on?
    DECIDE_SPACING = "decide_spacing"  # scores lead to another spacing, by a practitioner's rule
    CALENDAR_CONFLICT = "calendar_conflict"  # booked, and the practitioner's own calendar says busy
    CALENDAR_UNREAD = "calendar_unread"  # a practitioner's own calendar can't be read for a day
    ASK_TALK_THERAPY = "ask_talk_therapy"  # whether the patient has talk therapy alongside


# Somebody waits for a call
CALL_KINDS = frozenset(
    {
        TaskKind.CALL_BACK,
        TaskKind.CALL_FIRST,
        TaskKind.CHANGE_WANTED,
        TaskKind.MOVE_APPOINTMENT,
    }
)


class Owner(enum.StrEnum):
    """Who has to do it."""

    FRONT_DESK = "front_desk"
    PRACTITIONER = PRACTITIONER


OPEN = text("done_at IS NULL")


class Task(Model):
    """One thing to do about one subject (a kind and an id: tasks import nobody)."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_open_due", "due_at", postgresql_where=OPEN, sqlite_where=OPEN),
        Index(
            "uq_task_open_once",
            "kind",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=OPEN,
            sqlite_where=OPEN,
        ),
        Index("ix_task_subject", "subject_kind", "subject_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TaskKind] = mapped_column(enum_column(TaskKind))
    owner: Mapped[Owner] = mapped_column(enum_column(Owner))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    details: Mapped[dict[str, Any]] = mapped_column(JSON)  # references and codes, never names
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who took it
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    by_practitioner: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # as they were then
    note: Mapped[str] = mapped_column(Text, default="")
