"""Whole series planned at once: right, never worse than what it began with, and its bound is one."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from math import inf

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from booking.outages.planning.checker import list_plan_errors
from booking.outages.planning.problem import (
    MoveOption,
    MoveProblem,
    OptionList,
    PlanMethod,
    PoolUse,
    Spacing,
    make_plan,
)
from booking.outages.planning.sequential import plan_one_by_one, repeat_plan
from booking.outages.planning.series_columns import PartyPaths, list_parties
from booking.outages.planning.series_plan import plan_series
from booking.outages.planning.series_search import ColumnSearch
from booking.outages.planning.series_ways import WayTable
from tests.examples import examples
from tests.outages.problems import MONDAY, best_rank

SECONDS = 10
DAYS, CHAIRS = 5, 2


def on(day: int, cost: int = 0, *, is_own: bool = False) -> MoveOption:
    """Return a time on a day, which is one cell of one pool."""
    date_ = MONDAY + timedelta(days=day)
    at = datetime(date_.year, date_.month, date_.day, 15, tzinfo=UTC)
    return MoveOption(1, at, date_, cost, (PoolUse(0, day, day + 1, 1),), is_own)


def an_option_list(key: int, day: int, others: list[MoveOption], *, is_hit: bool) -> OptionList:
    own = [] if is_hit else [on(day, is_own=True)]
    options = sorted((*own, *others), key=lambda option: option.cost)
    own_day = MONDAY + timedelta(days=day)
    return OptionList(key, tuple(options), is_required=not is_hit, own_day=own_day)


@st.composite
def series_problems(draw: st.DrawFn) -> MoveProblem:
    """Generate up to three series of up to three lists, one day after another, some hit."""
    lists, spacings, used = list[OptionList](), list[Spacing](), [0] * DAYS
    for _ in range(draw(st.integers(1, 3))):
        days = sorted(draw(st.sets(st.integers(0, DAYS - 1), min_size=1, max_size=3)))
        for index, day in enumerate(days):
            is_hit, key = draw(st.booleans()), len(lists)
            used[day] += not is_hit
            others = draw(st.sets(st.sampled_from([n for n in range(DAYS) if n != day])))
            options = [on(other, draw(st.integers(0, 9))) for other in sorted(others)]
            lists.append(an_option_list(key, day, options, is_hit=is_hit))
            if index:
                gap = day - days[index - 1]
                least, most = min(gap, draw(st.integers(1, 2))), max(gap, draw(st.integers(1, 4)))
                price = draw(st.integers(0, 3))
                spacings.append(Spacing(key - 1, key, least, most, ideal_days=(2, 2), price=price))
    free = tuple(max(used[day], draw(st.integers(0, CHAIRS))) for day in range(DAYS))
    return MoveProblem(tuple(lists), (free,), tuple(spacings))


@examples(25)
@given(series_problems())
def test_a_plan_of_whole_series_is_right_never_worse_and_its_bound_holds(
    problem: MoveProblem,
) -> None:
    first = plan_one_by_one(problem)
    plan = plan_series(problem, first, SECONDS)
    best = best_rank(problem)
    assert list_plan_errors(problem, plan) == []
    assert best <= plan.rank <= first.rank
    assert plan.least_unplaced <= best[0]


@examples(25)
@given(series_problems(), st.lists(st.integers(0, 20), min_size=DAYS, max_size=DAYS))
def test_the_cheapest_way_through_a_series_is_that_of_trying_all(
    problem: MoveProblem, prices: list[int]
) -> None:
    table = WayTable(problem)
    costs = table.costs + 50 * table.is_lacking + table.price(np.array(prices, dtype=float))
    for number, chain in enumerate(list_parties(problem)):
        paths = PartyPaths(number, chain, table)
        least, rows = paths.find_cheapest(costs, 1.0)
        ways = product(*(table.rows[each.appointment_id] for each in chain))
        assert least == min(_cost(problem, table, costs, way) for way in ways)
        assert least == _cost(problem, table, costs, tuple(rows))
        assert paths.make_column(rows).unplaced == sum(table.is_lacking[rows])


def _cost(problem: MoveProblem, table: WayTable, costs: np.ndarray, rows: tuple[int, ...]) -> float:
    """Return what ways cost with the gaps between them, infinite where one isn't allowed."""
    own_days = {each.appointment_id: each.own_day for each in problem.appointments}
    days: dict[int, date] = {}
    for key, option in (table.ways[row] for row in rows):
        own_day = own_days[key]
        assert own_day is not None
        days[key] = own_day if option is None else option.day
    total = float(costs[list(rows)].sum())
    for spacing in problem.spacings:
        if spacing.first_id in days:
            pair = days[spacing.first_id], days[spacing.second_id]
            total += spacing.cost(*pair) if spacing.allows(*pair) else inf
    return total


