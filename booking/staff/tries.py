"""Counting failed sign-ins, so that guessing is slow and nobody is locked out by a stranger.

A browser that has signed in to an account before is counted by itself; all others that try the
account are counted together, whatever address they come from.
"""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, select

from booking.db import transaction
from booking.extensions import db
from booking.staff.models import SignInTries, StaffDevice
from booking.staff.rules import TRIES_KEPT, wait_after
from booking.statements import insert_unless_there


class TooManyTries(Exception):
    """Another try has to wait until an instant (UTC)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"no try before {until.isoformat()}")
        self.until = until


def digest_of(text: str) -> str:
    """Return the SHA-256 under which a random key is kept (hex)."""
    return hashlib.sha256(text.encode()).hexdigest()


def counter_of(email: str, staff_id: int | None, device_key: str) -> str:
    """Return what a try on the account `email` is counted under; unknown accounts count alike."""
    if staff_id is not None and (device_id := find_device(staff_id, device_key)):
        return f"device:{device_id}"
    return f"account:{digest_of(email)}"


def find_device(staff_id: int, device_key: str) -> int | None:
    """Return the id of a browser that this person has signed in from before, by its cookie's key."""
    return db.session.scalar(
        select(StaffDevice.id).filter_by(staff_id=staff_id, key_digest=digest_of(device_key))
    )


@transaction()
def add_device(staff_id: int, now: datetime) -> str:
    """Remember a browser that has just signed in; return the key for its cookie (256 bits)."""
    key = secrets.token_urlsafe(32)
    db.session.add(StaffDevice(staff_id=staff_id, key_digest=digest_of(key), added_at=now))
    return key


@transaction()
def count_try(counter: str, now: datetime) -> int:
    """Count a try before it is judged, so that many at once can't outrun it; return the failures.

    Raises `TooManyTries` while the wait after the last failure lasts; such a try isn't counted.
    """
    new = {"counter": counter, "failures": 0, "last_at": now}
    insert_unless_there(SignInTries, new, returning="counter")
    tries = db.session.get_one(SignInTries, counter, with_for_update=True)
    if now - tries.last_at > TRIES_KEPT:
        tries.failures = 0
    until = tries.last_at + wait_after(tries.failures)
    if now < until:
        raise TooManyTries(until)
    tries.failures, tries.last_at = tries.failures + 1, now
    return tries.failures


@transaction()
def forget_tries(counter: str) -> None:
    """Forget the failures before a password that was right."""
    db.session.execute(delete(SignInTries).filter_by(counter=counter))


@transaction()
def delete_old_tries(now: datetime) -> None:
    """Delete what is counted no longer."""
    db.session.execute(delete(SignInTries).where(SignInTries.last_at < now - TRIES_KEPT))
