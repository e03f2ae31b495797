"""Records that look alike and are two people's: twins, a father and a son. They aren't named again."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import DistinctRecords


@transaction()
def mark_distinct(patient_id: int, other_id: int, staff_id: int, now: datetime) -> None:
    """Keep that two records are two people's; said twice, it is kept once."""
    if find_distinct(patient_id, other_id):
        return
    lower_id, higher_id = sorted((patient_id, other_id))
    db.session.add(
        DistinctRecords(
            lower_id=lower_id, higher_id=higher_id, marked_at=now, marked_by_id=staff_id
        )
    )
    audit.record(staff_actor(staff_id), "mark_distinct", "patient", patient_id, now, other=other_id)


@transaction()
def unmark_distinct(patient_id: int, other_id: int, staff_id: int, now: datetime) -> None:
    """Let two records be named as possible duplicates again."""
    if row := find_distinct(patient_id, other_id):
        db.session.delete(row)
        audit.record(
            staff_actor(staff_id), "unmark_distinct", "patient", patient_id, now, other=other_id
        )


def find_distinct(patient_id: int, other_id: int) -> DistinctRecords | None:
    """Return who found two records to be two people's, and when."""
    lower_id, higher_id = sorted((patient_id, other_id))
    return db.session.scalar(
        select(DistinctRecords).filter_by(lower_id=lower_id, higher_id=higher_id)
    )


def list_distinct_ids(patient_id: int) -> Collection[int]:
    """Return the ids of the records that are somebody else's though they look like this one."""
    is_one = or_(DistinctRecords.lower_id == patient_id, DistinctRecords.higher_id == patient_id)
    rows = db.session.scalars(select(DistinctRecords).where(is_one))
    return {row.lower_id + row.higher_id - patient_id for row in rows}
