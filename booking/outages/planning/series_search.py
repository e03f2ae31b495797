"""Column generation: at what cells are worth, each party's cheapest way is added, until none is cheaper."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
import numpy.typing as npt

from booking.outages.planning.problem import MoveOption, MovePlan, MoveProblem
from booking.outages.planning.series_columns import PartyPaths, SeriesColumn, list_parties
from booking.outages.planning.series_relaxation import RelaxedChoice, SeriesRelaxation
from booking.outages.planning.series_ways import WayTable

UNPLACED = 10_000  # points for one without a time: more than moving others of a series costs
TOLERANCE = 1e-6
A_POINT = 1.0  # nearer to the best than this is as good


@dataclass(frozen=True, slots=True)
class Weights:
    """What is to be small: how many have no time, and the points of those that have, each at a rate."""

    cost: float
    unplaced: float = UNPLACED

    def weigh(self, column: SeriesColumn) -> float:
        """Return what a column costs."""
        return self.unplaced * column.unplaced + self.cost * column.cost


FEWEST_UNPLACED = Weights(cost=1e-4)  # what the times cost decides between equals alone
CHEAPEST = Weights(cost=1.0)


class ColumnSearch:
    """A problem's parties, and the columns generated for them so far."""

    def __init__(self, problem: MoveProblem) -> None:
        self.table = WayTable(problem)
        chains = list_parties(problem)
        self.parties = [PartyPaths(n, chain, self.table) for n, chain in enumerate(chains)]
        self.relaxation = SeriesRelaxation(self.table, len(chains))
        self._rows_seen: set[tuple[int, ...]] = set()

    @property
    def columns(self) -> list[SeriesColumn]:
        """The columns so far."""
        return self.relaxation.columns

    def add_plan(self, plan: MovePlan) -> list[int]:
        """Let a whole plan be chosen; return the indexes of its columns."""
        row_by_way = {way: row for row, way in enumerate(self.table.ways)}
        indexes = []
        for party in self.parties:
            keys = [self.table.ways[layer.first][0] for layer in party.layers]
            rows = tuple(row_by_way[key, plan.choices.get(key)] for key in keys)
            self.add_column(party, rows)
            indexes.append(next(n for n, each in enumerate(self.columns) if each.rows == rows))
        return indexes

    def add_column(self, party: PartyPaths, rows: Sequence[int]) -> bool:
        """Let a party have these ways; False where it could have them already."""
        key = tuple(rows)
        if key in self._rows_seen:
            return False
        self._rows_seen.add(key)
        self.relaxation.add(party.make_column(key))
        return True

    def choices_of(self, indexes: Collection[int]) -> dict[int, MoveOption]:
        """Return the times that columns have, by appointment id."""
        ways = (self.table.ways[row] for index in indexes for row in self.columns[index].rows)
        return {key: option for key, option in ways if option is not None}

    def generate(
        self,
        weights: Weights,
        deadline: float,
        *,
        fixed: Collection[int] = (),
        blocked: npt.NDArray[np.bool_] | None = None,
        gap: float = 0.0,
    ) -> tuple[RelaxedChoice | None, float]:
        """Add columns until none makes the relaxed choice cheaper by more than the share `gap`.

        Parties `fixed` get no more, and `blocked` ways are not asked for. Returns the last choice, the best
        unless the deadline (as `monotonic` has it) came first, None where there was time for none; and what
        all cost together at the least.
        """
        bound, last_choice = 0.0, None
        while (left := deadline - monotonic()) > 0:
            choice = self.relaxation.solve([weights.weigh(each) for each in self.columns], left)
            if choice is None:
                break
            last_choice = choice
            least, is_new = self._price(choice, weights, fixed, blocked)
            worth = float(choice.cell_prices @ self.table.free)
            bound = max(bound, least - worth)
            open_costs = np.delete(choice.party_costs, [*fixed]).sum()
            if not is_new or open_costs - least <= gap * abs(open_costs) + A_POINT:
                break
        return last_choice, bound

    def _price(
        self,
        choice: RelaxedChoice,
        weights: Weights,
        fixed: Collection[int],
        blocked: npt.NDArray[np.bool_] | None,
    ) -> tuple[float, bool]:
        """Add each party's cheapest column where it is cheaper than what it has; return what all cost."""
        table = self.table
        costs = weights.cost * table.costs + weights.unplaced * table.is_lacking
        costs += table.price(choice.cell_prices)
        if blocked is not None:
            costs[blocked] = np.inf
        total, is_new = 0.0, False
        for party in self.parties:
            if party.party in fixed:
                continue
            least, rows = party.find_cheapest(costs, weights.cost)
            total += least
            if least < choice.party_costs[party.party] - TOLERANCE:
                is_new |= self.add_column(party, rows)
        return total, is_new
