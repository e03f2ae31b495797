"""Recording what was done, and sealing the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.audit.models import AuditEntry, AuditSeal
from booking.audit.rules import EMPTY_CHAIN, ChainHead, SealKeys, compute_key_id, extend_chain
from booking.db.statements import lock_table
from booking.db.transactions import transaction
from booking.extensions import db

MAX_SEAL_ENTRIES = 1000  # entries a seal covers at most
SEAL_DELAY = timedelta(minutes=1)  # an entry this old belongs to a finished transaction


class SealMismatch(Exception):
    """The trail no longer matches its seals. `seal_id` is the first that doesn't."""

    def __init__(self, seal_id: int) -> None:
        super().__init__(f"the audit trail was changed before seal {seal_id}")
        self.seal_id = seal_id


class UnknownSealKey(Exception):
    """A seal was made with a key that isn't among the settings'. `seal_id` names it."""

    def __init__(self, seal_id: int) -> None:
        super().__init__(f"seal {seal_id} was made with another key than BOOKING_AUDIT_KEY's")
        self.seal_id = seal_id


class HeadNotFound(Exception):
    """The trail does not contain a head that was printed earlier: it was cut or written anew."""

    def __init__(self, head: ChainHead) -> None:
        super().__init__(f"the audit trail no longer contains the head {head}")
        self.head = head


@dataclass(frozen=True, slots=True)
class VerifiedTrail:
    """A trail that matches its seals: its head, and how many entries wait for the next seal."""

    head: ChainHead
    unsealed: int


@transaction()
def record(
    actor: str,
    action: str,
    subject_kind: str,
    subject_id: int,
    at: datetime,
    **facts: str | int | bool | None,
) -> None:
    """Write one entry, in the transaction of the change it tells of.

    `facts` are references and scheduling facts: never names, contacts or answers (invariant 12).
    """
    entry = AuditEntry(
        at=at,
        actor=actor,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        facts=facts,
    )
    db.session.add(entry)


@transaction()
def seal_entries(now: datetime, keys: SealKeys) -> ChainHead | None:
    """Seal the settled entries that no seal covers yet; return the new head, None without any."""
    # Entries being written are waited for; two schedulers would fork the chain
    lock_table(AuditEntry)
    newest = db.session.scalar(_all_seals().order_by(AuditSeal.id.desc()).limit(1))
    last_entry_id = newest.last_entry_id if newest else 0
    head = ChainHead(newest.count or 0, newest.digest) if newest else EMPTY_CHAIN
    entries = list(
        takewhile(
            lambda entry: entry.at < now - SEAL_DELAY, _next_entries(db.session(), last_entry_id)
        )
    )
    if not entries:
        return None
    head = extend_chain(head, _values(entries), now, keys.newest)
    seal = AuditSeal(
        last_entry_id=entries[-1].id,
        count=head.count,
        digest=head.digest,
        key_id=compute_key_id(keys.newest),
        sealed_at=now,
    )
    db.session.add(seal)
    return head


def verify_trail(
    keys: SealKeys, earlier: ChainHead | None = None, session: Session | None = None
) -> VerifiedTrail:
    """Check every seal against the entries it covers, and that the chain contains an `earlier` head.

    `session` is another database's than the app's. Raises `SealMismatch`, `UnknownSealKey`, `HeadNotFound`.
    """
    session = session or db.session()
    head, last_entry_id = EMPTY_CHAIN, 0
    is_contained = earlier in (None, EMPTY_CHAIN)
    for seal in session.scalars(_all_seals().order_by(AuditSeal.id)):
        key = keys.find(seal.key_id or "")
        if key is None:
            raise UnknownSealKey(seal.id)
        entries = [e for e in _next_entries(session, last_entry_id) if e.id <= seal.last_entry_id]
        head = extend_chain(head, _values(entries), seal.sealed_at, key)
        if head != ChainHead(seal.count or 0, seal.digest):
            raise SealMismatch(seal.id)
        last_entry_id = seal.last_entry_id
        is_contained = is_contained or head == earlier
    if earlier is not None and not is_contained:
        raise HeadNotFound(earlier)
    return VerifiedTrail(head, _count_after(session, last_entry_id))


def _all_seals() -> Any:
    """Select the seals made with a key; version 0.1 made some without, which prove nothing."""
    return select(AuditSeal).where(AuditSeal.count.is_not(None))


def _next_entries(session: Session, after_id: int) -> Sequence[AuditEntry]:
    """Return the next batch of entries, in the order of their ids."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.id > after_id)
        .order_by(AuditEntry.id)
        .limit(MAX_SEAL_ENTRIES)
    ).all()


def _count_after(session: Session, entry_id: int) -> int:
    return session.scalar(select(func.count()).where(AuditEntry.id > entry_id)) or 0


def _values(entries: Sequence[AuditEntry]) -> list[list[Any]]:
    return [
        [e.id, e.at.isoformat(), e.actor, e.action, e.subject_kind, e.subject_id, e.facts]
        for e in entries
    ]
