"""Who did what when: append-only (triggers refuse anything else), sealed in hash-chained batches."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from booking.db.transactions import UtcDateTime
from booking.extensions import Model


class AuditEntry(Model):
    """One change. References and scheduling facts only: never names, contacts or answers."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entry_actor", "actor", "id"),
        Index("ix_audit_entry_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(60))  # "staff:3", "online", "api", "tasks", "cli"
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditSeal(Model):
    """The end of a chain of HMACs over the entries up to `last_entry_id`: a change or a gap shows.

    `count` is how many entries the chain covers, `key_id` names the key. Seals of version 0.1 have
    neither: anyone could have made them, and the entries under them were sealed anew.
    """

    __tablename__ = "audit_seal"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_entry_id: Mapped[int]
    count: Mapped[int | None] = mapped_column(unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str | None] = mapped_column(String(16))
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)
