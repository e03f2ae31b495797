"""One way for each party so that no pool is taken twice: a mixed-integer program, by OR-Tools.

SCIP, which OR-Tools brings along, proves in a second what CP-SAT doesn't in twenty: the relaxation of such
rows is tight. It is deterministic, as far as its time goes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from ortools.linear_solver.python import model_builder
from ortools.linear_solver.python.model_builder import LinearExpr, SolveStatus

from booking.outages.planning.problem import PoolUse

ROUNDING = 1e-6  # a bound of 3.9999999 is 4
SOLVER = "SCIP"


@dataclass(frozen=True, slots=True)
class Column:
    """One way for one party, numbered from 0: what it costs, and all that it takes."""

    party: int
    cost: int
    uses: tuple[PoolUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Packing:
    """The columns chosen, one a party, by their places in the list; no choice costs less than `bound`."""

    chosen: tuple[int, ...]
    bound: int
    is_proven: bool


class PackingModel:
    """Columns as yes or no, one of each party's to be chosen, within what each pool has in each cell."""

    def __init__(self, columns: Sequence[Column], capacities: Sequence[Sequence[int]]) -> None:
        self.model: Any = model_builder.Model()  # type: ignore[no-untyped-call]  # as OR-Tools has it
        self.columns = columns
        self.variables = [self.model.new_bool_var("") for _ in columns]
        by_party: defaultdict[int, list[int]] = defaultdict(list)
        for index, column in enumerate(columns):
            by_party[column.party].append(index)
        for indexes in by_party.values():
            self.model.add(self._sum(indexes) == 1)
        self._limit_pools(capacities)

    def _sum(self, indexes: Iterable[int], weights: Iterable[int] | None = None) -> Any:
        variables = [self.variables[index] for index in indexes]
        factors = [1.0] * len(variables) if weights is None else [float(each) for each in weights]
        return LinearExpr.weighted_sum(variables, factors)

    def _limit_pools(self, capacities: Sequence[Sequence[int]]) -> None:
        """Keep to what is free: asked where somebody begins or less becomes free, which is enough."""
        uses: defaultdict[int, list[tuple[PoolUse, int]]] = defaultdict(list)
        for index, column in enumerate(self.columns):
            for use in column.uses:
                uses[use.pool].append((use, index))
        for pool, entries in uses.items():
            for cell in list_critical_cells((use for use, _ in entries), capacities[pool]):
                load = [(use, index) for use, index in entries if use.first <= cell < use.end]
                counts = [use.count for use, _ in load]
                if sum(counts) > capacities[pool][cell]:
                    total = self._sum((index for _, index in load), counts)
                    self.model.add(total <= capacities[pool][cell])

    def limit(self, indexes: Iterable[int], most: int) -> None:
        """Let at most so many of these columns be chosen."""
        self.model.add(self._sum(indexes) <= most)

    def solve(
        self, costs: Sequence[int], first: Sequence[int], seconds: float, gap: float = 0.0
    ) -> Packing | None:
        """Return the cheapest choice found in so many seconds, beginning at `first`; None where none was.

        One that is within `gap` (a share) of the bound will do.
        """
        self.model.minimize(self._sum(range(len(costs)), costs))
        self.model.clear_hints()
        first_indexes = frozenset(first)
        for index, variable in enumerate(self.variables):
            self.model.add_hint(variable, float(index in first_indexes))
        solver = model_builder.Solver(SOLVER)
        solver.set_time_limit_in_seconds(max(seconds, 0.0))
        solver.set_solver_specific_parameters(f"limits/gap = {gap}")
        status = solver.solve(self.model)
        if status not in (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE):
            return None
        chosen = (i for i, variable in enumerate(self.variables) if solver.value(variable) > 0.5)
        bound = ceil(solver.best_objective_bound - ROUNDING)
        return Packing(tuple(chosen), bound, round(solver.objective_value) <= bound)


def list_critical_cells(uses: Iterable[PoolUse], capacity: Sequence[int]) -> list[int]:
    """Return the cells at which a pool must be asked: where a use begins, or less becomes free."""
    drops = (cell for cell in range(1, len(capacity)) if capacity[cell] < capacity[cell - 1])
    return sorted({use.first for use in uses}.union(drops))
