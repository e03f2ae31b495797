"""Signing in and out. Passwords by argon2id; each sign-in is a row that can be ended at the server."""

import hashlib
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import select, update

from booking.audit import operations as audit
from booking.db import transaction
from booking.extensions import db
from booking.staff.models import Role, Staff, StaffSession
from booking.staff.rules import session_holds

HASHER = PasswordHasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)  # OWASP's argon2id
NOBODY = HASHER.hash("nobody has this password")  # so that an unknown address takes as long
SEEN_EVERY = timedelta(minutes=1)  # how finely idleness is measured
SHORTEST_PASSWORD = 12


class PasswordTooShort(ValueError):
    """A password has fewer than `SHORTEST_PASSWORD` characters."""


@transaction()
def set_password(email: str, password: str, now: datetime, actor: str = "cli") -> None:
    """Set a member of staff's password and end their sign-ins. Raises `LookupError`, `PasswordTooShort`."""
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort
    person = db.session.scalar(select(Staff).filter_by(email=email.lower(), active=True))
    if person is None:
        raise LookupError(email)
    person.password_hash = HASHER.hash(password)
    end_sessions(person.id, now)
    audit.record(actor, "set_password", "staff", person.id, now)


@transaction()
def sign_in(email: str, password: str, now: datetime) -> str | None:
    """Return the key of a new sign-in, or None when address and password don't belong together."""
    person = db.session.scalar(select(Staff).filter_by(email=email.strip().lower(), active=True))
    known = person.password_hash if person else None
    try:
        HASHER.verify(known or NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return None
    if person is None or known is None:
        return None
    key = secrets.token_urlsafe(32)
    opened = StaffSession(
        key_digest=_digest(key), staff_id=person.id, signed_in_at=now, seen_at=now
    )
    db.session.add(opened)
    audit.record(f"staff:{person.id}", "sign_in", "staff", person.id, now)
    return key


def who(key: str, now: datetime, idle: timedelta) -> Staff | None:
    """Return who is signed in by this key, if it still holds."""
    row = db.session.execute(
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(StaffSession.key_digest == _digest(key), Staff.active)
    ).first()
    if row is None:
        return None
    opened, person = row
    holds = session_holds(opened.signed_in_at, opened.seen_at, opened.ended_at, now, idle)
    return person if holds else None


@transaction()
def seen(key: str, now: datetime) -> None:
    """Keep that this sign-in is in use."""
    db.session.execute(
        update(StaffSession).where(StaffSession.key_digest == _digest(key)).values(seen_at=now)
    )


def seen_long_ago(key: str, now: datetime) -> bool:
    """Tell whether this sign-in's last use should be written down again."""
    last = db.session.scalar(select(StaffSession.seen_at).filter_by(key_digest=_digest(key)))
    return last is not None and now - last > SEEN_EVERY


@transaction()
def sign_out(key: str, now: datetime) -> None:
    """End one sign-in."""
    ended = db.session.scalar(
        update(StaffSession)
        .where(StaffSession.key_digest == _digest(key), StaffSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(StaffSession.staff_id)
    )
    if ended is not None:
        audit.record(f"staff:{ended}", "sign_out", "staff", ended, now)


@transaction()
def end_sessions(staff_id: int, now: datetime) -> None:
    """End all sign-ins of one person, wherever they are."""
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def everyone() -> list[Staff]:
    """Return the people who work here, in the order they were added."""
    return list(db.session.scalars(select(Staff).where(Staff.active).order_by(Staff.id)))


def role_of(actor: str) -> Role | None:
    """Return the role of whoever acts, by the name the audit trail gives them; None if not our staff."""
    kind, _, number = actor.partition(":")
    if kind != "staff":
        return None
    return db.session.scalar(select(Staff.role).where(Staff.id == int(number), Staff.active))
