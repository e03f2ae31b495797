"""Counting failed sign-ins, so that guessing is slow and nobody is locked out by a stranger.

A browser that has signed in to an account before is counted by itself; all others that try the
account are counted together, whatever address they come from.
"""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, select

from booking.db.statements import upsert
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff.models import SignInAttempts, StaffDevice
from booking.staff.rules import FAILURE_RETENTION, sign_in_delay


class TooManySignInAttempts(Exception):
    """Another try has to wait until an instant (UTC)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"no try before {until.isoformat()}")
        self.until = until


def key_digest(text: str) -> str:
    """Return the SHA-256 under which a random key is kept (hex)."""
    return hashlib.sha256(text.encode()).hexdigest()


def attempt_counter_key(email: str, staff_id: int | None, device_key: str) -> str:
    """Return what a try on the account `email` is counted under; unknown accounts count alike."""
    if staff_id is not None and (device_id := find_device(staff_id, device_key)):
        return f"device:{device_id}"
    return f"account:{key_digest(email)}"


def find_device(staff_id: int, device_key: str) -> int | None:
    """Return the id of a browser that this person has signed in from before, by its cookie's key."""
    return db.session.scalar(
        select(StaffDevice.id).filter_by(staff_id=staff_id, key_digest=key_digest(device_key))
    )


@transaction()
def add_known_device(staff_id: int, now: datetime) -> str:
    """Remember a browser that has just signed in; return the key for its cookie (256 bits)."""
    key = secrets.token_urlsafe(32)
    db.session.add(StaffDevice(staff_id=staff_id, key_digest=key_digest(key), added_at=now))
    return key


@transaction()
def count_attempt(counter: str, now: datetime) -> int:
    """Count a try before it is judged, so that many at once can't outrun it; return the failures.

    Raises `TooManySignInAttempts` while the wait after the last failure lasts; such a try isn't counted.
    """
    row = upsert(SignInAttempts).values(counter=counter, failures=0, last_at=now)
    # The update keeps a row that is there from being deleted before it is read
    upserting = row.on_conflict_do_update(index_elements=["counter"], set_={"counter": counter})
    db.session.connection().execute(upserting)
    tries = db.session.get_one(SignInAttempts, counter, with_for_update=True)
    if now - tries.last_at > FAILURE_RETENTION:
        tries.failures = 0
    until = tries.last_at + sign_in_delay(tries.failures)
    if now < until:
        raise TooManySignInAttempts(until)
    tries.failures, tries.last_at = tries.failures + 1, now
    return tries.failures


@transaction()
def reset_attempts(counter: str) -> None:
    """Forget the failures before a password that was right."""
    db.session.execute(delete(SignInAttempts).filter_by(counter=counter))


@transaction()
def delete_expired_attempts(now: datetime) -> None:
    """Delete counters of failed sign-ins older than `FAILURE_RETENTION`."""
    db.session.execute(
        delete(SignInAttempts).where(SignInAttempts.last_at < now - FAILURE_RETENTION)
    )
