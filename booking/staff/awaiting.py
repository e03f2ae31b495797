"""A sign-in whose password was right and that awaits its second factor: it opens no page yet."""

import secrets
from datetime import datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff import second_factors
from booking.staff.models import Staff, StaffSession
from booking.staff.rules import AWAITED_FOR
from booking.staff.secret_box import SecretBox
from booking.staff.sign_in_attempts import key_digest


def find_awaiting(key: str, now: datetime) -> StaffSession | None:
    """Return the sign-in of this key that awaits its second factor; None for one that is over."""
    return db.session.scalar(
        select(StaffSession)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            StaffSession.key_digest == key_digest(key),
            StaffSession.awaits_factor,
            StaffSession.ended_at.is_(None),
            StaffSession.signed_in_at > now - AWAITED_FOR,
            Staff.active,
        )
    )


def pass_second_step(key: str, code: str, box: SecretBox, now: datetime) -> str | None:
    """Return the new key of a sign-in whose code was right; None for a wrong one, or when it is over.

    Raises `TooManySignInAttempts`, `UnreadableSecret`.
    """
    session = find_awaiting(key, now)
    if session is None or not second_factors.accept_code(session.staff_id, code, box, now):
        return None
    return let_in(session.id, now)


@transaction()
def let_in(session_id: int, now: datetime) -> str:
    """Let a sign-in open pages, under a new key: the one before is worth nothing (ASVS 5.0, 7.2.4)."""
    key = secrets.token_urlsafe(32)
    session = db.session.get_one(StaffSession, session_id, with_for_update=True)
    session.key_digest, session.awaits_factor, session.seen_at = key_digest(key), False, now
    audit.record(staff_actor(session.staff_id), "sign_in", "staff", session.staff_id, now)
    return key
