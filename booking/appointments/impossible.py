"""Appointments that can't take place as they are booked, and the calls that somebody makes about them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, select, true, update

from booking.appointments.exemptions import get_exempt_rules
from booking.appointments.guards import filter_handled
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import availability
from booking.calendars.catalogue import BookableService, Catalogue
from booking.calendars.deadlines import before_business_days
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.misfits import (
    BookedAppointment,
    ClaimedResource,
    Misfit,
    MisfitReason,
    find_misfit,
)
from booking.calendars.models import Claim
from booking.calendars.rules import ResourceDemand, ResourceNeed
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Resource
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind

SUBJECT = "appointment"
CALL_DAYS_BEFORE = 2  # days of opening before the appointment's by which its patient is called
MINUTE = timedelta(minutes=1)
COLUMNS = (
    *(Appointment.id, Appointment.reference, Appointment.starts_at, Appointment.ends_at),
    *(Appointment.time_zone, Appointment.location_id, Appointment.service_id),
    *(Appointment.needs, Appointment.is_infusion, Appointment.sequence),
    *(Appointment.exempt_rules, Appointment.extra_minutes),
)
AppointmentRow = Row[*tuple[Any, ...]]  # of COLUMNS
KeptById = Mapping[int, tuple[ClaimedResource, ...]]


@dataclass(frozen=True, slots=True)
class MisfitAppointment:
    """An appointment that can't take place as booked.

    `zone` is the one its local time was promised in; the patient is called in the hours of `callers`.
    """

    appointment_id: int
    reference: str
    sequence: int
    starts_at: datetime
    zone: ZoneInfo
    callers: tuple[LocationCalendar, ...]
    problem: Misfit

    @property
    def reason(self) -> MisfitReason:
        """The reason, as a code."""
        return self.problem.reason


Impossibles = Mapping[int, MisfitAppointment]  # by appointment id, in order of time


def get_demand(
    appointment: AppointmentRow | Appointment, service: BookableService
) -> ResourceDemand:
    """Return what an appointment occupies as the clinic works now, wherever it is moved.

    An infusion keeps the needs and minutes it has; anything else takes its service's, and its extra minutes.
    """
    if not appointment.is_infusion:
        return service.demand.lengthened(appointment.extra_minutes)
    needs = tuple(ResourceNeed.from_dict(need) for need in appointment.needs)
    return ResourceDemand(needs, get_minutes(appointment), service.step, prescriber=True)


def get_minutes(appointment: AppointmentRow | Appointment) -> int:
    """Return how long an appointment is for its patient."""
    return int((appointment.ends_at - appointment.starts_at) // MINUTE)


def list_impossible_appointments(
    catalogue: Catalogue, now: datetime, ids: Collection[int] | None = None
) -> Impossibles:
    """Return the booked appointments to come (of these ids, or all) that can't take place, soonest first."""
    upcoming = Appointment.starts_at > now
    of_these = true() if ids is None else Appointment.id.in_(ids)
    return _check_all(catalogue, upcoming, of_these)


def filter_impossible(ids: Collection[int]) -> set[int]:
    """Return which of these appointments are booked and can't take place by the clinic as it is now."""
    return (
        set(_check_all(availability.current_catalogue(), Appointment.id.in_(ids))) if ids else set()
    )


def _check_all(catalogue: Catalogue, *which: ColumnElement[bool]) -> Impossibles:
    """Judge booked appointments by two queries, however many there are."""
    booked_ones = (Appointment.status == Status.BOOKED, *which)
    claims_by_appointment = _claims_kept(*booked_ones)
    rows = db.session.execute(select(*COLUMNS).where(*booked_ones).order_by(Appointment.starts_at))
    answers = [(row, _unfit(row, claims_by_appointment.get(row.id, ()), catalogue)) for row in rows]
    return {row.id: _impossible(row, misfit, catalogue) for row, misfit in answers if misfit}


def is_still_possible(appointment: Appointment) -> bool:
    """Tell whether an appointment, or a hold, is still possible by the clinic as it is now."""
    claims = _claims_kept(Appointment.id == appointment.id).get(appointment.id, ())
    return _unfit(appointment, claims, availability.current_catalogue()) is None


