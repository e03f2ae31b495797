"""Whether whoever is signed in is still the same person: asked before what they put their name to."""

import secrets
from datetime import datetime

from sqlalchemy import select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff import passwords, sign_in_attempts
from booking.staff.models import Staff, StaffSession
from booking.staff.session_keys import opened_by
from booking.staff.sign_in_attempts import key_digest


def confirm_identity(staff_id: int, password: str, now: datetime, device_key: str = "") -> bool:
    """Tell whether a password is that of the person who is signed in; wrong ones slow the next tries.

    They are counted with those of signing in, by the browser's cookie `device_key`. Keeps its own record:
    called outside of the transaction that it decides about. Raises `TooManySignInAttempts`.
    """
    person = db.session.get_one(Staff, staff_id)
    counter = sign_in_attempts.attempt_counter_key(person.email, person.id, device_key)
    failures = sign_in_attempts.count_attempt(counter, now)
    if not passwords.verify_password(password, person.password_hash):
        _record_failure(person.id, failures, now)
        return False
    sign_in_attempts.reset_attempts(counter)
    return True


@transaction()
def renew_confirmed(session_key: str, now: datetime) -> str:
    """Let a sign-in count as confirmed for a while; return its new key (ASVS 7.2.4).

    The old one, which is not confirmed, ends with the first use of the new one: the answer that brings it may
    be lost. Called once the person has proved who they are. Raises `NoResultFound`.
    """
    key = secrets.token_urlsafe(32)
    statement = select(StaffSession).where(opened_by(session_key), StaffSession.ended_at.is_(None))
    session = db.session.scalars(statement.with_for_update()).one()
    session.key_digest, session.replaced_digest = key_digest(key), key_digest(session_key)
    session.confirmed_at = now
    audit.record(staff_actor(session.staff_id), "confirm_identity", "staff", session.staff_id, now)
    return key


@transaction()
def _record_failure(staff_id: int, failures: int, now: datetime) -> None:
    audit.record(
        staff_actor(staff_id), "confirm_identity_failed", "staff", staff_id, now, failures=failures
    )
