"""The planner is exact: the same points as trying everything."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import event, given

from booking.series.planning.planner import PlanSearch, find_plan, price_plan
from booking.series.planning.requests import PlanInfeasible, PlanRequest
from tests.examples import examples
from tests.series.builders import every_placement, fewest_points, requests


@examples(80)
@given(requests())
def test_the_plan_is_the_best_of_all_there_are(request: PlanRequest) -> None:
    count = len(request.numbers)
    points = fewest_points(request, count)
    event("planned" if points is not None else "infeasible")
    if points is None:
        with pytest.raises(PlanInfeasible) as refusal:
            find_plan(request)
        placed = refusal.value.placed
        assert refusal.value.number == request.numbers[len(placed)]
        first = replace(request, numbers=request.numbers[: len(placed)])
        assert not placed or placed in set(every_placement(first, len(placed)))
        return
    plan = find_plan(request)
    assert plan.cost.points(request.rates) == points
    assert plan.sessions in set(every_placement(request, count))


@examples(40)
@given(requests())
def test_a_plan_comes_with_its_own_price_and_gaps(request: PlanRequest) -> None:
    try:
        plan = find_plan(request)
    except PlanInfeasible:
        return
    days = [*([request.previous.day] if request.previous else []), *(s.day for s in plan.sessions)]
    apart = [(after - before).days for before, after in pairwise(days)]
    assert [s.gap for s in plan.sessions if s.gap is not None] == apart
    search = PlanSearch(request)
    earliest = search.grid.day(search.bounds.earliest or 0)
    assert plan.cost == price_plan(request, plan.sessions, plan.weekdays, earliest)
    assert search.price(plan.sessions).cost.points(request.rates) == plan.cost.points(request.rates)
