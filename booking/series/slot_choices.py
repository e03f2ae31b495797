"""Choosing another time for one session of a plan that isn't booked: what each slot costs the whole plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from booking.series.models import InfusionSeries
from booking.series.plan_rules import PlanBasis
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import Plan, PlannedSession, PlanSlot
from booking.series.planning.slot_costs import (
    Pins,
    SlotCost,
    SlotNotPossible,
    classify_points,
    find_plan_through,
    price_slots,
)
from booking.series.proposals import plan_series


@dataclass(frozen=True, slots=True)
class SlotChoices:
    """The slots that one session of a plan can have, each with what the whole plan costs beyond the best.

    `basis` is the best plan with the slots that were chosen before, in which the session is `session`; `best`
    the best one with those of the others alone, in the slots of `pins`.
    """

    basis: PlanBasis
    session: PlannedSession
    costs: Mapping[PlanSlot, SlotCost]
    search: PlanSearch
    best: Plan
    pins: Pins

    def find_plan_with(self, slot: PlanSlot) -> Plan:
        """Return the best plan in which the session has one of its slots."""
        return find_plan_through(self.search, {**self.pins, self.session.number: slot})


def read_slot_choices(
    series: InfusionSeries, number: int, pins: Pins, now: datetime
) -> SlotChoices | None:
    """Return what session `number` can have, others in the slots of `pins`.

    None where there is no such plan, or no such session in it. Raises `UnknownSlug`.
    """
    _, calendar, plan = plan_series(series, now)
    if plan.best is None or number not in plan.request.numbers:
        return None
    search = PlanSearch(plan.request)
    others = {each: slot for each, slot in pins.items() if each != number}
    try:
        through = find_plan_through(search, pins) if pins else plan.best
        best = find_plan_through(search, others) if others else plan.best
    except SlotNotPossible:
        return None
    points = price_slots(search, number, pins)
    least = min(points.values())
    rates = plan.request.rates
    costs = {slot: classify_points(cost - least, rates) for slot, cost in points.items()}
    basis = PlanBasis(plan.request, calendar, through.sessions)
    session = next(each for each in through.sessions if each.number == number)
    return SlotChoices(basis, session, costs, search, best, others)
