"""What each slot costs the whole plan: the same as trying everything, and the plan through it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booking.series.planning.checker import check_plan
from booking.series.planning.costs import PlanRates
from booking.series.planning.planner import PlanSearch, find_plan
from booking.series.planning.requests import (
    DaySlots,
    PlanInfeasible,
    PlannedSession,
    PlanRequest,
    PlanSlot,
)
from booking.series.planning.slot_costs import (
    CostLevel,
    SlotCost,
    SlotNotPossible,
    classify_points,
    find_plan_through,
    price_slots,
)
from booking.series.rules import Phase
from tests.examples import examples
from tests.series.builders import (
    WEEKLY,
    a_phase,
    a_request,
    every_placement,
    requests,
    roomy_requests,
    slot,
)


def points(search: PlanSearch, sessions: tuple[PlannedSession, ...]) -> int:
    return search.price(sessions).cost.points(search.request.rates)


@examples(20)
@given(requests(), st.data())
def test_every_slot_has_the_price_of_the_best_plan_through_it(
    request: PlanRequest, data: st.DataObject
) -> None:
    search, number = PlanSearch(request), data.draw(st.sampled_from(request.numbers))
    cheapest: dict[PlanSlot, int] = {}
    for sessions in every_placement(request, len(request.numbers)):
        at = sessions[request.numbers.index(number)].slot
        cost = points(search, sessions)
        cheapest[at] = min(cost, cheapest.get(at, cost))
    assert price_slots(search, number, {}) == cheapest


@examples(20)
@given(roomy_requests(), st.data())
def test_the_plan_through_a_slot_costs_what_the_slot_does(
    request: PlanRequest, data: st.DataObject
) -> None:
    search, number = PlanSearch(request), data.draw(st.sampled_from(request.numbers))
    prices = price_slots(search, number, {})
    assume(prices)
    chosen = data.draw(st.sampled_from(sorted(prices)))
    plan = find_plan_through(search, {number: chosen})
    assert plan.sessions[request.numbers.index(number)].slot == chosen
    assert plan.cost.points(request.rates) == prices[chosen]
    assert check_plan(request, plan.sessions) == []
    assert min(prices.values()) == find_plan(request).cost.points(request.rates)


def with_one_fixed(request: PlanRequest, number: int, chosen: PlanSlot) -> PlanRequest:
    """Return a request in which a session is a phase of its own, with one slot free and nothing else."""
    own = request.phase_index(number)
    begins = sum(phase.sessions or 0 for phase in request.phases[:own]) + 1
    phase, before = request.phases[own], number - begins
    counts = (before, 1, (phase.sessions or 0) - before - 1)
    free: dict[int, Mapping[str, DaySlots]] = {}
    phases: list[Phase] = []
    for index, each in enumerate(request.phases):
        for part, count in enumerate(counts if index == own else (each.sessions,)):
            if not count:
                continue
            is_fixed = index == own and part == 1
            slots = {chosen.location: {chosen.day: [chosen.minute]}}
            free[len(phases)] = slots if is_fixed else request.free[index]
            phases.append(replace(each, sessions=count))
    weekdays_as_before = {len(phases): request.free[own]}
    return replace(request, phases=tuple(phases), free=free | weekdays_as_before)


@examples(30)
@given(roomy_requests(), st.data())
def test_a_slot_costs_what_planning_with_the_session_fixed_there_does(
    request: PlanRequest, data: st.DataObject
) -> None:
    # Without a step in the price of waiting, it matters not that what is fixed may be the earliest start.
    request = replace(request, rates=replace(request.rates, late_start_days=0))
    search, number = PlanSearch(request), data.draw(st.sampled_from(request.numbers))
    prices = price_slots(search, number, {})
    assume(prices)
    chosen = data.draw(st.sampled_from(sorted(prices)))
    fixed = find_plan(with_one_fixed(request, number, chosen)).sessions
    sessions = tuple(replace(each, phase=request.phase_index(each.number)) for each in fixed)
    assert sessions[request.numbers.index(number)].slot == chosen
    assert points(search, sessions) == prices[chosen]


def test_other_sessions_keep_the_slots_that_were_chosen_for_them() -> None:
    request = a_request(a_phase(4), a_phase(2, WEEKLY))
    search = PlanSearch(request)
    pins = {2: slot(4, 840), 5: slot(18, 600)}
    plan = find_plan_through(search, pins)
    assert [plan.sessions[number - 1].slot for number in pins] == [*pins.values()]
    prices = price_slots(search, 3, pins)
    assert plan.sessions[2].slot in prices
    assert min(prices.values()) == plan.cost.points(request.rates)
    assert {(each.day - slot(4).day).days for each in prices} <= {2, 3, 4, 5}


def test_a_slot_that_is_not_free_has_no_plan_and_no_price() -> None:
    search = PlanSearch(a_request())
    busy = slot(0, 615)
    assert busy not in price_slots(search, 1, {})
    with pytest.raises(SlotNotPossible):
        find_plan_through(search, {1: busy})
    with pytest.raises(SlotNotPossible):
        find_plan_through(search, {1: slot(0), 2: slot(1)})


def test_without_any_plan_nothing_has_a_price() -> None:
    request = a_request(a_phase(3), free={slot(0).day: [540]})
    with pytest.raises(PlanInfeasible):
        find_plan(request)
    assert price_slots(PlanSearch(request), 1, {}) == {}


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (0, (CostLevel.BEST, 0)),
        (240, (CostLevel.NEAR, 0.24)),
        (3_000, (CostLevel.NEAR, 3)),
        (10_000, (CostLevel.FAR, 10)),
        (10**8 - 3_000, (CostLevel.GAP, 1)),  # a day off a gap, and a weekday kept by it
        (2 * 10**8 + 700, (CostLevel.GAP, 2)),
    ],
)
def test_points_are_days_of_waiting_or_days_off_gaps(
    points: int, expected: tuple[CostLevel, float]
) -> None:
    level, days = expected
    assert classify_points(points, PlanRates()) == SlotCost(level, points, days)
