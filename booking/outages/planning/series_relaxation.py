"""Shares of columns in place of one for each party, and what cells are worth: a linear program, by GLOP.

It is solved again and again with a few columns more, each time from where it stood: that needs the solver of
`pywraplp`, and no preprocessing.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp  # type: ignore[attr-defined]  # compiled

from booking.outages.planning.packing import list_critical_cells
from booking.outages.planning.problem import PoolUse
from booking.outages.planning.series_columns import SeriesColumn
from booking.outages.planning.series_ways import FloatArray, WayTable

SOLVER, PARAMETERS = "GLOP", "use_preprocessing: false"
MISSING = 1e5  # points for a party without any column: more than any has


@dataclass(frozen=True, slots=True)
class RelaxedChoice:
    """The share of each column, what a cell is worth, what each party costs, and the share it has of none."""

    shares: FloatArray
    cell_prices: FloatArray
    party_costs: FloatArray
    missing: FloatArray


class SeriesRelaxation:
    """The columns so far, of which each party takes shares of 1 in all, within what each pool has.

    A cell has a row once a column takes it: what no column takes is worth nothing.
    """

    def __init__(self, table: WayTable, parties: int) -> None:
        self.table = table
        self.columns: list[SeriesColumn] = []
        self._solver: Any = pywraplp.Solver.CreateSolver(SOLVER)
        self._solver.SetSolverSpecificParametersAsString(PARAMETERS)
        self._variables: list[Any] = []
        self._missing = [self._new_variable(MISSING) for _ in range(parties)]
        self._parties = [self._solver.Constraint(1.0, 1.0) for _ in range(parties)]
        for row, variable in zip(self._parties, self._missing, strict=True):
            row.SetCoefficient(variable, 1.0)
        self._cells: dict[tuple[int, int], Any] = {}
        self._critical = self._list_critical()

    def _new_variable(self, cost: float) -> Any:
        variable = self._solver.NumVar(0.0, inf, "")  # a party's row ends its shares at 1
        self._solver.Objective().SetCoefficient(variable, cost)
        return variable

    def _list_critical(self) -> list[list[int]]:
        """Return, for each pool, the cells at which it must be asked, whatever is chosen."""
        uses: defaultdict[int, set[PoolUse]] = defaultdict(set)
        for way_uses in self.table.uses:
            for use in way_uses:
                uses[use.pool].add(use)
        return [
            list_critical_cells(uses[pool], cells)
            for pool, cells in enumerate(self.table.capacities)
        ]

    def add(self, column: SeriesColumn) -> None:
        """Let a column be chosen."""
        variable = self._new_variable(0.0)
        self.columns.append(column)
        self._variables.append(variable)
        self._parties[column.party].SetCoefficient(variable, 1.0)
        loads: defaultdict[tuple[int, int], int] = defaultdict(int)
        for use in column.uses:
            critical = self._critical[use.pool]
            for cell in critical[bisect_left(critical, use.first) : bisect_left(critical, use.end)]:
                loads[use.pool, cell] += use.count
        for key, count in loads.items():
            self._row_of(*key).SetCoefficient(variable, float(count))

    def _row_of(self, pool: int, cell: int) -> Any:
        if (pool, cell) not in self._cells:
            most = float(self.table.capacities[pool][cell])
            self._cells[pool, cell] = self._solver.Constraint(-inf, most)
        return self._cells[pool, cell]

    def restrict(self, limits: Sequence[tuple[float, float]]) -> None:
        """Let each column be taken in a share between two."""
        for variable, bounds in zip(self._variables, limits, strict=True):
            variable.SetBounds(*bounds)

    def solve(self, costs: Sequence[float], seconds: float) -> RelaxedChoice | None:
        """Return the cheapest shares at the costs of columns; None where time didn't suffice."""
        objective = self._solver.Objective()
        for variable, cost in zip(self._variables, costs, strict=True):
            objective.SetCoefficient(variable, cost)
        self._solver.SetTimeLimit(max(int(1000 * seconds), 1))
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            return None
        return RelaxedChoice(
            np.array([variable.solution_value() for variable in self._variables]),
            self._read_prices(),
            np.array([row.dual_value() for row in self._parties]),
            np.array([variable.solution_value() for variable in self._missing]),
        )

    def _read_prices(self) -> FloatArray:
        prices = np.zeros(self.table.offsets[-1])
        for (pool, cell), row in self._cells.items():
            prices[self.table.offsets[pool] + cell] = max(-row.dual_value(), 0.0)
        return prices
