"""Patients: who they are, how to reach them, what they consented to."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from booking.db.transactions import UtcDateTime
from booking.extensions import Model
from booking.patients.rules import MAX_NAME_LENGTH, MAX_PHONE_LENGTH, Contact, ContactPreferences

# Written out, so that both databases use the index
MERGED = text("merged_into_id IS NOT NULL")
ERASED = text("erased_at IS NOT NULL")


class Patient(Model):
    """A person treated or about to be. Contacts given later are never written over these online."""

    __tablename__ = "patient"
    __table_args__ = (
        Index("ix_patient_match", "birth_date", "family_key"),
        Index(
            "ix_patient_merged_into", "merged_into_id", postgresql_where=MERGED, sqlite_where=MERGED
        ),
        Index("ix_patient_erased", "erased_at", postgresql_where=ERASED, sqlite_where=ERASED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str] = mapped_column(String(80))
    family_name: Mapped[str] = mapped_column(String(80))
    family_key: Mapped[str] = mapped_column(String(80))  # rules.normalize_name(family_name)
    birth_date: Mapped[date]
    # As contacts.parse_phone returns it: E.164, and an extension.
    phone: Mapped[str | None] = mapped_column(String(MAX_PHONE_LENGTH), index=True)
    email: Mapped[str | None] = mapped_column(String(254), index=True)
    language: Mapped[str] = mapped_column(String(5), default="en")
    preferred_name: Mapped[str | None] = mapped_column(String(MAX_NAME_LENGTH))
    safe_to_text: Mapped[bool] = mapped_column(default=True, server_default=true())
    leave_voicemail: Mapped[bool | None]  # empty: not asked
    time_zone: Mapped[str | None] = mapped_column(String(64))  # IANA name; empty: their location's
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"), index=True)
    # Nobody is named on it any more: its appointments stay as anybody's
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def contact(self) -> Contact:
        """What is on file of who this is and how to reach them."""
        names = self.given_name, self.family_name
        return Contact(*names, self.phone, self.email, self.language, self.preferred_name)

    @property
    def preferences(self) -> ContactPreferences:
        """What they allow on their phone, apart from consent."""
        return ContactPreferences(self.safe_to_text, self.leave_voicemail, self.time_zone)

    @property
    def display_name(self) -> str:
        """The name as staff read it, with what the person wants to be called: Maria “Mia” Ruiz."""
        called = f" “{self.preferred_name}”" if self.preferred_name else ""
        return f"{self.given_name}{called} {self.family_name}"

    @property
    def listed_name(self) -> str:
        """The same by family name: Ruiz, Maria “Mia”."""
        called = f" “{self.preferred_name}”" if self.preferred_name else ""
        return f"{self.family_name}, {self.given_name}{called}"


class TextConsent(Model):
    """A consent to texts, given or withheld, with the wording shown and the number it is for."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    phone: Mapped[str] = mapped_column(String(20))  # E.164
    granted: Mapped[bool]
    wording: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # empty: asked online


class CallRequest(Model):
    """How to reach someone who asked to be called, or whom a clinician should call first."""

    __tablename__ = "call_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160))  # cut where it is longer
    phone: Mapped[str] = mapped_column(String(MAX_PHONE_LENGTH))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    wanted_start: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the time they had chosen
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PatientChange(Model):
    """One field of a patient's record as it was before a correction, and after.

    Apart from the audit trail, which is never deleted from: these rows go when the person is erased.
    """

    __tablename__ = "patient_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    # Of rules.Contact or rules.ContactPreferences, or birth_date
    field: Mapped[str] = mapped_column(String(20))
    old: Mapped[str | None] = mapped_column(String(254))
    new: Mapped[str | None] = mapped_column(String(254))
    # `old` was another person's, and is theirs again: a merge was undone
    is_given_back: Mapped[bool] = mapped_column(default=False, server_default=false())
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class DistinctRecords(Model):
    """Two records that look alike, of which somebody found that they are two people's."""

    __tablename__ = "distinct_records"
    __table_args__ = (
        UniqueConstraint("lower_id", "higher_id"),
        CheckConstraint("lower_id < higher_id", name="two_records_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lower_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    higher_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    marked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))


class StaffNote(Model):
    """What a member of staff noted about a patient, or about one of their appointments.

    A clinical one is for clinicians. Struck out, it stays to be read.
    """

    __tablename__ = "staff_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(
        ForeignKey("appointment.id", ondelete="CASCADE"), index=True
    )
    body: Mapped[str] = mapped_column(Text)
    is_clinical: Mapped[bool]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    struck_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    struck_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
