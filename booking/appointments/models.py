"""One appointment of one patient, what was typed before it was booked, and where its messages go."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.appointments.rules import (
    DAY_TAKING_OUTCOMES,
    OCCUPYING_STATES,
    Action,
    Origin,
    Outcome,
    Status,
)
from booking.db.constraints import no_overlap
from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model
from booking.patients.rules import MAX_PHONE_LENGTH, Contact


def _among(states: Sequence[StrEnum]) -> str:
    return f"IN ({', '.join(repr(state.value) for state in states)})"


APPOINTMENTS_NEVER_OVERLAP = no_overlap(
    "appointment",
    "patient_id",
    condition=f"patient_id IS NOT NULL AND status {_among(OCCUPYING_STATES)}",
)
# An appointment that came to no treatment leaves the day free for another try (invariant 2).
ONE_INFUSION_A_DAY = text(
    f"is_infusion AND (status {_among(OCCUPYING_STATES)} OR outcome {_among(DAY_TAKING_OUTCOMES)})"
)


class Appointment(Model):
    """One appointment of one patient; while `pending`, a hold: no patient yet, and an expiry."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("(status = 'pending') = (expires_at IS NOT NULL)", name="holds_expire"),
        CheckConstraint("status = 'pending' OR patient_id IS NOT NULL", name="booked_for_someone"),
        Index("ix_appointment_location_start", "location_id", "starts_at"),
        Index("ix_appointment_start", "starts_at"),
        Index("ix_appointment_patient_ends", "patient_id", "ends_at"),
        Index(
            "uq_appointment_one_infusion_a_day",
            "patient_id",
            "local_date",
            unique=True,
            postgresql_where=ONE_INFUSION_A_DAY,
            sqlite_where=ONE_INFUSION_A_DAY,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)  # can be read aloud
    # 128 random bits: the holder's proof
    token: Mapped[str] = mapped_column(String(43), unique=True)
    uid: Mapped[str] = mapped_column(String(80), unique=True)  # RFC 5545 UID, for life
    sequence: Mapped[int] = mapped_column(default=0)  # RFC 5545 SEQUENCE: moves and cancellation
    clocks_sequence: Mapped[int | None]  # the SEQUENCE that rose although the local time stayed
    untold_sequence: Mapped[int | None]  # the SEQUENCE that the desk chose to tell nobody of
    status: Mapped[Status] = mapped_column(enum_column(Status))
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    local_date: Mapped[date]
    time_zone: Mapped[str] = mapped_column(String(60))  # in which its local time was promised
    # Minutes by which `starts_at` was computed from the local time promised; see `local_times`.
    utc_offset: Mapped[int | None]
    needs: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON
    )  # calendars.rules.ResourceNeed, as booked
    # Rules of the calendar that somebody let it be booked against (calendars.overrides.CalendarRule)
    exempt_rules: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    # Minutes beyond those of its service, or prescribed: the desk lets it take longer
    extra_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    is_infusion: Mapped[bool]
    # The practitioner whom the patient chose, where they chose one: a hold claims nobody else.
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    # While it is a hold: the address it was made from, keyed; many from one are refused.
    held_from: Mapped[str | None] = mapped_column(String(32), index=True)
    origin: Mapped[Origin] = mapped_column(enum_column(Origin))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    booked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # last moved
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # answered 1 to a reminder
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Fulfilled, cancelled or no-show
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome))
    note: Mapped[str] = mapped_column(Text, default="")
    # An infusion whose patient isn't cleared for its day: the time is kept, reminders stop.
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Counts up on every change of the row; readers that pull changes compare it.
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration

    @property
    def is_unannounced(self) -> bool:
        """Tell whether the desk chose to tell the patient nothing of it as it stands."""
        return self.untold_sequence == self.sequence

    @property
    def last_modified(self) -> datetime:
        """When it was last booked, moved, cancelled or kept (RFC 5545, 3.8.7.3)."""
        changes = (self.created_at, self.booked_at, self.revised_at, self.ended_at)
        return max(change for change in changes if change is not None)


class DraftDetails(TypedDict):
    """What a `BookingDraft` keeps, as JSON."""

    contact: dict[str, str | None]  # patients.rules.Contact, as data
    sms_consent: bool
    wording: str  # under which consent was given or not
    who_is_open: NotRequired[bool]  # the birth date changed: whose answers these are is asked


class BookingDraft(Model):
    """The details that a patient typed under a hold, kept until it is booked or deleted."""

    __tablename__ = "booking_draft"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    details: Mapped[DraftDetails] = mapped_column(JSON)


class AppointmentContact(Model):
    """What was typed online for one appointment: its messages go there, whatever is on file.

    Desk and series book without one; then, and once the row is gone, the patient's record counts.
    """

    __tablename__ = "appointment_contact"
    __table_args__ = (
        Index("ix_appointment_contact_phone", "phone"),
        Index("ix_appointment_contact_email", "email"),
    )

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    given_name: Mapped[str] = mapped_column(String(80))
    family_name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(String(MAX_PHONE_LENGTH))
    email: Mapped[str | None] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(5))

    @property
    def contact(self) -> Contact:
        """Whom the appointment's messages address, and where."""
        return Contact(self.given_name, self.family_name, self.phone, self.email, self.language)


class PatientNote(Model):
    """What a patient wrote to the clinic on an appointment's own page."""

    __tablename__ = "patient_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), index=True
    )
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LateArrival(Model):
    """How many minutes late a patient says they come, on the day itself; the last they said."""

    __tablename__ = "late_arrival"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    minutes: Mapped[int]
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReadinessResponse(Model):
    """What a patient answered to "are you ready?" before an infusion; goes with the appointment."""

    __tablename__ = "readiness_response"

    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), primary_key=True
    )
    sequence: Mapped[int]  # of the appointment, when it was answered
    has_ride: Mapped[bool]
    is_fasting: Mapped[bool]  # ate and drank, or will, as told
    is_well: Mapped[bool]
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClaimImage(TypedDict):
    """What an appointment claimed of a resource, as JSON; instants in ISO 8601."""

    resource: int
    starts_at: str
    ends_at: str
    pinned: bool


class ChangeDetails(TypedDict):
    """What an `AppointmentChange` needs to be undone, as JSON; rows by "table:id"."""

    appointment: dict[str, Any]  # all of it, as the change left it
    before: dict[str, dict[str, Any]]  # what the change wrote over, by row and column
    after: dict[str, dict[str, Any]]  # and by what
    claims: list[ClaimImage]  # those before
    opened_tasks: list[int]
    closed_tasks: list[dict[str, Any]]  # as they were
    reverted_changes: list[int]  # earlier changes that this one undid
    basis: dict[str, str]  # what it was judged by: `guards.read_change_basis`


class AppointmentChange(Model):
    """What was done to an appointment at the desk, kept for a while so that it can be undone.

    `version` is the appointment's after it. Of a move or a cancellation the patient is told from
    `notice_at` on, and of none that was undone by then.
    """

    __tablename__ = "appointment_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), index=True
    )
    action: Mapped[Action] = mapped_column(enum_column(Action))
    actor: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    version: Mapped[int]
    notice_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    details: Mapped[ChangeDetails] = mapped_column(JSON)
