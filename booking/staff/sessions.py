"""Sign-ins as their owner and a manager see them: listed, and ended one by one or all at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff.models import StaffSession
from booking.staff.rules import is_session_valid


def list_staff_sessions(staff_id: int, now: datetime, idle: timedelta) -> Sequence[StaffSession]:
    """Return a person's sign-ins that still hold, the one used last first."""
    statement = select(StaffSession).filter_by(
        staff_id=staff_id, ended_at=None, awaits_factor=False
    )
    rows = db.session.scalars(statement.order_by(StaffSession.seen_at.desc(), StaffSession.id))
    return [row for row in rows if is_session_valid(row.signed_in_at, row.seen_at, None, now, idle)]


@transaction()
def revoke_session(session_id: int, staff_id: int, now: datetime, actor: str) -> bool:
    """End one sign-in of a person; False when it isn't theirs or has ended."""
    statement = select(StaffSession).filter_by(id=session_id, staff_id=staff_id, ended_at=None)
    session = db.session.scalar(statement.with_for_update())
    if session is None:
        return False
    session.ended_at = now
    audit.record(actor, "revoke_session", "staff", staff_id, now, session=session.id)
    return True


@transaction()
def revoke_sessions(staff_id: int, now: datetime, actor: str, *, keep_id: int | None = None) -> int:
    """End all sign-ins of a person, but `keep_id`; return how many."""
    statement = select(StaffSession.id).filter_by(staff_id=staff_id, ended_at=None)
    ids = [number for number in db.session.scalars(statement) if number != keep_id]
    return sum(revoke_session(number, staff_id, now, actor) for number in ids)
