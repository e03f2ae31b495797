"""What a calendar draws of some days' appointments, read by few queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import operations as calendars
from booking.calendars.operations import ClaimedTime
from booking.extensions import db
from booking.patients.models import Patient

ZONES_DIFFER = timedelta(days=1)  # between a local day's instants and those of the same day in UTC
CURRENT = (Status.BOOKED, Status.ARRIVED, Status.FULFILLED, Status.NOSHOW)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One appointment of a calendar; without a patient, a time that is held while somebody books it."""

    id: int
    version: int
    status: Status
    service_id: int
    location_id: int
    local_date: date
    starts_at: datetime
    ends_at: datetime
    is_infusion: bool
    suspended_at: datetime | None
    confirmed_at: datetime | None
    patient: Patient | None
    claims: Sequence[ClaimedTime] = ()


COLUMNS = (
    *(Appointment.id, Appointment.version, Appointment.status, Appointment.service_id),
    *(Appointment.location_id, Appointment.local_date, Appointment.starts_at, Appointment.ends_at),
    *(Appointment.is_infusion, Appointment.suspended_at, Appointment.confirmed_at),
    Patient,
)
EntryRow = Row[*tuple[Any, ...]]  # of COLUMNS


def list_calendar_entries(
    location_ids: Collection[int], first: date, last: date, now: datetime
) -> list[CalendarEntry]:
    """Return what stands, or took place, on local days [first, last], and what is held now, by start."""
    stands = or_(
        Appointment.status.in_(CURRENT),
        and_(Appointment.status == Status.PENDING, Appointment.expires_at > now),
    )
    rows: Sequence[EntryRow] = db.session.execute(
        select(*COLUMNS)
        .outerjoin(Patient, Patient.id == Appointment.patient_id)
        .where(on_days(location_ids, first, last), stands)
        .order_by(Appointment.starts_at, Appointment.id)
    ).all()
    claims = calendars.claims_by_appointment([row.id for row in rows])
    values: list[tuple[Any, ...]] = [(*row, claims.get(row.id, ())) for row in rows]
    return [CalendarEntry(*each) for each in values]


def read_entries_stamp(location_ids: Collection[int], first: date, last: date) -> tuple[int, int]:
    """Return what changes with any appointment of these days: how many there are, and their versions.

    Together with the versions of the days, from which appointments are moved away, it never comes again.
    """
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Appointment.version), 0)).where(
            on_days(location_ids, first, last)
        )
    ).one()
    return row[0], row[1]


def on_days(location_ids: Collection[int], first: date, last: date) -> ColumnElement[bool]:
    """Select the appointments of local days [first, last] at some locations, by their starts' index."""
    midnight = datetime.min.time()
    begins, ends = (datetime.combine(day, midnight, UTC) for day in (first, last))
    return and_(
        Appointment.location_id.in_(location_ids),
        Appointment.starts_at > begins - ZONES_DIFFER,
        Appointment.starts_at < ends + 2 * ZONES_DIFFER,
        Appointment.local_date.between(first, last),
    )