def _claims_kept(*which: ColumnElement[bool]) -> KeptById:
    claims = (
        select(Claim.appointment_id, Claim.resource_id, Resource.kind, Claim.starts_at, Claim.ends_at)
        .join(Appointment, Appointment.id == Claim.appointment_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(*which)
    )  # fmt: skip
    claims_by_appointment: dict[int, tuple[ClaimedResource, ...]] = {}
    for appointment_id, resource_id, kind, starts_at, ends_at in db.session.execute(claims):
        claim = ClaimedResource(resource_id, kind, starts_at, ends_at)
        claims_by_appointment[appointment_id] = (
            *claims_by_appointment.get(appointment_id, ()),
            claim,
        )
    return claims_by_appointment


def _unfit(
    row: AppointmentRow | Appointment, claims: tuple[ClaimedResource, ...], catalogue: Catalogue
) -> Misfit | None:
    location = catalogue.locations_by_id[row.location_id]
    service = catalogue.services_by_id[row.service_id]
    if location.slug not in catalogue.locations:
        return Misfit(MisfitReason.LOCATION_GONE)
    if service.slug not in catalogue.services:
        return Misfit(MisfitReason.SERVICE_GONE)
    demand, zone = get_demand(row, service), ZoneInfo(row.time_zone)
    return find_misfit(
        BookedAppointment(
            row.starts_at, get_minutes(row), zone, demand, claims, get_exempt_rules(row)
        ),
        location,
    )


def _impossible(row: AppointmentRow, misfit: Misfit, catalogue: Catalogue) -> MisfitAppointment:
    callers: tuple[LocationCalendar, ...] = (catalogue.locations_by_id[row.location_id],)
    if misfit.reason is MisfitReason.LOCATION_GONE:
        callers = tuple(catalogue.locations.values())
    zone = ZoneInfo(row.time_zone)
    return MisfitAppointment(
        row.id, row.reference, row.sequence, row.starts_at, zone, callers, misfit
    )


@transaction()
def update_call_tasks(before: Impossibles, after: Impossibles, now: datetime) -> None:
    """Have somebody call about each appointment of `after`, and nobody about those of `before` alone.

    The same question again asks for no second call, though the first was made. The version of each
    appointment whose answer has changed counts up, so that its messages are derived anew.
    """
    changed_ids = {
        appointment_id
        for appointment_id in before.keys() | after.keys()
        if _reason_and_version(before, appointment_id) != _reason_and_version(after, appointment_id)
    }
    ids_with_task = tasks.filter_subjects(TaskKind.MOVE_APPOINTMENT, SUBJECT)
    new_ids = {key for key in after if key in changed_ids or key not in ids_with_task}
    new_ids -= filter_handled(new_ids)
    for key in sorted(new_ids, key=lambda key: after[key].starts_at):
        open_call_task(after[key], now)
    settled_ids = _close_tasks(now) - after.keys()
    for key in sorted(settled_ids):
        close_call_task(key, now)
    _increment_versions(changed_ids | new_ids | settled_ids)


def _close_tasks(now: datetime) -> set[int]:
    """Return the appointments with an open call that are still to come, or are booked no longer.

    Of one whose time went by with nobody called, the call stays.
    """
    open_calls = tasks.list_open_subjects(TaskKind.MOVE_APPOINTMENT, SUBJECT)
    gone_by = select(Appointment.id).where(
        Appointment.id.in_(open_calls),
        Appointment.status == Status.BOOKED,
        Appointment.starts_at <= now,
    )
    return open_calls - set(db.session.scalars(gone_by))


@transaction()
def open_call_task(impossible: MisfitAppointment, now: datetime) -> None:
    """Give the desk the task of calling the patient, in the order of the appointments' times."""
    deadline = before_business_days(impossible.callers, impossible.starts_at, now, CALL_DAYS_BEFORE)
    tasks.open_task(
        TaskKind.MOVE_APPOINTMENT, Owner.FRONT_DESK, SUBJECT, impossible.appointment_id,
        deadline.at, now, why=impossible.reason.value, sequence=impossible.sequence,
    )  # fmt: skip


@transaction()
def open_call_task_once(impossible: MisfitAppointment, now: datetime) -> None:
    """As `open_call_task`, unless somebody was ever asked to call about this appointment."""
    ids_with_task = tasks.filter_subjects(
        TaskKind.MOVE_APPOINTMENT, SUBJECT, [impossible.appointment_id]
    )
    if not ids_with_task and not filter_handled([impossible.appointment_id]):
        open_call_task(impossible, now)


@transaction()
def close_call_task(appointment_id: int, now: datetime) -> None:
    """Nobody needs to call about an appointment any more: it can take place, or is no longer booked."""
    tasks.close_fulfilled_task(TaskKind.MOVE_APPOINTMENT, SUBJECT, appointment_id, now)


@transaction()
def reopen_call_task(appointment_id: int, now: datetime) -> None:
    """An appointment has another time or place: the call is settled, unless it can't be there either."""
    close_call_task(appointment_id, now)
    for impossible in list_impossible_appointments(
        availability.current_catalogue(), now, [appointment_id]
    ).values():
        open_call_task(impossible, now)


def _reason_and_version(impossibles: Impossibles, appointment_id: int) -> tuple[Misfit, int] | None:
    impossible = impossibles.get(appointment_id)
    return (impossible.problem, impossible.sequence) if impossible else None


def _increment_versions(ids: Collection[int]) -> None:
    if ids:
        increment = update(Appointment).where(Appointment.id.in_(ids))
        db.session.execute(
            increment.values(version=Appointment.version + 1),
            execution_options={"synchronize_session": False},
        )
