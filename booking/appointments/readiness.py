"""Whether a patient is ready for an infusion: asked by link from the evening before, anew after a move."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.appointments.limits import readiness_time
from booking.appointments.models import Appointment, ReadinessResponse
from booking.appointments.operations import confirm, lock_for_change
from booking.appointments.rules import Status
from booking.audit import operations as audit
from booking.calendars.local_days import resolve_wall_clock
from booking.db.transactions import transaction
from booking.extensions import db


class ReadinessClosed(Exception):
    """Nobody is asked now: it is no booked infusion, too early, or it has begun."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was answered: a ride home is arranged; ate and drank as told; feels well enough to come."""

    has_ride: bool
    is_fasting: bool
    is_well: bool

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way; otherwise a person has to talk with the patient."""
        return self.has_ride and self.is_fasting and self.is_well


def readiness_asked_at(appointment: Appointment) -> datetime:
    """Return from when the patient is asked: the evening before, by the location's clock; in UTC."""
    day_before = appointment.local_date - timedelta(days=1)
    return resolve_wall_clock(day_before, readiness_time(), ZoneInfo(appointment.time_zone))


def asks_readiness(appointment: Appointment, now: datetime) -> bool:
    """Tell whether the patient is asked now: of a booked infusion, from the evening before to its start."""
    is_booked = appointment.is_infusion and appointment.status is Status.BOOKED
    return is_booked and readiness_asked_at(appointment) <= now < appointment.starts_at


@transaction()
def save_readiness(appointment_id: int, readiness: Readiness, now: datetime, actor: str) -> None:
    """Keep what the patient answers; a later answer takes its place, and who is ready confirms to come.

    Raises `ReadinessClosed`.
    """
    appointment = lock_for_change(appointment_id, None)
    if not asks_readiness(appointment, now):
        raise ReadinessClosed
    response = ReadinessResponse(
        appointment_id=appointment.id,
        sequence=appointment.sequence,
        has_ride=readiness.has_ride,
        is_fasting=readiness.is_fasting,
        is_well=readiness.is_well,
        answered_at=now,
    )
    db.session.merge(response)
    audit.record(actor, "answer_readiness", "appointment", appointment.id, now)
    if readiness.is_ready:
        confirm(appointment.id, now, actor)


def readiness_by_appointment(appointment_ids: Collection[int]) -> dict[int, Readiness]:
    """Return what was answered, by appointment; an answer of before a move is none."""
    rows = db.session.scalars(
        select(ReadinessResponse)
        .join(Appointment, Appointment.id == ReadinessResponse.appointment_id)
        .where(
            ReadinessResponse.appointment_id.in_(appointment_ids),
            ReadinessResponse.sequence == Appointment.sequence,
        )
    )
    return {
        row.appointment_id: Readiness(row.has_ride, row.is_fasting, row.is_well) for row in rows
    }
