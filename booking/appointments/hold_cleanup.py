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
from booking.db.statements import KEEPS_ITS_ID
from booking.db.transactions import transaction
from booking.extensions import db
from booking.screening import flags, history

ABANDONED = timedelta(hours=23)  # after this a hold goes with all that was answered under it


@transaction()
def delete_hold(token: str, now: datetime) -> None:
    """Free a hold's time and delete it with all that was answered under it, if there is such a hold."""
    hold = db.session.scalar(
        select(Appointment).filter_by(token=token).with_for_update(**KEEPS_ITS_ID)
    )
    if hold is None or hold.status is not Status.PENDING:
        return
    catalogue = availability.current_catalogue()
    calendars.release_claims(hold.id, catalogue.locations_by_id[hold.location_id], hold.local_date)
    db.session.delete(hold)
    record_hold_action("drop_hold", hold, now)


@transaction()
def delete_abandoned_holds(now: datetime) -> int:
    """Delete holds past their end that nobody finished within a day, with their answers; return how many."""
    # On the DELETE itself: a hold that is being booked meanwhile is looked at again.
    # One that still holds its time waits for an answer: after an outage that may take some days.
    abandoned = delete(Appointment).where(
        Appointment.status == Status.PENDING,
        Appointment.created_at < now - ABANDONED,
        Appointment.expires_at <= now,
    )
    deleted_ids = db.session.scalars(abandoned.returning(Appointment.id)).all()
    for appointment_id in deleted_ids:
        audit.record("appointments", "drop_hold", "appointment", appointment_id, now)
    flags.delete_anonymous_flags(now - ABANDONED)
    history.delete_abandoned_submissions(now - ABANDONED)
    return len(deleted_ids)
