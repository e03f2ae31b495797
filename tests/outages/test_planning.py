"""New times for everybody whom a closure hits: valid, never worse than one by one, the best there is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given

from booking.outages.planning.checker import list_plan_errors
from booking.outages.planning.joint import plan_jointly
from booking.outages.planning.problem import (
    MoveOption,
    MoveProblem,
    OptionList,
    PlanMethod,
    PoolUse,
    Spacing,
)
from booking.outages.planning.sequential import plan_one_by_one
from tests.examples import examples
from tests.outages.problems import CELLS, MONDAY, best_rank, problems

SECONDS = 20


def an_option(
    cost: int, first: int, end: int, pool: int = 0, *, is_own: bool = False
) -> MoveOption:
    at = datetime(2026, 11, 30, 8 + first, tzinfo=UTC)
    return MoveOption(1, at, MONDAY, cost, (PoolUse(pool, first, end, 1),), is_own)


def a_problem(*lists: list[MoveOption], spacings: tuple[Spacing, ...] = ()) -> MoveProblem:
    """Return a problem with one chair, free all the time."""
    numbered = tuple(OptionList(number, tuple(each)) for number, each in enumerate(lists))
    return MoveProblem(numbered, ((1,) * CELLS,), spacings)


@examples(60)
@given(problems())
def test_what_is_planned_one_by_one_breaks_nothing_and_is_never_better(
    problem: MoveProblem,
) -> None:
    plan = plan_one_by_one(problem)
    assert list_plan_errors(problem, plan) == []
    assert plan.rank >= best_rank(problem)
    assert plan.least_unplaced <= best_rank(problem)[0]


@examples(40)
@given(problems())
def test_what_is_planned_jointly_is_the_best_there_is(problem: MoveProblem) -> None:
    alone = plan_one_by_one(problem)
    plan = plan_jointly(problem, alone, SECONDS, gap=0)
    assert list_plan_errors(problem, plan) == []
    assert plan.rank == best_rank(problem)
    assert plan.rank <= alone.rank
    assert plan.least_unplaced == len(plan.unplaced_ids)
    assert plan.is_proven


def test_the_first_in_line_takes_what_the_other_needs_unless_both_are_planned() -> None:
    flexible = [an_option(1, 0, 3), an_option(2, 3, 6)]
    problem = a_problem(flexible, [an_option(1, 0, 3)])
    alone = plan_one_by_one(problem)
    assert (alone.method, alone.unplaced_ids) == (PlanMethod.ONE_BY_ONE, (1,))
    plan = plan_jointly(problem, alone, SECONDS)
    assert (plan.method, plan.unplaced_ids, plan.cost) == (PlanMethod.JOINTLY, (), 3)


def test_whoever_can_stay_stays_though_others_come_first() -> None:
    problem = a_problem([an_option(1, 0, 3)], [an_option(0, 0, 3, is_own=True)])
    plan = plan_one_by_one(problem)
    assert plan.choices.keys() == {1}


def test_without_time_to_think_the_first_plan_stands() -> None:
    problem = a_problem([an_option(1, 0, 3), an_option(2, 3, 6)], [an_option(1, 0, 3)])
    alone = plan_one_by_one(problem)
    assert plan_jointly(problem, alone, 0).rank <= alone.rank


def test_two_sessions_of_a_person_keep_their_distance() -> None:
    pair = [an_option(1, 0, 1)], [an_option(1, 1, 2)]
    problem = a_problem(*pair, spacings=(Spacing(0, 1, 2, 5),))
    assert len(plan_jointly(problem, plan_one_by_one(problem), SECONDS).unplaced_ids) == 1
    later = replace(pair[1][0], day=MONDAY.replace(month=12, day=2))
    problem = a_problem(pair[0], [later], spacings=(Spacing(0, 1, 2, 5),))
    assert plan_one_by_one(problem).unplaced_ids == ()
    assert plan_jointly(problem, plan_one_by_one(problem), SECONDS).unplaced_ids == ()


def test_who_has_no_time_at_all_is_left_out_by_any_plan() -> None:
    plan = plan_one_by_one(a_problem([], [an_option(1, 0, 3)]))
    assert (plan.unplaced_ids, plan.least_unplaced) == ((0,), 1)


@pytest.mark.parametrize("wrong", ["twice", "elsewhere", "missing", "apart"])
def test_the_checker_sees_what_is_wrong(wrong: str) -> None:
    first, second = [an_option(1, 0, 3)], [an_option(1, 2, 5), an_option(9, 3, 6)]
    spacings = (Spacing(0, 1, 1, 5),) if wrong == "apart" else ()
    problem = a_problem(first, second, spacings=spacings)
    plan = plan_one_by_one(replace(problem, spacings=()))
    assert list_plan_errors(replace(problem, spacings=()), plan) == []
    choices = {
        "twice": {0: first[0], 1: second[0]},
        "elsewhere": {0: an_option(1, 4, 6), 1: second[1]},
        "missing": {0: first[0]},
        "apart": plan.choices,
    }[wrong]
    assert len(list_plan_errors(problem, replace(plan, choices=choices))) >= 1
