"""A request that comes twice is done once and answered the same (DESIGN invariant 5)."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db import UtcDateTime, transaction
from booking.extensions import Model, db
from booking.statements import insert_unless_there

KEPT_KEYS = timedelta(days=2)  # how long an idempotency key is remembered


class KeyReusedError(Exception):
    """An idempotency key came back with another body."""


class IdempotencyKey(Model):
    """One request that changed something, by the key its sender gave it, and what it was answered."""

    __tablename__ = "idempotency_key"

    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


KEEP_ANSWER = (
    update(IdempotencyKey)
    .where(IdempotencyKey.scope == bindparam("of_scope"), IdempotencyKey.key == bindparam("of_key"))
    .values(status=bindparam("status"), answer=bindparam("answer"))
)


def digest_of(body: Any) -> str:
    """Return the SHA-256 of `body` in canonical JSON: sorted keys, no white space."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


@transaction()
def answer_once(
    scope: str,
    key: str,
    body: Any,
    at: datetime,
    produce: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any]]:
    """Return `produce()`'s (status, answer), or what an earlier request with this key was answered.

    Runs in one transaction with what `produce` writes: an exception forgets the key. Two requests
    with one key at once wait for each other on its row. Raises `KeyReusedError` for another body.
    """
    digest = digest_of(body)
    row = {"scope": scope, "key": key, "digest": digest, "created_at": at}
    if insert_unless_there(IdempotencyKey, row, returning="key") is None:
        return _earlier_answer(scope, key, digest)
    status, answer = produce()
    kept = {"of_scope": scope, "of_key": key, "status": status, "answer": answer}
    db.session.connection().execute(KEEP_ANSWER, kept)
    return status, answer


def _earlier_answer(scope: str, key: str, digest: str) -> tuple[int, dict[str, Any]]:
    earlier = db.session.execute(
        select(IdempotencyKey).filter_by(scope=scope, key=key)
    ).scalar_one()
    if earlier.digest != digest:
        raise KeyReusedError(key)
    if earlier.status is None or earlier.answer is None:
        raise RuntimeError("an idempotency key without its answer")  # both are of one transaction
    return earlier.status, earlier.answer


@transaction()
def delete_old_keys(before: datetime) -> None:
    """Forget what requests before an instant were answered; a key repeated later is a new request."""
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < before))
