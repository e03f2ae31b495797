"""What pages and lists read of the people who work here."""

from collections.abc import Collection

from sqlalchemy import select

from booking.extensions import db
from booking.staff.models import Staff


def get_staff_names(ids: Collection[int]) -> dict[int, str]:
    """Return the names of members of staff by their ids, former ones too."""
    rows = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {row.id: row.name for row in rows}
