"""Appointments that can't take place as they are booked, and the calls that somebody makes about them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, select, true, update

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars import offering
from booking.calendars.catalogue import Catalogue, Offer
from booking.calendars.deadlines import before_open_days
from booking.calendars.fitting import BookedTime, Kept, Misfit, Unfit, unfit
from booking.calendars.models import Claim
from booking.calendars.places import Place
from booking.calendars.rules import Demand, Need
from booking.db import transaction
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
)
AppointmentRow = Row[*tuple[Any, ...]]  # of COLUMNS
KeptById = Mapping[int, tuple[Kept, ...]]


@dataclass(frozen=True, slots=True)
class Impossible:
    """An appointment that can't take place as booked.

    `zone` is the one its local time was promised in; the patient is called in the hours of `callers`.
    """

    appointment_id: int
    reference: str
    sequence: int
    starts_at: datetime
    zone: ZoneInfo
    callers: tuple[Place, ...]
    unfit: Unfit

    @property
    def why(self) -> Misfit:
        """The reason, as a code."""
        return self.unfit.why


Impossibles = Mapping[int, Impossible]  # by appointment id, in order of time


def demand_of(visit: AppointmentRow | Appointment, offer: Offer) -> Demand:
    """Return what an appointment occupies as the clinic works now, wherever it is moved.

    An infusion keeps the needs and minutes it was prescribed with; anything else takes its service's.
    """
    if not visit.is_infusion:
        return offer.demand
    needs = tuple(Need.from_data(need) for need in visit.needs)
    return Demand(needs, minutes_of(visit), offer.step, prescriber=True)


def minutes_of(visit: AppointmentRow | Appointment) -> int:
    """Return how long an appointment is for its patient."""
    return int((visit.ends_at - visit.starts_at) // MINUTE)


def find_impossible(
    catalogue: Catalogue, now: datetime, ids: Collection[int] | None = None
) -> Impossibles:
    """Return the booked appointments to come (of these ids, or all) that can't take place, soonest first."""
    coming = Appointment.starts_at > now
    of_these = true() if ids is None else Appointment.id.in_(ids)
    return _judged(catalogue, coming, of_these)


def impossible_among(ids: Collection[int]) -> set[int]:
    """Return which of these appointments are booked and can't take place by the clinic as it is now."""
    return set(_judged(offering.catalogue(), Appointment.id.in_(ids))) if ids else set()


def _judged(catalogue: Catalogue, *which: ColumnElement[bool]) -> Impossibles:
    """Judge booked appointments by two queries, however many there are."""
    booked = (Appointment.status == Status.BOOKED, *which)
    kept = _kept(*booked)
    rows = db.session.execute(select(*COLUMNS).where(*booked).order_by(Appointment.starts_at))
    answers = [(row, _unfit(row, kept.get(row.id, ()), catalogue)) for row in rows]
    return {row.id: _impossible(row, found, catalogue) for row, found in answers if found}


def can_take_place(appointment: Appointment) -> bool:
    """Tell whether an appointment, or a hold, is still possible by the clinic as it is now."""
    kept = _kept(Appointment.id == appointment.id).get(appointment.id, ())
    return _unfit(appointment, kept, offering.catalogue()) is None


