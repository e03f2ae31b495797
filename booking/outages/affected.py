"""Whom an outage hits: who can't come as booked, who might make room for them, and who is here already."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true

from booking.appointments.impossible import list_impossible_appointments
from booking.appointments.models import Appointment
from booking.appointments.resource_exchange import INTERCHANGEABLE
from booking.appointments.rules import Status
from booking.calendars.catalogue import Catalogue, read_catalogue
from booking.calendars.models import Claim
from booking.extensions import db
from booking.locations.models import Outage, Resource
from booking.locations.rules import ResourceKind
from booking.outages.models import AffectedAppointment, AffectedPatient
from booking.outages.queries import list_undecided_outages
from booking.outages.rules import NOTICE, OPEN_ANSWERS, PLANNED_AHEAD
from booking.staff.models import Shift


@dataclass(frozen=True, slots=True)
class Affected:
    """Appointments in order of time: `hit` can't take place, `giving_way` could, unless others need the room.

    `in_building`: they have what is missing, their patients are here, and they are never moved.
    `exchangeable_ids` of those hit are kept from their time by what is interchangeable alone: a chair, a
    seat. `companions` are of the same series as one that is hit, and move where that finds it a time; none,
    where each stays as it is. So many as `seen_to_count` can't take place in that time either, and are seen
    to for another reason already.
    """

    hit: tuple[Appointment, ...]
    giving_way: tuple[Appointment, ...]
    in_building: tuple[Appointment, ...]
    exchangeable_ids: frozenset[int]
    companions: tuple[Appointment, ...] = ()
    seen_to_count: int = 0


def list_affected(outage: Outage, catalogue: Catalogue, now: datetime) -> Affected:
    """Return whom an outage hits, of those who are not another outage's already."""
    during = _list_conditions(outage, now)
    impossibles = list_impossible_appointments(catalogue, now)
    own_ids = _filter_own(outage, impossibles, now) - filter_asked(impossibles)
    hit = _list_appointments(*during, Appointment.id.in_(own_ids))
    seen_to_ids = filter_during(outage, impossibles.keys() - own_ids, now)
    exchangeable = {key for key, each in impossibles.items() if each.reason in INTERCHANGEABLE}
    exchangeable_ids = frozenset(exchangeable & {appointment.id for appointment in hit})
    in_building = _list_appointments(*during, _is_used_by(outage), status=Status.ARRIVED)
    giving_way = _list_giving_way([each for each in hit if each.id in exchangeable_ids], now)
    return Affected(
        *(tuple(hit), tuple(giving_way), tuple(in_building), exchangeable_ids),
        seen_to_count=len(seen_to_ids),
    )


def _filter_own(outage: Outage, appointment_ids: Collection[int], now: datetime) -> set[int]:
    """Return those that no later outage makes impossible, and no earlier one that is undecided."""
    own_ids = _filter_impossible_by(outage.id, appointment_ids, now)
    before_ids = _filter_impossible_by(outage.id - 1, own_ids, now)
    for earlier in list_undecided_outages():
        if earlier.id < outage.id:
            own_ids -= filter_during(earlier, before_ids, now)
    return own_ids


def _filter_impossible_by(
    last_outage_id: int, appointment_ids: Collection[int], now: datetime
) -> set[int]:
    """Return those that were impossible if no outage had been recorded after this one."""
    catalogue = read_catalogue(last_outage_id=last_outage_id)
    return set(list_impossible_appointments(catalogue, now, appointment_ids))


def filter_during(outage: Outage, appointment_ids: Collection[int], now: datetime) -> set[int]:
    """Return those of these appointments that are where and when an outage is."""
    rows = select(Appointment.id).where(
        Appointment.id.in_(appointment_ids), *_list_conditions(outage, now)
    )
    return set(db.session.scalars(rows))


def list_outage_locations(outage: Outage) -> list[int]:
    """Return the ids of the locations at which an outage is felt."""
    if outage.location_id is not None:
        return [outage.location_id]
    if outage.resource_id is not None:
        resource = db.session.get_one(Resource, outage.resource_id)
        return [resource.location_id] if resource.location_id is not None else []
    shifts = select(Shift.location_id).where(Shift.staff_id == outage.staff_id)
    return sorted(set(db.session.scalars(shifts)))


def get_planned_end(outage: Outage, now: datetime) -> datetime:
    """Return until when an outage is planned for: its end, or two weeks from its beginning or from now on."""
    return outage.ends_at or max(outage.starts_at, now) + PLANNED_AHEAD


def _list_conditions(outage: Outage, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Appointment.location_id.in_(list_outage_locations(outage)),
        Appointment.ends_at > outage.starts_at,
        Appointment.starts_at < get_planned_end(outage, now),
        Appointment.ends_at > now,
    )


def _is_used_by(outage: Outage) -> ColumnElement[bool]:
    """Return the condition of an appointment that has what is missing: of a nurse, any seat."""
    if outage.location_id is not None:
        return true()
    missing = Resource.id == outage.resource_id
    if outage.staff_id is not None:
        own = select(Resource.id).where(Resource.staff_id == outage.staff_id)
        is_own = Resource.staff_id == outage.staff_id
        missing = is_own | (~own.exists() & (Resource.kind == ResourceKind.SEAT))
    claims = select(Claim.appointment_id).join(Resource, Resource.id == Claim.resource_id)
    return Appointment.id.in_(claims.where(missing))


def filter_asked(appointment_ids: Collection[int]) -> set[int]:
    """Return those of these appointments about which a patient is asked already."""
    open_appointments = (
        select(AffectedAppointment.appointment_id)
        .join(AffectedPatient, AffectedPatient.id == AffectedAppointment.affected_patient_id)
        .where(
            AffectedAppointment.appointment_id.in_(appointment_ids),
            AffectedPatient.status.in_(OPEN_ANSWERS),
        )
    )
    return set(db.session.scalars(open_appointments))


def _list_giving_way(hit: Collection[Appointment], now: datetime) -> list[Appointment]:
    """Return the infusions that take the same kind of chair or nurse at the same time as one that is hit."""
    if not hit:
        return []
    at_the_same_time = or_(
        *(
            (Appointment.location_id == each.location_id)
            & (Appointment.starts_at < each.ends_at)
            & (Appointment.ends_at > each.starts_at)
            for each in hit
        )
    )
    return _list_appointments(
        at_the_same_time,
        Appointment.is_infusion.is_(True),
        Appointment.starts_at > now + NOTICE,
        Appointment.id.not_in([each.id for each in hit]),
    )


def _list_appointments(
    *conditions: ColumnElement[bool], status: Status = Status.BOOKED
) -> list[Appointment]:
    rows = select(Appointment).where(Appointment.status == status, *conditions)
    return list(db.session.scalars(rows.order_by(Appointment.starts_at, Appointment.id)))
