"""What pages and lists read of the trail."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, or_, select

from booking.audit.models import AuditEntry
from booking.extensions import db


def list_latest_entries(
    subjects: Collection[tuple[str, int]], actions: Collection[str], since: datetime, limit: int
) -> list[AuditEntry]:
    """Return what was done to subjects (kind and id) after an instant, the latest last."""
    if not subjects:
        return []
    conditions = [
        and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id == subject_id)
        for kind, subject_id in subjects
    ]
    newest = (
        select(AuditEntry)
        .where(or_(*conditions), AuditEntry.at > since, AuditEntry.action.in_(actions))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return list(db.session.scalars(newest))[::-1]
