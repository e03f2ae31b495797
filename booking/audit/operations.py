"""Recording what was done, and sealing the record."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import select

from booking.audit.models import AuditEntry, AuditSeal
from booking.db import transaction
from booking.extensions import db
from booking.statements import lock_table, write_last

BATCH = 1000  # entries a seal covers at most
SETTLED = timedelta(minutes=1)  # an entry this old belongs to a finished transaction


class BrokenSeal(Exception):
    """The trail no longer matches its seals. `seal_id` is the first that doesn't."""

    def __init__(self, seal_id: int) -> None:
        super().__init__(f"the audit trail was changed before seal {seal_id}")
        self.seal_id = seal_id


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
    entry = {
        "at": at,
        "actor": actor,
        "action": action,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "facts": facts,
    }
    write_last(AuditEntry, entry)


@transaction()
def seal(now: datetime) -> int:
    """Seal the settled entries that no seal covers yet; return how many."""
    lock_table(
        AuditEntry
    )  # entries being written are waited for; two schedulers would fork the chain
    newest = db.session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    after, digest = (newest.last_entry_id, newest.digest) if newest else (0, "")
    entries = list(takewhile(lambda entry: entry.at < now - SETTLED, _entries(after)))
    if entries:
        db.session.add(
            AuditSeal(
                last_entry_id=entries[-1].id,
                digest=_chain(digest, entries, now),
                sealed_at=now,
            )
        )
    return len(entries)


def verify() -> int:
    """Check every seal against the entries it covers; return their number, or raise `BrokenSeal`."""
    after, digest, checked = 0, "", 0
    for sealed in db.session.scalars(select(AuditSeal).order_by(AuditSeal.id)):
        entries = [entry for entry in _entries(after) if entry.id <= sealed.last_entry_id]
        digest = _chain(digest, entries, sealed.sealed_at)
        if digest != sealed.digest:
            raise BrokenSeal(sealed.id)
        after, checked = sealed.last_entry_id, checked + len(entries)
    return checked


def _entries(after: int) -> Sequence[AuditEntry]:
    """Return the next batch of entries, in the order of their ids."""
    return db.session.scalars(
        select(AuditEntry).where(AuditEntry.id > after).order_by(AuditEntry.id).limit(BATCH)
    ).all()


def _chain(previous: str, entries: Sequence[AuditEntry], sealed_at: datetime) -> str:
    chained = hashlib.sha256(f"{previous} {sealed_at.isoformat()}".encode())
    for entry in entries:
        line = [
            entry.id,
            entry.at.isoformat(),
            entry.actor,
            entry.action,
            entry.subject_kind,
            entry.subject_id,
            entry.facts,
        ]
        chained.update(json.dumps(line, sort_keys=True).encode())
    return chained.hexdigest()
