"""The best plan that this installation can make: all at once with the extra `optimize`, else in turn."""

from importlib.util import find_spec

from booking.outages.planning.problem import MovePlan, MoveProblem
from booking.outages.planning.sequential import plan_one_by_one

HAS_OPTIMIZER = find_spec("ortools") is not None  # looked for once, as the process starts
if HAS_OPTIMIZER:
    from booking.outages.planning.joint import plan_jointly


def find_best_plan(problem: MoveProblem, seconds: float) -> tuple[MovePlan, MovePlan]:
    """Return the best plan to be had in so many seconds, and the one made one by one, never better."""
    in_turn = plan_one_by_one(problem)
    return (plan_jointly(problem, in_turn, seconds) if HAS_OPTIMIZER else in_turn), in_turn
