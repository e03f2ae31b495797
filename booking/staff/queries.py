"""What pages and lists read of the people who work here."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from booking.extensions import db
from booking.staff.models import Role, Staff


def get_staff_names(ids: Collection[int]) -> dict[int, str]:
    """Return the names of members of staff by their ids, former ones too."""
    rows = db.session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {row.id: row.name for row in rows}


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works here now."""

    id: int
    name: str
    role: Role
    phone: str | None  # E.164

    @property
    def is_practitioner(self) -> bool:
        """Tell whether they decide about treatment."""
        return self.role is Role.PRACTITIONER


def list_colleagues() -> list[Colleague]:
    """Return everybody who works here now, by name."""
    staff = select(Staff.id, Staff.name, Staff.role, Staff.phone).where(Staff.active.is_(True))
    return [Colleague(*row) for row in db.session.execute(staff.order_by(Staff.name, Staff.id))]
