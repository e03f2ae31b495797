"""What a calendar draws of some days' appointments, read by few queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import operations as calendars
from booking.calendars.operations import ClaimedTime
from booking.calendars.queries import catalogue_version, days_version
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
    extra_minutes: int
    is_infusion: bool
    suspended_at: datetime | None
    confirmed_at: datetime | None
    patient: Patient | None
    claims: Sequence[ClaimedTime] = ()


COLUMNS = (
    *(Appointment.id, Appointment.version, Appointment.status, Appointment.service_id),
    *(Appointment.location_id, Appointment.local_date, Appointment.starts_at, Appointment.ends_at),
    *(Appointment.extra_minutes, Appointment.is_infusion, Appointment.suspended_at),
    Appointment.confirmed_at,
    Patient,
)
# On the local days [first, last], found by their starts' index
ON_DAYS = and_(
    Appointment.starts_at > bindparam("begins"),
    Appointment.starts_at < bindparam("ends"),
    Appointment.local_date.between(bindparam("first"), bindparam("last")),
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
        .where(Appointment.location_id.in_(location_ids), ON_DAYS, stands)
        .order_by(Appointment.starts_at, Appointment.id),
        _days_between(first, last),
    ).all()
    claims = calendars.claims_by_appointment([row.id for row in rows])
    values: list[tuple[Any, ...]] = [(*row, claims.get(row.id, ())) for row in rows]
    return [CalendarEntry(*each) for each in values]


def read_entries_stamp(location_ids: Collection[int], first: date, last: date) -> tuple[int, ...]:
    """Return the catalogue's version, and what changes with any appointment or claim of these local days.

    How many appointments there are on [first, last], their versions, and the days' own, from which some are
    moved away: together they never come again. One query asks for all.
    """
    statement, days = _stamp_of(tuple(location_ids)), _days_between(first, last)
    return tuple(db.session.connection().execute(statement, days).one())


@lru_cache(maxsize=64)
def _stamp_of(location_ids: tuple[int, ...]) -> Select[int, int, int, int]:
    """Return the question for the stamp at these locations: an open page asks it every few seconds."""
    ids = [literal_column(str(key), Integer) for key in location_ids]
    versions = func.coalesce(func.sum(Appointment.version), 0)
    of_days = days_version(ids, bindparam("first", type_=Date), bindparam("last", type_=Date))
    return select(catalogue_version(), func.count(), versions, of_days).where(
        Appointment.location_id.in_(ids), ON_DAYS
    )


def _days_between(first: date, last: date) -> dict[str, date]:
    """Return the parameters of `ON_DAYS`."""
    begins, ends = (datetime.combine(day, datetime.min.time(), UTC) for day in (first, last))
    instants = {"begins": begins - ZONES_DIFFER, "ends": ends + 2 * ZONES_DIFFER}
    return {**instants, "first": first, "last": last}
