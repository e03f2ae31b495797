"""A request that comes twice is done once and answered the same (DESIGN invariant 5)."""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.statements import table_of
from booking.db.transactions import UtcDateTime, transaction
from booking.extensions import Model, db

Answer = tuple[int, dict[str, Any]]

KEY_RETENTION = timedelta(days=2)  # how long an idempotency key is remembered


@dataclass(frozen=True, slots=True)
class RequestIdentity:
    """What makes a request the same as another: its key within a scope, and its body's digest."""

    scope: str
    key: str
    digest: str


class IdempotencyKeyReused(Exception):
    """An idempotency key came back with another body."""


class IdempotencyKey(Model):
    """One request that changed something, by the key its sender gave it, and what it was answered."""

    __tablename__ = "idempotency_key"

    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


EARLIER = select(IdempotencyKey.digest, IdempotencyKey.status, IdempotencyKey.answer).where(
    IdempotencyKey.scope == bindparam("of_scope"), IdempotencyKey.key == bindparam("of_key")
)

KEEPING = insert(table_of(IdempotencyKey))


def new_idempotency_key() -> str:
    """Return a key for a form that is acted on once, however often it is sent."""
    return secrets.token_urlsafe(16)


def canonical_digest(body: Any) -> str:
    """Return the SHA-256 of `body` in canonical JSON: sorted keys, no white space."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def run_once(
    scope: str,
    key: str,
    body: Any,
    at: datetime,
    produce: Callable[[], Answer],
) -> Answer:
    """Return `produce()`'s (status, answer), or what an earlier request with this key was answered.

    The answer is kept in one transaction with what `produce` writes: an exception forgets the key. Nearly
    every request is new, so nobody looks for an earlier one first: a repeated one, at once or later, fails
    on what it books or on its key, undoes its work and answers as the first did.
    Raises `IdempotencyKeyReused`
    for another body.
    """
    request = RequestIdentity(scope, key, canonical_digest(body))
    try:
        return _answer(request, at, produce)
    except Exception:
        # Perhaps because the same request is done: its key is there, or what it books.
        if stored := _earlier_answer(request):
            return stored
        raise


@transaction()
def _answer(identity: RequestIdentity, at: datetime, produce: Callable[[], Answer]) -> Answer:
    status, answer = produce()
    row = {
        "scope": identity.scope, "key": identity.key, "digest": identity.digest,
        "status": status, "answer": answer, "created_at": at,
    }  # fmt: skip
    db.session.connection().execute(KEEPING, row)
    return status, answer


def _earlier_answer(identity: RequestIdentity) -> Answer | None:
    parameters = {"of_scope": identity.scope, "of_key": identity.key}
    stored = db.session.connection().execute(EARLIER, parameters).first()
    if stored is None:
        return None
    if stored.digest != identity.digest:
        raise IdempotencyKeyReused(identity.key)
    return stored.status, stored.answer


@transaction()
def delete_expired_keys(cutoff: datetime) -> None:
    """Forget what requests before an instant were answered; a key repeated later is a new request."""
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < cutoff))
