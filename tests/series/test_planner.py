"""The planner is exact: the same as trying everything, tier by tier."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from itertools import pairwise

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from booking.series.planning.costs import CostWeights, PlanCost
from booking.series.planning.planner import find_plan, price_plan
from booking.series.planning.requests import PlanInfeasible, PlannedSession, PlanRequest
from booking.series.rules import Gap
from booking.series.templates import Preferences
from tests.series.builders import (
    MONDAY,
    TWICE,
    WEEKLY,
    a_phase,
    a_request,
    every_day,
    requests,
)


def test_twice_a_week_is_three_and_four_days_apart() -> None:
    plan = find_plan(a_request())
    assert {s.gap for s in plan.sessions[1:]} <= {3, 4}
    assert plan.cost.cadence == 0


def test_the_first_session_of_a_series_has_no_gap() -> None:
    assert find_plan(a_request()).sessions[0].gap is None


def test_the_time_of_day_stays_when_it_can() -> None:
    assert len({s.minute for s in find_plan(a_request()).sessions}) == 1


def test_a_weekly_phase_keeps_its_weekday() -> None:
    plan = find_plan(a_request(a_phase(2), a_phase(4, WEEKLY)))
    assert len({s.day.weekday() for s in plan.sessions[2:]}) == 1


def test_preferred_days_and_hours_are_kept_when_they_can_be() -> None:
    preferences = Preferences(frozenset({1, 4}), time(13), time(16))
    plan = find_plan(a_request(preferences=preferences))
    assert {s.day.weekday() for s in plan.sessions} == {1, 4}
    assert {s.minute for s in plan.sessions} == {840}
    assert plan.cost.unsuitable_count == 0


def test_cadence_outweighs_every_preference() -> None:
    free = every_day(weekdays=(0, 1, 3))
    preferences = Preferences(frozenset({1}), time(9), time(9, 30))
    plan = find_plan(a_request(free=free, preferences=preferences))
    assert plan.cost.cadence == 0
    assert plan.cost.unsuitable_count >= 4


def test_a_session_follows_the_one_that_stands_already() -> None:
    plan = find_plan(a_request(previous=(MONDAY - timedelta(days=3), 600)))
    assert plan.sessions[0].gap in (3, 4)
    assert plan.sessions[0].minute == 600


def test_what_is_held_is_kept() -> None:
    held = frozenset((MONDAY + timedelta(days=n), 840) for n in (1, 4, 8, 11, 15, 18))
    plan = find_plan(a_request(held=held))
    assert {(s.day, s.minute) for s in plan.sessions} == held


def test_one_closed_day_moves_one_session() -> None:
    held = frozenset((MONDAY + timedelta(days=n), 540) for n in (0, 3, 7, 10, 14, 17))
    free = every_day(closed=[MONDAY + timedelta(days=7)])
    plan = find_plan(a_request(free=free, held=held))
    assert len({(s.day, s.minute) for s in plan.sessions} - held) == plan.cost.moved_count
    assert plan.cost.cadence == 0


def test_a_full_fortnight_names_the_session_that_has_no_place() -> None:
    free = {day: m for day, m in every_day(25).items() if not 7 <= (day - MONDAY).days < 21}
    with pytest.raises(PlanInfeasible) as refusal:
        find_plan(a_request(free=free))
    stopped = refusal.value
    assert stopped.number == 4
    assert [s.number for s in stopped.placed] == [1, 2, 3]
    assert stopped.earliest <= MONDAY + timedelta(days=9) <= stopped.latest


def test_nothing_free_at_all_names_the_first_session() -> None:
    with pytest.raises(PlanInfeasible) as refusal:
        find_plan(a_request(free={}))
    assert (refusal.value.number, refusal.value.placed) == (1, ())


def test_a_gap_that_has_passed_already_leaves_no_day() -> None:
    with pytest.raises(PlanInfeasible) as refusal:
        find_plan(a_request(previous=(MONDAY - timedelta(days=6), 600)))
    assert refusal.value.latest < refusal.value.earliest == MONDAY


def test_nothing_is_placed_outside_the_days_that_may_be_used() -> None:
    plan = find_plan(a_request(a_phase(1), free=every_day(), days=1))
    assert plan.sessions[0].day == MONDAY
    with pytest.raises(PlanInfeasible):
        find_plan(a_request(a_phase(2), free=every_day(), days=1))


@pytest.mark.parametrize(
    "changes", [{"numbers": ()}, {"last_day": MONDAY - timedelta(days=1)}, {"numbers": (7,)}]
)
def test_a_request_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected one|no session"):
        find_plan(replace(a_request(), **changes))  # type: ignore[arg-type]


def test_the_longest_schedule_there_may_be_can_be_planned() -> None:
    free = every_day(1300, range(480, 1020, 60))
    phases = (a_phase(60, Gap(1, 1, 18, 366)),)
    plan = find_plan(a_request(*phases, free=free, days=1300))
    assert plan.cost.cadence == 0


def test_costs_that_would_not_fit_are_refused_and_not_wrong() -> None:
    with pytest.raises(ValueError, match="too many"):
        find_plan(
            a_request(a_phase(60, Gap(1, 1, 1, 366)), a_phase(60, Gap(1, 1, 1, 366)), days=22000)
        )


def everything(request: PlanRequest, count: int) -> Iterator[tuple[PlannedSession, ...]]:
    """Yield every way to place the first `count` sessions that keeps the rules, trying all."""

    def go(placed: tuple[PlannedSession, ...]) -> Iterator[tuple[PlannedSession, ...]]:
        if len(placed) == count:
            yield placed
            return
        number = request.numbers[len(placed)]
        phase = request.phase_index(number)
        before = placed[-1].day if placed else request.previous[0] if request.previous else None
        for day, minutes in request.free[phase].items():
            gap = (day - before).days if before else None
            if gap is None or request.phases[phase].gap.allows(gap):
                for minute in minutes:
                    yield from go((*placed, PlannedSession(number, phase, day, minute, gap)))

    yield from go(())


def cheapest(request: PlanRequest, count: int) -> PlanCost | None:
    return min(
        (price_plan(request, sessions) for sessions in everything(request, count)), default=None
    )


def tried(request: PlanRequest) -> tuple[tuple[PlannedSession, ...], int | None]:
    """Return the sessions placed, and the number of the one that had no place."""
    try:
        return find_plan(request).sessions, None
    except PlanInfeasible as refusal:
        return refusal.placed, refusal.number


@settings(max_examples=500, deadline=None)
@given(requests())
def test_the_plan_is_the_best_of_all_there_are(request: PlanRequest) -> None:
    sessions, unplaced = tried(request)
    count = len(sessions)
    event("planned" if unplaced is None else "infeasible")
    assert request.numbers[count : count + 1] == (() if unplaced is None else (unplaced,))
    assert price_plan(request, sessions) == (cheapest(request, count) or PlanCost())
    assert sessions in set(everything(request, count))
    if unplaced is not None:
        assert cheapest(request, count + 1) is None


@settings(max_examples=200, deadline=None)
@given(requests())
def test_a_plan_comes_with_its_own_price_and_gaps(request: PlanRequest) -> None:
    try:
        plan = find_plan(request)
    except PlanInfeasible:
        return
    days = [*([request.previous[0]] if request.previous else []), *(s.day for s in plan.sessions)]
    apart = [(after - before).days for before, after in pairwise(days)]
    assert [s.gap for s in plan.sessions if s.gap is not None] == apart
    assert plan.cost == price_plan(request, plan.sessions)


costs = st.builds(
    PlanCost,
    st.integers(0, 12),
    st.integers(0, 4),
    st.integers(0, 4 * 300),
    st.integers(0, 8),
    st.integers(0, 4 * 29),
)


@given(costs, costs)
def test_the_weighed_sum_orders_plans_as_the_tiers_do(cost: PlanCost, other: PlanCost) -> None:
    weights = CostWeights.for_size(sessions=4, days=30)
    assert (cost < other) == (weights.total_cost(cost) < weights.total_cost(other))


def test_what_is_twice_a_week_is_not_charged_for_its_two_weekdays() -> None:
    assert find_plan(a_request(a_phase(6, TWICE))).cost.changes == 0
