"""People who work here: roles, sign-in and shifts."""

import enum
from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from booking.db.transactions import UtcDateTime, enum_column
from booking.extensions import Model


class Role(enum.StrEnum):
    """What a member of staff may do: all run the day.

    Clinicians also read what is clinical, a practitioner prescribes and decides, a manager sees to people.
    """

    FRONT_DESK = "front_desk"
    NURSE = "nurse"
    PRACTITIONER = "practitioner"
    MANAGER = "manager"

    @property
    def is_clinician(self) -> bool:
        """Tell whether this role reads notes, findings, answers and scores."""
        return self in (Role.NURSE, Role.PRACTITIONER)


class Staff(Model):
    """One member of staff. Without a password hash they can't sign in."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    watches: Mapped[int] = mapped_column(default=0)  # chairs a nurse may watch at once
    active: Mapped[bool] = mapped_column(default=True)
    phone: Mapped[str | None] = mapped_column(String(32))  # E.164: told of a crisis


class Shift(Model):
    """Local wall-clock hours a member of staff works at a location on a weekday (Monday is 0)."""

    __tablename__ = "shift"
    __table_args__ = (CheckConstraint("begins < ends", name="begins_before_it_ends"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    weekday: Mapped[int]
    begins: Mapped[time]
    ends: Mapped[time]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class StaffSession(Model):
    """One sign-in, revocable here: the cookie holds a random key whose SHA-256 is kept.

    The key before opens it too, until the new one has come back: the answer that brought it may be lost.
    """

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    replaced_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    signed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # who it is, once more
    user_agent: Mapped[str] = mapped_column(String(300), server_default="")
    address: Mapped[str] = mapped_column(String(45), server_default="")  # IPv4 or IPv6
    # The password was right; it opens no page before the second factor is
    awaits_factor: Mapped[bool] = mapped_column(default=False, server_default=false())


class TotpFactor(Model):
    """A person's authenticator app; it counts once a code has confirmed it."""

    __tablename__ = "totp_factor"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id"), primary_key=True, autoincrement=False
    )
    secret: Mapped[str] = mapped_column(Text)  # encrypted, see `secret_box`
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int | None]  # of the last code used, in steps of 30 s since 1970


class RecoveryCode(Model):
    """A code that signs in once in place of the app's; argon2id, as it is shorter than 112 bits."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(200))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Passkey(Model):
    """A key that a person's device keeps; here lies what proves that it was used."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)  # base64url, as below
    credential: Mapped[str] = mapped_column(Text)  # WebAuthn's attested credential data, 6.5.1
    sign_count: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PasskeyChallenge(Model):
    """A challenge that a browser has yet to answer, once; the SHA-256 of its base64url is kept."""

    __tablename__ = "passkey_challenge"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id")
    )  # who adds one; None at signing in
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class BusyCalendar(Model):
    """A practitioner's own calendar elsewhere, read again and again: when they are busy, and nothing else.

    What was read stays while it can't be read; `failing_since` is when that began, `failure` a code why.
    """

    __tablename__ = "busy_calendar"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id"), primary_key=True, autoincrement=False
    )
    address: Mapped[str] = mapped_column(Text)  # a secret, encrypted, see `secret_box`
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_read_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # last, without a failure
    read_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # times later are not known
    etag: Mapped[str | None] = mapped_column(String(200))
    last_modified: Mapped[str | None] = mapped_column(String(200))
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(String(32))


class BusyTime(Model):
    """When a practitioner's own calendar says busy, [starts_at, ends_at); of one person's, none touch."""

    __tablename__ = "busy_time"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index("ix_busy_time_staff_id_ends_at", "staff_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("busy_calendar.staff_id", ondelete="CASCADE"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffInvitation(Model):
    """A link with which a member of staff sets a password, once; the SHA-256 of its token is kept."""

    __tablename__ = "staff_invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # or replaced by a later one


class StaffDevice(Model):
    """A browser that has signed in before, known by the SHA-256 of its cookie's random key."""

    __tablename__ = "staff_device"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInAttempts(Model):
    """Failed sign-ins in a row under one counter: a known device's, or all others' of an account."""

    __tablename__ = "sign_in_tries"

    counter: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
