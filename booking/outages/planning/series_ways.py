"""Every way of every appointment of a problem as arrays: a time, or none; what it costs and takes."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from booking.outages.planning.problem import MoveOption, MoveProblem, OptionList, PoolUse

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Way = tuple[int, MoveOption | None]  # an appointment, and a time for it or none


class WayTable:
    """The new times that each appointment could have ("ways"), or none: arrays for the solver, a row a way.

    The rows of one appointment follow one another, by day. Two appointments that must not be on one day
    share a pool of one for each day that both could have.
    """

    def __init__(self, problem: MoveProblem) -> None:
        self.problem = problem
        self.ways: list[Way] = []
        self.rows: dict[int, range] = {}
        for candidates in problem.appointments:
            first = len(self.ways)
            self.ways += [(candidates.appointment_id, each) for each in _list_ways(candidates)]
            self.rows[candidates.appointment_id] = range(first, len(self.ways))
        self.is_lacking = np.array([option is None for _, option in self.ways], dtype=bool)
        self.costs = np.array([*self._list_costs()], dtype=np.float64)
        self.uses = [option.uses if option is not None else () for _, option in self.ways]
        self.capacities = [*problem.capacities]
        self._keep_days_apart()
        self.offsets = [0, *accumulate(len(cells) for cells in self.capacities)]
        self.free = np.array(
            [count for cells in self.capacities for count in cells], dtype=np.int64
        )
        self._taken = np.array([*self._list_taken()], dtype=np.int64).reshape(-1, 4)

    def _list_costs(self) -> Iterator[int]:
        unplaced = {each.appointment_id: each.unplaced_cost for each in self.problem.appointments}
        for key, option in self.ways:
            yield unplaced[key] if option is None else option.cost

    def _keep_days_apart(self) -> None:
        chained = {
            each.first_id: each.second_id for each in self.problem.spacings if not each.both_ways
        }
        for spacing in self.problem.spacings:
            if spacing.both_ways and not _is_after(chained, spacing.first_id, spacing.second_id):
                self._add_day_pools(spacing.first_id, spacing.second_id)

    def _add_day_pools(self, first_id: int, second_id: int) -> None:
        by_day: list[dict[date, list[int]]] = [{}, {}]
        for days, key in zip(by_day, (first_id, second_id), strict=True):
            for row in self.rows[key]:
                if (option := self.ways[row][1]) is not None:
                    days.setdefault(option.day, []).append(row)
        for day in by_day[0].keys() & by_day[1].keys():
            use = PoolUse(len(self.capacities), 0, 1, 1)
            self.capacities.append((1,))
            for row in (*by_day[0][day], *by_day[1][day]):
                self.uses[row] = (*self.uses[row], use)

    def _list_taken(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield what each way takes: its row, the cells [first, end) among all, and how many of each."""
        for row, uses in enumerate(self.uses):
            for use in uses:
                offset = self.offsets[use.pool]
                yield row, offset + use.first, offset + use.end, use.count

    def price(self, cell_prices: FloatArray) -> FloatArray:
        """Return what each way takes, at the prices of all cells."""
        row, first, end, count = self._taken.T
        upto = np.concatenate([[0.0], np.cumsum(cell_prices)])
        worths = (upto[end] - upto[first]) * count
        prices = np.zeros(len(self.ways))
        np.add.at(prices, row, worths)
        return prices

    def mark_blocked(self, free: IntArray) -> npt.NDArray[np.bool_]:
        """Tell of each way whether it takes more than is free of some cell."""
        row, first, end, count = self._taken.T
        blocked = np.zeros(len(self.ways), dtype=bool)
        for needed in np.unique(count):
            lacking = np.concatenate([[0], np.cumsum(free < needed)])
            takes = count == needed
            too_much = lacking[end[takes]] > lacking[first[takes]]
            blocked[row[takes][too_much]] = True
        return blocked

    def take(self, free: IntArray, uses: Sequence[PoolUse]) -> IntArray:
        """Return what is free of each cell once all this is taken."""
        left = free.copy()
        for use in uses:
            offset = self.offsets[use.pool]
            left[offset + use.first : offset + use.end] -= use.count
        return left


def _list_ways(candidates: OptionList) -> list[MoveOption | None]:
    """Return an appointment's ways by day; without a time it stays on its own."""
    ways: list[MoveOption | None] = [*candidates.options]
    if not candidates.is_required:
        ways.append(None)
    own_day = candidates.own_day or date.min
    return sorted(ways, key=lambda each: own_day if each is None else each.day)


def _is_after(following: dict[int, int], first_id: int, second_id: int) -> bool:
    """Tell whether one of two appointments comes somewhere after the other, with a gap each between."""
    return second_id in _walk(following, first_id) or first_id in _walk(following, second_id)


def _walk(following: dict[int, int], key: int) -> Iterator[int]:
    while key in following:
        key = following[key]
        yield key