def test_an_appointment_that_could_stay_moves_so_that_the_one_before_finds_a_time() -> None:
    hit = an_option_list(0, 0, [on(1), on(2)], is_hit=True)
    following = an_option_list(1, 2, [on(4, 10)], is_hit=False)
    spacing = Spacing(0, 1, 2, 4)
    problem = MoveProblem((hit, following), ((0, 0, 1, 0, 1),), (spacing,))
    in_turn = plan_one_by_one(problem)
    assert in_turn.unplaced_ids == (0,)
    plan = plan_series(problem, in_turn, SECONDS)
    assert {key: choice.day.day for key, choice in plan.choices.items()} == {0: 2, 1: 4}
    assert (plan.unplaced_ids, plan.least_unplaced) == ((), 0)


def test_nothing_moves_that_need_not() -> None:
    hit = an_option_list(0, 0, [on(1, 5)], is_hit=True)
    following = an_option_list(1, 3, [on(4)], is_hit=False)
    problem = MoveProblem((hit, following), ((0, 1, 1, 1, 1),), (Spacing(0, 1, 2, 4),))
    plan = plan_series(problem, plan_one_by_one(problem), SECONDS)
    assert plan.choices[1].is_own


def test_two_that_must_not_be_on_one_day_are_not() -> None:
    lists = [an_option_list(key, 0, [on(1), on(2, 9)], is_hit=True) for key in (0, 1)]
    apart = Spacing(0, 1, 1, 9, both_ways=True)
    problem = MoveProblem(tuple(lists), ((0, 2, 2, 0, 0),), (apart,))
    plan = plan_series(
        problem, repeat_plan(problem, make_plan(problem, {}, PlanMethod.JOINTLY)), SECONDS
    )
    assert {choice.day.day for choice in plan.choices.values()} == {1, 2}
    assert list_plan_errors(problem, plan) == []


def test_without_time_to_think_the_first_plan_stands() -> None:
    problem = MoveProblem(
        (an_option_list(0, 0, [on(1)], is_hit=True), an_option_list(1, 0, [on(1)], is_hit=True)),
        ((0, 1, 0, 0, 0),),
    )
    first = plan_one_by_one(problem)
    plan = plan_series(problem, first, 0)
    assert (plan.unplaced_ids, plan.least_unplaced) == (first.unplaced_ids, 0)


def test_a_plan_is_repeated_where_it_fits_and_whoever_can_stay_stays() -> None:
    hits = [an_option_list(key, 0, [on(1), on(2)], is_hit=True) for key in (0, 1)]
    stays = an_option_list(2, 2, [on(3)], is_hit=False)
    problem = MoveProblem((*hits, stays), ((0, 1, 1, 1, 1),))
    single = make_plan(
        replace(problem, appointments=tuple(hits)), {0: on(1), 1: on(2)}, PlanMethod.JOINTLY
    )
    plan = repeat_plan(problem, single)
    assert plan.unplaced_ids == (1,)
    assert plan.choices[2].is_own
    assert list_plan_errors(problem, plan) == []


def test_columns_are_kept_once() -> None:
    problem = MoveProblem((an_option_list(0, 0, [on(1)], is_hit=True),), ((0, 1, 0, 0, 0),))
    search = ColumnSearch(problem)
    assert search.add_column(search.parties[0], [0])
    assert not search.add_column(search.parties[0], [0])
