"""Which appointments of a series are news, and told of together: booked, cancelled, or both at once."""

from datetime import datetime

from sqlalchemy import ColumnElement, select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.reminders.models import Derivation
from booking.reminders.queries import derived_version
from booking.reminders.rules import MessageKind
from booking.series.models import Session

NEWS = {Status.BOOKED: MessageKind.CONFIRMATION, Status.CANCELLED: MessageKind.CANCELLATION}
NEVER_TOLD = Derivation.version.is_(None)
CHANGED_SINCE = Derivation.version != Appointment.version


def list_told_together(
    appointment: Appointment, series_id: int, now: datetime
) -> list[Appointment]:
    """Return the appointments of a series to be told of in one list with this one; none if by itself.

    All that were booked and never told of, even one; all that were cancelled since, if several.
    """
    was_told = derived_version(appointment.id) is not None
    if appointment.status not in NEWS or was_told is (appointment.status is Status.BOOKED):
        return []
    is_changed = CHANGED_SINCE if was_told else NEVER_TOLD
    appointments = list_series_appointments(series_id, appointment.status, now, is_changed)
    return appointments if len(appointments) > 1 or not was_told else []


def list_cancelled_and_booked(
    appointment: Appointment, series_id: int, now: datetime
) -> list[Appointment]:
    """Return what of a series was cancelled and what was booked since it was last told of, by time.

    None unless there is some of both, and this one is among them: one transaction may have done it all.
    """
    cancelled = list_series_appointments(series_id, Status.CANCELLED, now, CHANGED_SINCE)
    booked = list_series_appointments(series_id, Status.BOOKED, now, NEVER_TOLD)
    if not (cancelled and booked) or appointment not in (*cancelled, *booked):
        return []
    return sorted([*cancelled, *booked], key=lambda each: each.starts_at)


def list_series_appointments(
    series_id: int, status: Status, now: datetime, *which: ColumnElement[bool]
) -> list[Appointment]:
    """Return the appointments of a series that are to come, or were, with a status, by time."""
    return list(
        db.session.scalars(
            select(Appointment)
            .join(Session, Session.appointment_id == Appointment.id)
            .outerjoin(Derivation, Derivation.appointment_id == Appointment.id)
            .where(
                Session.series_id == series_id,
                Appointment.status == status,
                Appointment.starts_at > now,
                *which,
            )
            .order_by(Appointment.starts_at)
        )
    )
