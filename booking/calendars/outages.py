"""What is not there for once, whatever hours and shifts say: a location, a room or chair, a person."""

from datetime import datetime

from booking.audit import operations as audit
from booking.calendars.availability import increment_catalogue_version
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Outage

SUBJECT = "outage"


@transaction()
def record_outage(outage: Outage, now: datetime, actor: str) -> Outage:
    """Keep a new outage: from the end of this transaction on, nothing is offered that it takes away.

    What is booked stays; who records one sees to the appointments that it makes impossible.
    """
    db.session.add(outage)
    db.session.flush()
    increment_catalogue_version()
    audit.record(
        actor, "record_outage", SUBJECT, outage.id, now, location=outage.location_id,
        resource=outage.resource_id, staff=outage.staff_id, starts_at=outage.starts_at.isoformat(),
        ends_at=outage.ends_at.isoformat() if outage.ends_at else None,
    )  # fmt: skip
    return outage


@transaction()
def end_outage(outage_id: int, now: datetime, actor: str) -> None:
    """Let an outage be over at `now`: one that has not begun never was, one that is over stays as it is."""
    outage = db.session.get_one(Outage, outage_id, with_for_update=True)
    if outage.ends_at is not None and outage.ends_at <= now:
        return
    outage.ends_at = max(now, outage.starts_at)
    increment_catalogue_version()
    audit.record(actor, "end_outage", SUBJECT, outage.id, now)
