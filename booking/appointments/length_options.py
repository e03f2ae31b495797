"""How long an appointment may take from its own start, and what stands against each other length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.appointments.attendance import is_its_day
from booking.appointments.conflicts import list_occupying_appointments
from booking.appointments.exemptions import get_exempt_rules
from booking.appointments.free_resources import compute_starts_by_resource
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.appointments.operations import location_of
from booking.appointments.patient_rules import list_patient_rules
from booking.appointments.rules import (
    LENGTHS,
    Action,
    ActionNotAllowed,
    Status,
    require_action_allowed,
    require_length_allowed,
)
from booking.calendars import availability
from booking.calendars import operations as calendars
from booking.calendars.local_days import CELL_MINUTES
from booking.calendars.overrides import CalendarRule, widen_shift_rules
from booking.calendars.ruled_days import Blocker
from booking.calendars.ruled_starts import UnclaimedDay, read_unclaimed_days
from booking.calendars.rules import ResourceDemand
from booking.locations import operations as locations
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind

A_DAY = timedelta(days=1)  # other locations' days begin at other instants
# Of its own start nothing is asked: there it is
OF_START = frozenset({CalendarRule.GRID, CalendarRule.PAST})


@dataclass(frozen=True, slots=True)
class LengthOption:
    """A length (minutes, to `ends_at` in UTC), and what stands against it; nothing: it can be.

    `problem` is a code of `ActionNotAllowed`; `unavailable` are the room or chair the patient is in, where
    others have them by then.
    """

    extra_minutes: int
    minutes: int
    ends_at: datetime
    problem: str = ""
    blockers: Sequence[Blocker] = ()
    unavailable: Sequence[Resource] = ()

    @property
    def is_possible(self) -> bool:
        """Tell whether it can be."""
        return not (self.problem or self.blockers or self.unavailable)


@dataclass(frozen=True, slots=True)
class LengthBasis:
    """An appointment, what it claims, its day without it, and what else its patient has then."""

    appointment: Appointment
    resources: Sequence[Resource]
    day: UnclaimedDay
    others: Sequence[Appointment]


def list_length_options(appointment: Appointment, now: datetime) -> list[LengthOption]:
    """Return each length that an appointment could take, the shortest first, by a fixed number of queries."""
    basis = _read_basis(appointment, now)
    return [_describe(basis, extra_minutes, now) for extra_minutes in LENGTHS]


def get_length_demand(appointment: Appointment, extra_minutes: int) -> ResourceDemand:
    """Return what an appointment occupies with so many extra minutes: whoever sees the patient stays."""
    return _lengthen(appointment, _read_resources(appointment), extra_minutes)


def list_kept_ids(appointment: Appointment) -> list[int]:
    """Return the ids of what an appointment claims and keeps at any length: the room or chair it is in."""
    return [resource.id for resource in _filter_kept(appointment, _read_resources(appointment))]


def _read_basis(appointment: Appointment, now: datetime) -> LengthBasis:
    day = appointment.local_date
    (unclaimed,) = read_unclaimed_days(
        location_of(appointment), day, day, now, besides=appointment.id
    )
    others = (
        list_occupying_appointments(appointment.patient_id, day - A_DAY, day + A_DAY)
        if appointment.patient_id
        else []
    )
    others = [other for other in others if other.id != appointment.id]
    return LengthBasis(appointment, _read_resources(appointment), unclaimed, others)


def _read_resources(appointment: Appointment) -> list[Resource]:
    ids = calendars.claimed_resource_ids(appointment.id)
    return list(locations.get_resources(list(ids)).values())


def _lengthen(
    appointment: Appointment, resources: Iterable[Resource], extra_minutes: int
) -> ResourceDemand:
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    demand = get_demand(appointment, service).lengthened(extra_minutes - appointment.extra_minutes)
    people = (row.id for row in resources if row.kind is ResourceKind.PRACTITIONER)
    return replace(demand, step=CELL_MINUTES, practitioner_id=next(people, None))


def _filter_kept(appointment: Appointment, resources: Iterable[Resource]) -> list[Resource]:
    """Return the room or chair of somebody who is in it; whoever is to come may have another."""
    if appointment.status is not Status.ARRIVED:
        return []
    return [row for row in resources if row.kind in (ResourceKind.ROOM, ResourceKind.CHAIR)]


def _describe(basis: LengthBasis, extra_minutes: int, now: datetime) -> LengthOption:
    demand = _lengthen(basis.appointment, basis.resources, extra_minutes)
    usual_end = basis.appointment.starts_at + timedelta(minutes=demand.minutes - extra_minutes)
    return LengthOption(
        extra_minutes,
        demand.minutes,
        usual_end + timedelta(minutes=extra_minutes),
        _find_problem(basis.appointment, extra_minutes, usual_end, now),
        _list_blockers(basis, demand, now),
        _list_taken(basis, demand),
    )


def _find_problem(
    appointment: Appointment, extra_minutes: int, usual_end: datetime, now: datetime
) -> str:
    try:
        require_action_allowed(
            Action.CHANGE_LENGTH, appointment.status, appointment.starts_at, now,
            is_its_day=is_its_day(appointment, now),
        )  # fmt: skip
        require_length_allowed(extra_minutes, usual_end, now)
    except ActionNotAllowed as refusal:
        return refusal.reason
    return ""


def _list_blockers(basis: LengthBasis, demand: ResourceDemand, now: datetime) -> list[Blocker]:
    of_patient = list_patient_rules(basis.day.free.day, demand, basis.others, is_infusion=False)
    ruled = basis.day.ruled_by(demand, now).with_rules(of_patient)
    unasked = OF_START | widen_shift_rules(get_exempt_rules(basis.appointment))
    blockers = ruled.blockers_at(basis.appointment.starts_at)
    return [blocker for blocker in blockers if blocker.rule not in unasked]


def _list_taken(basis: LengthBasis, demand: ResourceDemand) -> list[Resource]:
    own_resources = _filter_kept(basis.appointment, basis.resources)
    starts = compute_starts_by_resource(demand, basis.day.free)
    cell = basis.day.free.day.cell_at(basis.appointment.starts_at) or 0
    return [resource for resource in own_resources if not starts.get(resource.id, 0) >> cell & 1]
