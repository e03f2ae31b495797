"""An audit trail to seal, and to tamper with."""

from datetime import timedelta

from sqlalchemy import func, select, text

from booking.audit import operations as audit
from booking.audit.models import AuditSeal
from booking.audit.rules import SealKeys
from booking.db.constraints import append_only
from booking.db.transactions import transaction
from booking.extensions import db
from tests.builders import NOW

LATER = NOW + timedelta(minutes=5)
KEYS = SealKeys.from_settings("a key of the tests", "")


def entries(count: int) -> None:
    for number in range(1, count + 1):
        audit.record("cli", "test", "thing", number, NOW, fact=number)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def tamper(*statements: str) -> None:
    """Change the trail behind the service's back, as someone who owns the database could."""
    with transaction():
        for table in ("audit_entry", "audit_seal"):
            for sql in append_only(table).drop(db.engine.dialect.name):
                db.session.execute(text(sql))
        for statement in statements:
            db.session.execute(text(statement))
    db.session.rollback()


def two_seals() -> list[int]:
    """Seal two entries and then three; return the ids of the seals."""
    entries(2)
    audit.seal_entries(LATER, KEYS)
    entries(3)
    audit.seal_entries(LATER, KEYS)
    return list(db.session.scalars(select(AuditSeal.id).order_by(AuditSeal.id)))


def sealed() -> int:
    """Seal what is settled; return how many entries are sealed in all."""
    head = audit.seal_entries(LATER, KEYS)
    return head.count if head else 0
