"""Whole series at once: where moving the visit that is hit doesn't do, others of its series move, too.

Column generation: a column is what becomes of all visits of one series. The relaxed choice among columns says
how few can be left without a time at best; settling one column after another says how few are; and a packing
of all columns so far makes it better still. It begins at another plan, and is never worse.
"""

from collections.abc import Collection, Sequence
from math import ceil
from time import monotonic

from booking.outages.planning.packing import Column, PackingModel
from booking.outages.planning.problem import MovePlan, MoveProblem, PlanMethod, make_plan
from booking.outages.planning.series_dive import SeriesDive
from booking.outages.planning.series_search import (
    CHEAPEST,
    FEWEST_UNPLACED,
    UNPLACED,
    ColumnSearch,
)

ROUNDING = 0.01
DIVE_SHARE, BOUND_SHARE = 0.6, 0.8  # of the time has gone by the end of each; the rest is packing's
GAP = 0.005


def plan_series(problem: MoveProblem, first_plan: MovePlan, seconds: float) -> MovePlan:
    """Return the best plan found in so many seconds; what `first_plan` has where nothing is better.

    It says, too, how few any plan of this problem can leave without a time.
    """
    began, search = monotonic(), ColumnSearch(problem)
    first = search.add_plan(first_plan)
    settled = SeriesDive(search, first, began + DIVE_SHARE * seconds).choose_columns()
    _, bound = search.generate(FEWEST_UNPLACED, began + BOUND_SHARE * seconds)
    best = min(first, settled, key=lambda indexes: _weigh(search, indexes))
    packed = _pack(search, best, began + seconds - monotonic())
    choices = search.choices_of(min(packed, best, key=lambda indexes: _weigh(search, indexes)))
    return make_plan(problem, choices, PlanMethod.JOINTLY, ceil(bound / UNPLACED - ROUNDING))


def _weigh(search: ColumnSearch, indexes: Collection[int]) -> float:
    return sum(CHEAPEST.weigh(search.columns[index]) for index in indexes)


def _pack(search: ColumnSearch, first: Sequence[int], seconds: float) -> Sequence[int]:
    """Return the cheapest choice among the columns there are that is found in so many seconds."""
    columns = [Column(each.party, int(CHEAPEST.weigh(each)), each.uses) for each in search.columns]
    model = PackingModel(columns, search.table.capacities)
    packing = model.solve([column.cost for column in columns], first, seconds, GAP)
    return packing.chosen if packing else first
