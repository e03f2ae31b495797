"""Whether an appointment can still take place as it is booked: asked of the rule that offers times."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.calendars.local_days import CELL_MINUTES, LocalDay
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import NO_RULES, CalendarRule, Rules, exempt_demand
from booking.calendars.rules import FreeCells, ResourceDemand, compute_start_cells
from booking.locations.rules import ResourceKind


class MisfitReason(StrEnum):
    """Why an appointment can't take place as it is booked."""

    LOCATION_GONE = "location_gone"
    SERVICE_GONE = "service_gone"
    OTHER_LOCAL_TIME = "other_local_time"  # the location's zone is another than when it was booked
    CLOSED = "closed"  # a closure, a holiday, or closed for once
    OUTSIDE_HOURS = "outside_hours"
    RESOURCE_GONE = "resource_gone"  # the room, chair or practitioner
    PRACTITIONER_AWAY = "practitioner_away"
    TOO_FEW_NURSES = "too_few_nurses"
    NO_PRESCRIBER = "no_prescriber"  # nobody who may prescribe is there throughout an infusion
    RELEASED = "released"  # its time was given up, for another that nobody has agreed to yet
    TAKES_LONGER = "takes_longer"  # its service needs more, or for longer, than is kept for it


@dataclass(frozen=True, slots=True)
class ClaimedResource:
    """What an appointment keeps of a resource: [starts_at, ends_at), in UTC."""

    resource_id: int
    kind: ResourceKind
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class BookedAppointment:
    """An appointment's time, and what is kept for it.

    `zone` is the one in which its local time was promised; `minutes` are what the patient was told.
    `demand` is what it needs as the clinic works now; `exempt` are rules against which it was booked.
    """

    starts_at: datetime
    minutes: int
    zone: ZoneInfo
    demand: ResourceDemand
    claims: tuple[ClaimedResource, ...]
    exempt: Rules = NO_RULES


@dataclass(frozen=True, slots=True)
class Misfit:
    """The appointment can't take place; `resource_id` is what is missing where one resource is."""

    reason: MisfitReason
    resource_id: int | None = None


def find_misfit(booking: BookedAppointment, location: LocationCalendar) -> Misfit | None:
    """Return why an appointment can't take place at `location` as it is booked; None when it can.

    What is offered can be booked, and what is booked stays possible by the same rule: its start must
    be a possible one on a day on which only the time it keeps is free.
    """
    if not _keeps_local_time(booking, location.zone):
        return Misfit(MisfitReason.OTHER_LOCAL_TIME)
    if booking.demand.needs and not booking.claims:
        return Misfit(MisfitReason.RELEASED)
    day = location.local_day(booking.starts_at.astimezone(location.zone).date())
    if not _is_possible(booking, booking.demand, day, location):
        return _reason(booking, day, location)
    is_longer = booking.demand.minutes > booking.minutes
    return Misfit(MisfitReason.TAKES_LONGER) if is_longer else None


def _keeps_local_time(booking: BookedAppointment, zone: ZoneInfo) -> bool:
    """Tell whether the local clock shows what it showed when the time was promised."""
    promised, local_time = (
        booking.starts_at.astimezone(time_zone) for time_zone in (booking.zone, zone)
    )
    return promised.replace(tzinfo=None) == local_time.replace(tzinfo=None)


def _is_possible(
    booking: BookedAppointment, demand: ResourceDemand, day: LocalDay, location: LocationCalendar
) -> bool:
    start = day.cell_at(booking.starts_at)
    if start is None:
        return False
    at_any_time = replace(  # it may have been booked by another step
        exempt_demand(demand, booking.exempt), step=CELL_MINUTES
    )
    free = location.free_day(day.local_date, booking.exempt)
    starts = compute_start_cells(at_any_time, _free_without_others(booking, free))
    return bool(starts >> start & 1)


def _free_without_others(booking: BookedAppointment, location_free: FreeCells) -> FreeCells:
    """Return the day as if nothing but what the appointment keeps were free."""
    own_claims: dict[int, int] = {}
    for claim in booking.claims:
        cells = location_free.day.cells_touching(claim.starts_at, claim.ends_at)
        own_claims[claim.resource_id] = own_claims.get(claim.resource_id, 0) | cells
    free = {
        kind: {resource: cells & own_claims.get(resource, 0) for resource, cells in sets.items()}
        for kind, sets in location_free.free.items()
    }
    return FreeCells(location_free.day, free, location_free.prescriber)


def _reason(booking: BookedAppointment, day: LocalDay, location: LocationCalendar) -> Misfit:
    """Return the reason that explains the most: what concerns the whole place comes first."""
    used_cells = 0
    for claim in booking.claims:
        used_cells |= day.cells_touching(claim.starts_at, claim.ends_at)
    without_hours = booking.exempt | {CalendarRule.HOURS}
    if used_cells & ~location.open_cells(day, without_hours):
        return Misfit(MisfitReason.CLOSED)
    if used_cells & ~location.open_cells(day, booking.exempt):
        return Misfit(MisfitReason.OUTSIDE_HOURS)
    free = location.free_day(day.local_date, booking.exempt)
    for claim in booking.claims:
        present = free.by_kind(claim.kind).get(claim.resource_id)
        if present is None or day.cells_touching(claim.starts_at, claim.ends_at) & ~present:
            return Misfit(_missing_reason(claim.kind, is_gone=present is None), claim.resource_id)
    demand = replace(booking.demand, prescriber=False)
    without_prescriber = _is_possible(booking, demand, day, location)
    return Misfit(MisfitReason.NO_PRESCRIBER if without_prescriber else MisfitReason.TAKES_LONGER)


def _missing_reason(kind: ResourceKind, *, is_gone: bool) -> MisfitReason:
    if kind is ResourceKind.SEAT:
        return MisfitReason.TOO_FEW_NURSES
    is_away = kind is ResourceKind.PRACTITIONER and not is_gone
    return MisfitReason.PRACTITIONER_AWAY if is_away else MisfitReason.RESOURCE_GONE
