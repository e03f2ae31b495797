"""What takes a person's time and days: one set of states, asked of all their records and locations."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.rules import DAY_TAKING_OUTCOMES, OCCUPYING_STATES
from booking.extensions import db
from booking.patients import operations as patients

OCCUPIES_TIME = Appointment.status.in_(OCCUPYING_STATES)
OCCUPIES_DAY = Appointment.is_infusion & (
    OCCUPIES_TIME | Appointment.outcome.in_(DAY_TAKING_OUTCOMES)
)


def list_occupying_appointments(patient_id: int, first: date, last: date) -> list[Appointment]:
    """Return what may stand in the way of a person's appointments on local days [first, last].

    That is what takes their time, and infusions that take the day, given ones too.
    """
    of_patient = Appointment.patient_id.in_(patients.list_record_ids(patient_id))
    in_range = Appointment.local_date.between(first, last)
    return list(
        db.session.scalars(
            select(Appointment).where(of_patient, in_range, OCCUPIES_TIME | OCCUPIES_DAY)
        )
    )


def conflicts_with(
    other: Appointment,
    starts_at: datetime,
    ends_at: datetime,
    local_date: date,
    *,
    is_infusion: bool,
) -> bool:
    """Tell whether `other` (of `list_occupying_appointments`) forbids its patient another appointment."""
    if is_at_same_time(other, starts_at, ends_at):
        return True
    return is_infusion and takes_day_of_infusion(other, local_date)


def is_at_same_time(other: Appointment, starts_at: datetime, ends_at: datetime) -> bool:
    """Tell whether `other` (of `list_occupying_appointments`) takes its patient's time then."""
    is_occupying = other.status in OCCUPYING_STATES
    return is_occupying and other.starts_at < ends_at and other.ends_at > starts_at


def takes_day_of_infusion(other: Appointment, local_date: date) -> bool:
    """Tell whether `other` is an infusion that leaves its patient no other on a local day."""
    return other.is_infusion and other.local_date == local_date


def is_free_across_records(appointment: Appointment, record_ids: Collection[int]) -> bool:
    """Tell whether the person can be there, by their other records; the database keeps each by itself."""
    other_ids = [record_id for record_id in record_ids if record_id != appointment.patient_id]
    if not other_ids:
        return True
    overlapping = (
        Appointment.ends_at > appointment.starts_at,
        Appointment.starts_at < appointment.ends_at,
    )
    same_day = (
        OCCUPIES_DAY & (Appointment.local_date == appointment.local_date) & appointment.is_infusion
    )
    clash = select(Appointment.id).where(
        Appointment.patient_id.in_(other_ids),
        (OCCUPIES_TIME & overlapping[0] & overlapping[1]) | same_day,
    )
    return db.session.scalar(clash.limit(1)) is None
