"""What may be kept when sessions are planned anew: slots that stand, and days that are left out. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from booking.series.planning.requests import PlanRequest, PlanSlot
from booking.series.preferences import TimeWindow
from booking.series.rules import Phase

# Why a day is left out: a session lost its time there, the series rests, the patient is away
LOST, PAUSED, AWAY = "lost", "paused", "away"


def block_days(request: PlanRequest, reasons: Mapping[date, str]) -> PlanRequest:
    """Return a request without these days, whatever is free on them; each reason is a code."""
    blocked = {phase: {**request.blocked.get(phase, {}), **reasons} for phase in request.free}
    return replace(request, blocked=blocked)


def unblock_days(request: PlanRequest, days: Collection[date]) -> PlanRequest:
    """Return a request in which nothing is against these days, whatever was."""
    blocked = {
        phase: {day: why for day, why in reasons.items() if day not in days}
        for phase, reasons in request.blocked.items()
    }
    return replace(request, blocked=blocked)


def hold_slots(request: PlanRequest, held: Mapping[PlanSlot, Phase]) -> PlanRequest:
    """Return a request in which what stands may stay, in phases whose appointments are as long as its own."""
    free = {
        phase: {location: dict(days) for location, days in by_location.items()}
        for phase, by_location in request.free.items()
    }
    for slot, own in held.items():
        for phase, by_location in free.items():
            if request.phases[phase].parts == own.parts:
                days = by_location.setdefault(slot.location, {})
                days[slot.day] = sorted({*days.get(slot.day, ()), slot.minute})
    return replace(request, free=free, held=frozenset(held))


def keep_preferred_slots(request: PlanRequest) -> PlanRequest:
    """Return a request that offers only what its "only" allows and asks for it no more.

    What is held afterwards may stay, whatever is asked for.
    """
    only = request.preferences.only
    free = {
        phase: {
            location: {day: [minute for minute in minutes if only.allows(day.weekday(), minute)]
                       for day, minutes in days.items()}
            for location, days in by_location.items()
        }
        for phase, by_location in request.free.items()
    }  # fmt: skip
    return replace(request, free=free, preferences=replace(request.preferences, only=TimeWindow()))
