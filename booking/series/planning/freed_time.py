"""Time made free: the fewest days on which it has to be, for a plan to exist."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import partial

from booking.series.planning.binding_rules import BindingRule, Change, Relaxation, used_phases
from booking.series.planning.costs import PlanRates
from booking.series.planning.planner import PlanSearch
from booking.series.planning.prices import with_slot_prices
from booking.series.planning.requests import DaySlots, PlanInfeasible, PlanRequest, PlanSlot

FREED = 1 << 42  # points of a slot to be freed: more than any plan without, at the rates shipped


def find_fewest_days_to_free(request: PlanRequest) -> tuple[Relaxation, Change] | None:
    """Return the fewest days on which time has to be freed: a plan with priced slots finds them."""
    freed = _slots_on(request, _busy_days(request))
    fewest_first = replace(_with_freed(request, freed), rates=_usual_rates(request.rates))
    priced = with_slot_prices(fewest_first, dict.fromkeys(freed, FREED))
    try:
        plan = PlanSearch(priced).find_best()
    except PlanInfeasible:
        return None
    slots = [session.slot for session in plan.sessions if session.slot in freed]
    days = tuple(slot.day for slot in slots)
    return Relaxation(BindingRule.NOT_FREE, len(days), days=days), partial(_with_freed, slots=slots)


def _usual_rates(rates: PlanRates) -> PlanRates:
    """Return rates none of which is above the one shipped, for no plan to cost more than a freed slot."""
    own = asdict(rates)
    return PlanRates(**{name: min(own[name], rate) for name, rate in asdict(PlanRates()).items()})


def free_every_day(request: PlanRequest) -> PlanRequest:
    """Return the request with time free on every day, on weekdays that aren't asked for, too."""
    return _with_freed(request, _slots_on(request, _days(request)))


def _slots_on(request: PlanRequest, days: Iterable[date]) -> set[PlanSlot]:
    location = request.home or next(iter(_locations(request)), "")
    minute = request.preferences.only.minutes[0]
    return {PlanSlot(location, day, minute) for day in days}


def _with_freed(request: PlanRequest, slots: Collection[PlanSlot]) -> PlanRequest:
    free = {index: dict(request.free.get(index, {})) for index in used_phases(request)}
    for places in free.values():
        for slug in {slot.location for slot in slots}:
            places[slug] = _with_slots(places.get(slug, {}), slots)
    return replace(request, free=free)


def _with_slots(days: DaySlots, slots: Iterable[PlanSlot]) -> dict[date, list[int]]:
    own = {day: list(minutes) for day, minutes in days.items()}
    for slot in slots:
        own.setdefault(slot.day, []).append(slot.minute)
    return own


def _locations(request: PlanRequest) -> list[str]:
    return sorted({slug for places in request.free.values() for slug in places})


def _days(request: PlanRequest) -> list[date]:
    return [request.first_day + timedelta(days=n) for n in range(request.day_count)]


def _busy_days(request: PlanRequest) -> list[date]:
    """Return the days asked for on which nothing is free in some phase."""
    weekdays = request.preferences.only.weekdays
    return [
        day
        for day in _days(request)
        if day.weekday() in weekdays
        and any(_is_busy(request, i, day) for i in used_phases(request))
    ]


def _is_busy(request: PlanRequest, phase: int, day: date) -> bool:
    only = request.preferences.only
    places = request.free.get(phase, {}).values()
    return not any(only.allows(day.weekday(), m) for days in places for m in days.get(day, ()))
