"""What of a series is news, and told of together: booked, cancelled, moved, or some of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, select, union

from booking.appointments.models import Appointment
from booking.appointments.notices import is_announced, notice_waits
from booking.appointments.rules import Status
from booking.extensions import db
from booking.reminders.models import Derivation
from booking.reminders.moves import is_move_news
from booking.reminders.queries import derived_version
from booking.reminders.rules import MessageKind
from booking.series.models import ReplacedAppointment, Session

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
    if appointment.is_unannounced:
        return []
    if appointment.status not in NEWS or was_told is (appointment.status is Status.BOOKED):
        return []
    is_changed = CHANGED_SINCE if was_told else NEVER_TOLD
    appointments = list_series_appointments(series_id, appointment.status, now, is_changed)
    return appointments if len(appointments) > 1 or not was_told else []


@dataclass(frozen=True, slots=True)
class SeriesChanges:
    """What of a series was cancelled, moved and booked since it was last told of; each by time."""

    cancelled: Sequence[Appointment]
    moved: Sequence[Appointment]
    booked: Sequence[Appointment]

    @property
    def all_by_time(self) -> list[Appointment]:
        """All of them, by time."""
        changed = [*self.cancelled, *self.moved, *self.booked]
        return sorted(changed, key=lambda each: each.starts_at)


def find_changes_together(
    appointment: Appointment, series_id: int, now: datetime
) -> SeriesChanges | None:
    """Return what has become of a series since it was last told of: one transaction may have done it all.

    None unless things of two kinds have, and this appointment is among them.
    """
    booked_since = list_series_appointments(series_id, Status.BOOKED, now, CHANGED_SINCE)
    changes = SeriesChanges(
        list_series_appointments(series_id, Status.CANCELLED, now, CHANGED_SINCE),
        [each for each in booked_since if is_move_news(each, now)],
        list_series_appointments(series_id, Status.BOOKED, now, NEVER_TOLD),
    )
    kinds = [changes.cancelled, changes.moved, changes.booked]
    is_of_several_kinds = sum(map(bool, kinds)) > 1
    return changes if is_of_several_kinds and appointment in changes.all_by_time else None


def list_series_appointments(
    series_id: int, status: Status, now: datetime, *which: ColumnElement[bool]
) -> list[Appointment]:
    """Return the appointments of a series that are to come, or were, with a status, by time.

    Without those of which nothing is told yet, as they may be undone, or at all, as the desk chose.
    """
    return list(
        db.session.scalars(
            select(Appointment)
            .outerjoin(Derivation, Derivation.appointment_id == Appointment.id)
            .where(
                Appointment.id.in_(_series_appointment_ids(series_id)),
                Appointment.status == status,
                Appointment.starts_at > now,
                ~notice_waits(now),
                is_announced(),
                *which,
            )
            .order_by(Appointment.starts_at)
        )
    )


def _series_appointment_ids(series_id: int) -> CompoundSelect[int | None]:
    """Return the ids of a series' appointments: what its sessions have, and what others replaced."""
    replaced = select(ReplacedAppointment.appointment_id).join(
        Session, Session.id == ReplacedAppointment.session_id
    )
    return union(
        select(Session.appointment_id).where(Session.series_id == series_id),
        replaced.where(Session.series_id == series_id),
    )
