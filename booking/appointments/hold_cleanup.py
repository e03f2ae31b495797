"""Deleting holds with all that was answered and typed under them."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from booking.appointments.holds import record_hold_action
from booking.appointments.models import Appointment
from booking.appointments.rules import (
    Status,
)
from booking.audit import operations as audit
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening import flags

ABANDONED = timedelta(hours=23)  # after this a hold goes with all that was answered under it


@transaction()
def delete_hold(token: str, now: datetime) -> None:
    """Free a hold's time and delete it with all that was answered under it, if there is such a hold."""
    held = db.session.scalar(select(Appointment).filter_by(token=token).with_for_update())
    if held is None or held.status is not Status.PENDING:
        return
    known = availability.current_catalogue()
    calendars.release_claims(held.id, known.locations_by_id[held.location_id], held.local_date)
    db.session.delete(held)
    record_hold_action("drop_hold", held, now)


@transaction()
def delete_abandoned_holds(now: datetime) -> int:
    """Delete holds that nobody finished, with their answers, within a day; return how many."""
    # On the DELETE itself: a hold that is being booked meanwhile is looked at again.
    abandoned = delete(Appointment).where(
        Appointment.status == Status.PENDING, Appointment.created_at < now - ABANDONED
    )
    gone = db.session.scalars(abandoned.returning(Appointment.id)).all()
    for appointment_id in gone:
        audit.record("appointments", "drop_hold", "appointment", appointment_id, now)
    flags.delete_anonymous_flags(now - ABANDONED)
    return len(gone)
