"""What pages and lists read of the trail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select

from booking.audit.models import AuditEntry
from booking.extensions import db


@dataclass(frozen=True, slots=True)
class TrailSearch:
    """What is looked for: all of what is given. Instants in UTC, `until` left out.

    `subjects` are kinds and ids; None: of any. `before_id` is the last entry of the page before.
    """

    since: datetime
    until: datetime
    subjects: frozenset[tuple[str, int]] | None = None
    actor: str = ""
    action: str = ""
    before_id: int | None = None


def search_trail(search: TrailSearch, limit: int) -> list[AuditEntry]:
    """Return the newest entries that a search is for, the latest first."""
    conditions = [AuditEntry.at >= search.since, AuditEntry.at < search.until]
    if search.actor:
        conditions.append(AuditEntry.actor == search.actor)
    if search.action:
        conditions.append(AuditEntry.action == search.action)
    if search.before_id is not None:
        conditions.append(AuditEntry.id < search.before_id)
    if search.subjects is not None:
        conditions.append(_is_about(search.subjects))
    newest = select(AuditEntry).where(*conditions).order_by(AuditEntry.id.desc()).limit(limit)
    return list(db.session.scalars(newest))


def _is_about(subjects: Collection[tuple[str, int]]) -> ColumnElement[bool]:
    """Return what holds for entries about any of some subjects, a kind at a time."""
    kinds = {kind for kind, _number in subjects}
    return or_(
        false(),
        *(
            and_(
                AuditEntry.subject_kind == kind,
                AuditEntry.subject_id.in_([number for each, number in subjects if each == kind]),
            )
            for kind in sorted(kinds)
        ),
    )


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
