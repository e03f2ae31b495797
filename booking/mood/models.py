"""When forms are asked for between the appointments of a series, and each form with its answers."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime
from booking.extensions import Model

IS_ON = text("ended_at IS NULL")


class MoodSchedule(Model):
    """A practitioner's order to ask for the form at a rhythm: one row for each time it was switched on."""

    __tablename__ = "mood_schedule"
    __table_args__ = (
        Index(
            "uq_mood_schedule_on",
            "series_id",
            unique=True,
            postgresql_where=IS_ON,
            sqlite_where=IS_ON,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"), index=True)
    every_days: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class MoodForm(Model):
    """One form, asked for by a link of its own, and what was answered: once, or never."""

    __tablename__ = "mood_form"
    __table_args__ = (UniqueConstraint("schedule_id", "due_on", name="uq_mood_form_due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("mood_schedule.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"), index=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)  # the proof, in the link
    due_on: Mapped[date]  # local
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answers: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))  # item 1 first
    score: Mapped[int | None]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
