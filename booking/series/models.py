"""Schedule templates, the series prescribed from them, and their sessions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.series.progress import (
    GOING_ON,
    DecisionKind,
    PauseDecision,
    SeriesStatus,
    SessionState,
)


class ScheduleTemplate(Model):
    """An immutable version of a template; `phases` as `rules.Phase` data. The newest is offered."""

    __tablename__ = "schedule_template"
    __table_args__ = (UniqueConstraint("slug", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    approved_by: Mapped[str] = mapped_column(String(120))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)  # templates.Template.to_dict
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TemplateSignature(Model):
    """A practitioner's signature of one version made at the desk; never changed, never taken away.

    `digest` is of what was signed: the version's data, the statement, and who signed when.
    """

    __tablename__ = "template_signature"

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("schedule_template.id"), unique=True)
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    signer_name: Mapped[str] = mapped_column(String(120))  # as it was then
    statement: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)  # why there is this version
    digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TemplateDraft(Model):
    """What may become the next version of a template, or the first of a new one; one at a time."""

    __tablename__ = "template_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    base_version: Mapped[int]  # the newest when it was begun; 0 of a new template
    data: Mapped[dict[str, Any]] = mapped_column(JSON)  # as a version's, not yet approved
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TemplateRetirement(Model):
    """One time that a template was offered no more, and until when; the reason is kept."""

    __tablename__ = "template_retirement"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), index=True)
    reason: Mapped[str] = mapped_column(Text)
    retired_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    retired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reinstated_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reinstated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


GOES_ON = text(f"status IN ({', '.join(repr(status.value) for status in GOING_ON)})")


class InfusionSeries(Model):
    """One patient's own copy of a template, prescribed by a practitioner."""

    __tablename__ = "infusion_series"
    __table_args__ = (
        Index("ix_infusion_series_status_look", "status", "next_look_at"),
        Index(
            "uq_infusion_series_one_at_a_time",
            "patient_id",
            unique=True,
            postgresql_where=GOES_ON,
            sqlite_where=GOES_ON,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("schedule_template.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    status: Mapped[SeriesStatus] = mapped_column(enum_column(SeriesStatus))
    phases: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # personalised
    preferences: Mapped[dict[str, Any]] = mapped_column(JSON)  # rules.Preferences, as data
    first_day: Mapped[date]  # local; no session before it
    last_day: Mapped[date | None]  # local; no session after it, where an end was set by day
    prescribed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    prescribed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    # When it is next booked further ahead
    next_look_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SeriesRevision(Model):
    """One change of a series' phases after it was prescribed: what they were and became; who, when, why."""

    __tablename__ = "series_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"), index=True)
    first_number: Mapped[int]  # of the first session that the new phases count for
    first_day: Mapped[date | None]  # local, where a day was chosen from which they count
    phases_before: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    phases_after: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    revised_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    revised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)


class PatientAbsence(Model):
    """Local days, both included, on which a patient can't come to any infusion; told to the clinic."""

    __tablename__ = "patient_absence"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


UNDECIDED = text("decided_at IS NULL")


class SeriesPause(Model):
    """One time in which a series rests, by a practitioner's order: both days included, no end until decided.

    How it goes on is decided with it where nothing breaks by it, else later, once. It stays on record.
    """

    __tablename__ = "series_pause"
    __table_args__ = (
        Index(
            "uq_series_pause_undecided",
            "series_id",
            unique=True,
            postgresql_where=UNDECIDED,
            sqlite_where=UNDECIDED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"), index=True)
    first_day: Mapped[date]  # local, as is the last; past it treatment goes on
    last_day: Mapped[date | None]
    paused_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    paused_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    decision: Mapped[PauseDecision | None] = mapped_column(enum_column(PauseDecision))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_reason: Mapped[str] = mapped_column(Text, default="")


class SeriesDecision(Model):
    """What was decided about a series, by whom, when and why; `details` are the counts that it came to."""

    __tablename__ = "series_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"), index=True)
    kind: Mapped[DecisionKind] = mapped_column(enum_column(DecisionKind))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class PlannerRates(Model):
    """What the clinic lets the planner weigh, as its file says; without an active row, as shipped."""

    __tablename__ = "planner_rates"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    rates: Mapped[dict[str, int]] = mapped_column(JSON)  # planning.costs.PlanRates, as data
    active: Mapped[bool] = mapped_column(default=True)


class SeriesAuthorisation(Model):
    """So many sessions of a series that a payer authorised, on local dates from first to last."""

    __tablename__ = "series_authorisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"), index=True)
    reference: Mapped[str] = mapped_column(String(60))  # the payer's number
    sessions: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # no longer counts


class Session(Model):
    """One place in a series. Its time lives in its appointment; without one it is yet to be placed."""

    __tablename__ = "session"
    __table_args__ = (
        UniqueConstraint("series_id", "number"),
        Index("ix_session_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("infusion_series.id"))
    number: Mapped[int]  # 1, 2, 3 … within the series
    phase: Mapped[int]  # index into the series' phases
    state: Mapped[SessionState] = mapped_column(enum_column(SessionState))
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"), unique=True)
    # The usual slot that it could not have when it was booked, and why: `usual_slots.MissedSlot`, as data
    missed_slot: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # Days since the session before it, against its phase's gap: a practitioner let them stand
    allowed_gap: Mapped[int | None]


class ReplacedAppointment(Model):
    """The cancelled appointment of a session that has another by now: the patient is told of both at once."""

    __tablename__ = "replaced_appointment"

    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    session_id: Mapped[int] = mapped_column(
        ForeignKey("session.id", ondelete="CASCADE"), index=True
    )
