"""Claiming again what an appointment had: the very same resources and times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select

from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.models import Claim
from booking.calendars.operations import lock_days
from booking.db.transactions import transaction
from booking.extensions import db


@dataclass(frozen=True, slots=True)
class FormerClaim:
    """What an appointment claimed of a resource, [starts_at, ends_at) in UTC."""

    resource_id: int
    starts_at: datetime
    ends_at: datetime
    pinned: bool


def read_claims(appointment_id: int) -> list[FormerClaim]:
    """Return what an appointment claims, by resource and time."""
    columns = (Claim.resource_id, Claim.starts_at, Claim.ends_at, Claim.pinned)
    rows = db.session.execute(
        select(*columns)
        .where(Claim.appointment_id == appointment_id)
        .order_by(Claim.resource_id, Claim.starts_at)
    )
    return [FormerClaim(*row) for row in rows]


@transaction()
def reclaim(
    appointment_id: int,
    location: LocationCalendar,
    local_date: date,
    claims: Sequence[FormerClaim],
    now: datetime,
) -> bool:
    """Put these claims in place of what an appointment claims that day; False where others have the time.

    Then nothing has changed. Holds that have expired are no hindrance.
    """
    lock_days([(location.id, local_date)])
    overlapping = or_(*(_overlaps(claim) for claim in claims))
    by_others = and_(Claim.appointment_id != appointment_id, overlapping)
    is_expired = Claim.expires_at <= now
    standing = or_(Claim.expires_at.is_(None), ~is_expired)
    if db.session.scalar(select(Claim.id).where(by_others, standing).limit(1)) is not None:
        return False
    db.session.execute(delete(Claim).where(by_others, is_expired))
    db.session.execute(delete(Claim).where(Claim.appointment_id == appointment_id))
    rows = [
        {
            "appointment_id": appointment_id,
            "resource_id": claim.resource_id,
            "starts_at": claim.starts_at,
            "ends_at": claim.ends_at,
            "pinned": claim.pinned,
        }
        for claim in claims
    ]
    db.session.connection().execute(insert(Claim).returning(Claim.id), rows)
    return True


def _overlaps(claim: FormerClaim) -> ColumnElement[bool]:
    return and_(
        Claim.resource_id == claim.resource_id,
        Claim.starts_at < claim.ends_at,
        Claim.ends_at > claim.starts_at,
    )
