"""The best plan that this installation can make: all at once with the extra `optimize`, else in turn."""

from importlib.util import find_spec

from booking.outages.planning.checker import list_plan_errors
from booking.outages.planning.problem import MovePlan, MoveProblem
from booking.outages.planning.sequential import plan_one_by_one, repeat_plan

HAS_OPTIMIZER = find_spec("ortools") is not None  # looked for once, as the process starts
if HAS_OPTIMIZER:
    from booking.outages.planning.joint import plan_jointly
    from booking.outages.planning.series_plan import plan_series


def find_best_plan(problem: MoveProblem, seconds: float) -> tuple[MovePlan, MovePlan]:
    """Return the best plan to be had in so many seconds, and the one made one by one, never better."""
    in_turn = plan_one_by_one(problem)
    return (plan_jointly(problem, in_turn, seconds) if HAS_OPTIMIZER else in_turn), in_turn


def find_series_plan(
    problem: MoveProblem, single_plan: MovePlan, seconds: float
) -> MovePlan | None:
    """Return the best plan of whole series to be had in so many seconds, beginning at one of single visits.

    None without the optimizer, and where that one can't be repeated as whole series.
    """
    first = repeat_plan(problem, single_plan)
    if not HAS_OPTIMIZER or list_plan_errors(problem, first):
        return None
    return plan_series(problem, first, seconds)
