"""The number at which a member of staff is told of a crisis."""

from datetime import datetime

from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.db.versions import lock_row
from booking.staff.models import Staff


@transaction()
def set_phone(staff_id: int, phone: str | None, now: datetime, actor: str) -> None:
    """Keep a person's number (E.164), or none."""
    person = lock_row(Staff, staff_id)
    if person.phone != phone:
        person.phone = phone
        audit.record(actor, "change_phone", "staff", person.id, now, is_given=phone is not None)
