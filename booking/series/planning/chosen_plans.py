"""The plans to show where somebody chose slots for some sessions: the best with these, then the others."""

from types import MappingProxyType

from booking.series.planning.alternatives import (
    NamedPlan,
    PlanAim,
    list_alternatives,
    name_plan,
)
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import Plan, PlanRequest
from booking.series.planning.slot_costs import Pins, SlotNotPossible, find_plan_through

NO_PINS: Pins = MappingProxyType({})


def list_named_plans(request: PlanRequest, best: Plan, pins: Pins) -> tuple[NamedPlan, ...]:
    """Return the best plan through the slots of `pins`, where that is not `best`; then it, and others."""
    search = PlanSearch(request)
    named_plans = name_plan(request, best), *list_alternatives(search, best)
    try:
        chosen = find_plan_through(search, pins) if pins else best
    except SlotNotPossible:
        return named_plans
    if chosen.sessions == best.sessions:
        return named_plans
    others = [each for each in named_plans if each.plan.sessions != chosen.sessions]
    return name_plan(request, chosen, PlanAim.CHOSEN), *others
