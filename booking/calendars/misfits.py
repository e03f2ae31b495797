"""Whether an appointment can still take place as it is booked: asked of the rule that offers times."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.calendars.local_days import CELL_MINUTES, LocalDay
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import FreeCells, ResourceDemand, find_starts
from booking.locations.rules import ResourceKind


class MisfitReason(StrEnum):
    """Why an appointment can't take place as it is booked."""

    LOCATION_GONE = "location_gone"
    SERVICE_GONE = "service_gone"
    OTHER_LOCAL_TIME = "other_local_time"  # the location's zone is another than when it was booked
    CLOSED = "closed"  # a closure or holiday
    OUTSIDE_HOURS = "outside_hours"
    RESOURCE_GONE = "resource_gone"  # the room, chair or practitioner
    PRACTITIONER_AWAY = "practitioner_away"
    TOO_FEW_NURSES = "too_few_nurses"
    NO_PRESCRIBER = "no_prescriber"  # nobody who may prescribe is there throughout an infusion
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
    `demand` is what it needs as the clinic works now.
    """

    starts_at: datetime
    minutes: int
    zone: ZoneInfo
    demand: ResourceDemand
    claimed: tuple[ClaimedResource, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """The appointment can't take place; `resource_id` is what is missing where one resource is."""

    reason: MisfitReason
    resource_id: int | None = None


def find_misfit(booked: BookedAppointment, place: LocationCalendar) -> Misfit | None:
    """Return why an appointment can't take place at `place` as it is booked; None when it can.

    What is offered can be booked, and what is booked stays possible by the same rule: its start must
    be a possible one on a day on which only the time it keeps is free.
    """
    if not _keeps_local_time(booked, place.zone):
        return Misfit(MisfitReason.OTHER_LOCAL_TIME)
    day = place.local_day(booked.starts_at.astimezone(place.zone).date())
    if not _is_possible(booked, booked.demand, day, place):
        return _reason(booked, day, place)
    is_longer = booked.demand.minutes > booked.minutes
    return Misfit(MisfitReason.TAKES_LONGER) if is_longer else None


def _keeps_local_time(booked: BookedAppointment, zone: ZoneInfo) -> bool:
    """Tell whether the local clock shows what it showed when the time was promised."""
    promised, shown = (booked.starts_at.astimezone(one) for one in (booked.zone, zone))
    return promised.replace(tzinfo=None) == shown.replace(tzinfo=None)


def _is_possible(
    booked: BookedAppointment, demand: ResourceDemand, day: LocalDay, place: LocationCalendar
) -> bool:
    start = day.cell_at(booked.starts_at)
    if start is None:
        return False
    at_any_time = replace(demand, step=CELL_MINUTES)  # it may have been booked by another step
    starts = find_starts(at_any_time, _free_without_others(booked, place.free_day(day.local_date)))
    return bool(starts >> start & 1)


def _free_without_others(booked: BookedAppointment, there: FreeCells) -> FreeCells:
    """Return the day as if nothing but what the appointment keeps were free."""
    own: dict[int, int] = {}
    for kept in booked.claimed:
        cells = there.day.cells_touching(kept.starts_at, kept.ends_at)
        own[kept.resource_id] = own.get(kept.resource_id, 0) | cells
    free = {
        kind: {resource: cells & own.get(resource, 0) for resource, cells in sets.items()}
        for kind, sets in there.free.items()
    }
    return FreeCells(there.day, free, there.prescriber)


def _reason(booked: BookedAppointment, day: LocalDay, place: LocationCalendar) -> Misfit:
    """Return the reason that explains the most: what concerns the whole place comes first."""
    if place.is_closed_on(day.local_date):
        return Misfit(MisfitReason.CLOSED)
    opened = place.open_cells(day)
    if any(day.cells_touching(kept.starts_at, kept.ends_at) & ~opened for kept in booked.claimed):
        return Misfit(MisfitReason.OUTSIDE_HOURS)
    for kept in booked.claimed:
        present = place.free_day(day.local_date).by_kind(kept.kind).get(kept.resource_id)
        if present is None or day.cells_touching(kept.starts_at, kept.ends_at) & ~present:
            return Misfit(_missing_reason(kept.kind, is_gone=present is None), kept.resource_id)
    alone = replace(booked.demand, prescriber=False)
    without_prescriber = _is_possible(booked, alone, day, place)
    return Misfit(MisfitReason.NO_PRESCRIBER if without_prescriber else MisfitReason.TAKES_LONGER)


def _missing_reason(kind: ResourceKind, *, is_gone: bool) -> MisfitReason:
    if kind is ResourceKind.SEAT:
        return MisfitReason.TOO_FEW_NURSES
    return MisfitReason.RESOURCE_GONE if is_gone else MisfitReason.PRACTITIONER_AWAY
