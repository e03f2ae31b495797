"""The keys that open a sign-in: the newest, and the one before until the newest has come back."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, or_

from booking.staff.models import StaffSession
from booking.staff.sign_in_attempts import key_digest


def opened_by(key: str) -> ColumnElement[bool]:
    """Return the condition that `key` opens a sign-in."""
    return has_digest(key_digest(key))


def has_digest(digest: str | BindParameter[str]) -> ColumnElement[bool]:
    """Return the condition that the key of a digest opens a sign-in."""
    return or_(StaffSession.key_digest == digest, StaffSession.replaced_digest == digest)


def is_newest(session: StaffSession | Row[*tuple[Any, ...]], key: str) -> bool:
    """Tell whether `key` is the newest of a sign-in."""
    return session.key_digest == key_digest(key)