def _kept(*which: ColumnElement[bool]) -> KeptById:
    claims = (
        select(Claim.appointment_id, Claim.resource_id, Resource.kind, Claim.starts_at, Claim.ends_at)
        .join(Appointment, Appointment.id == Claim.appointment_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(*which)
    )  # fmt: skip
    kept: dict[int, tuple[Kept, ...]] = {}
    for appointment_id, resource_id, kind, starts_at, ends_at in db.session.execute(claims):
        one = Kept(resource_id, kind, starts_at, ends_at)
        kept[appointment_id] = (*kept.get(appointment_id, ()), one)
    return kept


def _unfit(
    row: AppointmentRow | Appointment, kept: tuple[Kept, ...], catalogue: Catalogue
) -> Unfit | None:
    place = catalogue.places_by_id[row.location_id]
    offer = catalogue.offers_by_id[row.service_id]
    if place.slug not in catalogue.places:
        return Unfit(Misfit.LOCATION_GONE)
    if offer.slug not in catalogue.offers:
        return Unfit(Misfit.SERVICE_GONE)
    demand, zone = demand_of(row, offer), ZoneInfo(row.time_zone)
    return unfit(BookedTime(row.starts_at, minutes_of(row), zone, demand, kept), place)


def _impossible(row: AppointmentRow, found: Unfit, catalogue: Catalogue) -> Impossible:
    callers: tuple[Place, ...] = (catalogue.places_by_id[row.location_id],)
    if found.why is Misfit.LOCATION_GONE:
        callers = tuple(catalogue.places.values())
    zone = ZoneInfo(row.time_zone)
    return Impossible(row.id, row.reference, row.sequence, row.starts_at, zone, callers, found)


@transaction()
def settle_calls(before: Impossibles, after: Impossibles, now: datetime) -> None:
    """Have somebody call about each appointment of `after`, and nobody about those of `before` alone.

    The same question again asks for no second call, though the first was made. The version of each
    appointment whose answer has changed counts up, so that its messages are derived anew.
    """
    changed = {one for one in before.keys() | after.keys() if _why(before, one) != _why(after, one)}
    called = tasks.subjects_of_kind(TaskKind.MOVE_APPOINTMENT, SUBJECT)
    opened = {one for one in after if one in changed or one not in called}
    for one in sorted(opened, key=lambda one: after[one].starts_at):
        ask_for_call(after[one], now)
    settled = _settled(now) - after.keys()
    for one in sorted(settled):
        settle_call(one, now)
    _count_up(changed | opened | settled)


def _settled(now: datetime) -> set[int]:
    """Return the appointments with an open call that are still to come, or are booked no longer.

    Of one whose time went by with nobody called, the call stays.
    """
    open_calls = tasks.subjects_of_kind(TaskKind.MOVE_APPOINTMENT, SUBJECT, is_open=True)
    gone_by = select(Appointment.id).where(
        Appointment.id.in_(open_calls),
        Appointment.status == Status.BOOKED,
        Appointment.starts_at <= now,
    )
    return open_calls - set(db.session.scalars(gone_by))


@transaction()
def ask_for_call(impossible: Impossible, now: datetime) -> None:
    """Give the desk the task of calling the patient, in the order of the appointments' times."""
    due = before_open_days(impossible.callers, impossible.starts_at, now, CALL_DAYS_BEFORE)
    tasks.open_task(
        TaskKind.MOVE_APPOINTMENT, Owner.FRONT_DESK, SUBJECT, impossible.appointment_id,
        due.at, now, why=impossible.why.value, sequence=impossible.sequence,
    )  # fmt: skip


@transaction()
def ask_for_first_call(impossible: Impossible, now: datetime) -> None:
    """As `ask_for_call`, unless somebody was ever asked to call about this appointment."""
    called = tasks.subjects_of_kind(TaskKind.MOVE_APPOINTMENT, SUBJECT, [impossible.appointment_id])
    if not called:
        ask_for_call(impossible, now)


@transaction()
def settle_call(appointment_id: int, now: datetime) -> None:
    """Nobody needs to call about an appointment any more: it can take place, or is no longer booked."""
    tasks.settle(TaskKind.MOVE_APPOINTMENT, SUBJECT, appointment_id, now)


@transaction()
def ask_anew(appointment_id: int, now: datetime) -> None:
    """An appointment has another time or place: the call is settled, unless it can't be there either."""
    settle_call(appointment_id, now)
    for impossible in find_impossible(offering.catalogue(), now, [appointment_id]).values():
        ask_for_call(impossible, now)


def _why(impossible: Impossibles, appointment_id: int) -> tuple[Unfit, int] | None:
    found = impossible.get(appointment_id)
    return (found.unfit, found.sequence) if found else None


def _count_up(ids: Collection[int]) -> None:
    if ids:
        changed = update(Appointment).where(Appointment.id.in_(ids))
        db.session.execute(
            changed.values(version=Appointment.version + 1),
            execution_options={"synchronize_session": False},
        )
