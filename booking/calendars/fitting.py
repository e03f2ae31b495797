"""Whether an appointment can still take place as it is booked: asked of the rule that offers times."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from booking.calendars.days import CELL_MINUTES, Day
from booking.calendars.places import Place
from booking.calendars.rules import Demand, FreeDay, possible_starts
from booking.locations.rules import ResourceKind


class Misfit(StrEnum):
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
class Kept:
    """What an appointment keeps of a resource: [starts_at, ends_at), in UTC."""

    resource_id: int
    kind: ResourceKind
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class BookedTime:
    """An appointment's time, and what is kept for it.

    `zone` is the one in which its local time was promised; `minutes` are what the patient was told.
    `demand` is what it needs as the clinic works now.
    """

    starts_at: datetime
    minutes: int
    zone: ZoneInfo
    demand: Demand
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Unfit:
    """The appointment can't take place; `resource_id` is what is missing where one resource is."""

    why: Misfit
    resource_id: int | None = None


def unfit(booked: BookedTime, place: Place) -> Unfit | None:
    """Return why an appointment can't take place at `place` as it is booked; None when it can.

    What is offered can be booked, and what is booked stays possible by the same rule: its start must
    be a possible one on a day on which only the time it keeps is free.
    """
    if not _is_as_promised(booked, place.zone):
        return Unfit(Misfit.OTHER_LOCAL_TIME)
    day = place.day(booked.starts_at.astimezone(place.zone).date())
    if not _is_possible(booked, booked.demand, day, place):
        return _reason(booked, day, place)
    is_longer = booked.demand.minutes > booked.minutes
    return Unfit(Misfit.TAKES_LONGER) if is_longer else None


def _is_as_promised(booked: BookedTime, zone: ZoneInfo) -> bool:
    """Tell whether the local clock shows what it showed when the time was promised."""
    promised, shown = (booked.starts_at.astimezone(one) for one in (booked.zone, zone))
    return promised.replace(tzinfo=None) == shown.replace(tzinfo=None)


def _is_possible(booked: BookedTime, demand: Demand, day: Day, place: Place) -> bool:
    start = day.cell(booked.starts_at)
    if start is None:
        return False
    at_any_time = replace(demand, step=CELL_MINUTES)  # it may have been booked by another step
    starts = possible_starts(at_any_time, _only_its_own(booked, place.open_day(day.local_date)))
    return bool(starts >> start & 1)


def _only_its_own(booked: BookedTime, there: FreeDay) -> FreeDay:
    """Return the day as if nothing but what the appointment keeps were free."""
    own: dict[int, int] = {}
    for kept in booked.kept:
        cells = there.day.touching(kept.starts_at, kept.ends_at)
        own[kept.resource_id] = own.get(kept.resource_id, 0) | cells
    free = {
        kind: {resource: cells & own.get(resource, 0) for resource, cells in sets.items()}
        for kind, sets in there.free.items()
    }
    return FreeDay(there.day, free, there.prescriber)


def _reason(booked: BookedTime, day: Day, place: Place) -> Unfit:
    """Return the reason that explains the most: what concerns the whole place comes first."""
    if place.is_closed(day.local_date):
        return Unfit(Misfit.CLOSED)
    opened = place.opened(day)
    if any(day.touching(kept.starts_at, kept.ends_at) & ~opened for kept in booked.kept):
        return Unfit(Misfit.OUTSIDE_HOURS)
    for kept in booked.kept:
        present = place.open_day(day.local_date).of_kind(kept.kind).get(kept.resource_id)
        if present is None or day.touching(kept.starts_at, kept.ends_at) & ~present:
            return Unfit(_absence(kept.kind, is_gone=present is None), kept.resource_id)
    alone = replace(booked.demand, prescriber=False)
    without_prescriber = _is_possible(booked, alone, day, place)
    return Unfit(Misfit.NO_PRESCRIBER if without_prescriber else Misfit.TAKES_LONGER)


def _absence(kind: ResourceKind, *, is_gone: bool) -> Misfit:
    if kind is ResourceKind.SEAT:
        return Misfit.TOO_FEW_NURSES
    return Misfit.RESOURCE_GONE if is_gone else Misfit.PRACTITIONER_AWAY
