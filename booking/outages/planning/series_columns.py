"""The cheapest new times for a whole series, at what free cells are worth: a shortest path over days.

A gap couples two successive sessions by their days alone, so of all times on a day the cheapest will do:
V[k, day] = the cheapest time of session k that day + min over earlier days (V[k - 1, earlier] + gap). It is
the recursion of `series/planning/paths.py` without times of day, which cost nothing between two visits here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from booking.outages.planning.problem import MoveProblem, OptionList, PoolUse, Spacing
from booking.outages.planning.series_ways import FloatArray, Way, WayTable


@dataclass(frozen=True, slots=True)
class SeriesColumn:
    """What becomes of all appointments of one party: what it costs, takes, and how many have no time.

    `rows` are the places of its ways in the table.
    """

    party: int
    rows: tuple[int, ...]
    unplaced: int
    cost: int
    uses: tuple[PoolUse, ...]


def list_parties(problem: MoveProblem) -> list[list[OptionList]]:
    """Return the appointments that gaps hold together, each series in its order; others by themselves."""
    following = {each.first_id: each.second_id for each in problem.spacings if not each.both_ways}
    by_id = {each.appointment_id: each for each in problem.appointments}
    later = set(following.values())
    return [
        [by_id[key] for key in _follow(following, first)] for first in by_id if first not in later
    ]


def _follow(following: dict[int, int], first: int) -> Iterator[int]:
    key: int | None = first
    while key is not None:
        yield key
        key = following.get(key)


class PartyPaths:
    """One party's appointments in order: on which days each can be, and what the gaps between them cost."""

    def __init__(self, party: int, chain: Sequence[OptionList], table: WayTable) -> None:
        self.party, self.table = party, table
        self.layers = [_Layer.of(candidates, table) for candidates in chain]
        spacings = {(each.first_id, each.second_id): each for each in table.problem.spacings}
        keys = [candidates.appointment_id for candidates in chain]
        self.steps = [
            _list_steps(
                spacings[keys[k], keys[k + 1]], self.layers[k].days, self.layers[k + 1].days
            )
            for k in range(len(chain) - 1)
        ]

    def find_cheapest(self, prices: FloatArray, gap_weight: float) -> tuple[float, list[int]]:
        """Return the least that the party costs at the prices of ways, and the row of each one's way."""
        values, origins = [self.layers[0].cheapest_by_day(prices)], []
        for layer, step in zip(self.layers[1:], self.steps, strict=True):
            arriving = values[-1][:, None] + step * gap_weight
            origins.append(arriving.argmin(axis=0))
            values.append(layer.cheapest_by_day(prices) + arriving.min(axis=0))
        columns = [int(values[-1].argmin())]
        for origin in reversed(origins):
            columns.append(int(origin[columns[-1]]))
        days = zip(self.layers, reversed(columns), strict=True)
        return float(values[-1].min()), [layer.cheapest_on(day, prices) for layer, day in days]

    def make_column(self, rows: Sequence[int]) -> SeriesColumn:
        """Return a way for each appointment as a column."""
        table, days = (
            self.table,
            [layer.day_of(row) for layer, row in zip(self.layers, rows, strict=True)],
        )
        gaps = sum(int(step[days[k], days[k + 1]]) for k, step in enumerate(self.steps))
        return SeriesColumn(
            self.party,
            tuple(rows),
            int(table.is_lacking[list(rows)].sum()),
            int(table.costs[list(rows)].sum()) + gaps,
            tuple(use for row in rows for use in table.uses[row]),
        )


@dataclass(frozen=True, slots=True)
class _Layer:
    """One appointment: its rows of the table from `first` on, by day; where each of its `days` begins."""

    first: int
    end: int
    days: npt.NDArray[np.int64]  # ordinals, rising
    begins: npt.NDArray[np.int64]  # from `first`

    @classmethod
    def of(cls, candidates: OptionList, table: WayTable) -> "_Layer":
        rows = table.rows[candidates.appointment_id]
        of_rows = [_day_of(table.ways[row], candidates) for row in rows]
        days, begins = np.unique(np.array(of_rows, dtype=np.int64), return_index=True)
        return cls(rows.start, rows.stop, days, begins)

    def cheapest_by_day(self, prices: FloatArray) -> FloatArray:
        return np.minimum.reduceat(prices[self.first : self.end], self.begins)

    def cheapest_on(self, day: int, prices: FloatArray) -> int:
        begin, end = np.append(self.begins, self.end - self.first)[day : day + 2] + self.first
        return int(begin + prices[begin:end].argmin())

    def day_of(self, row: int) -> int:
        return int(np.searchsorted(self.begins, row - self.first, side="right")) - 1


def _day_of(way: Way, candidates: OptionList) -> int:
    day = candidates.own_day or date.min if way[1] is None else way[1].day
    return day.toordinal()


def _list_steps(
    spacing: Spacing, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> FloatArray:
    """Return what the gap from each day of one to each of the other costs, infinite where not allowed."""
    days, later = ([date.fromordinal(day) for day in each.tolist()] for each in (first, second))
    return np.array(
        [[spacing.cost(a, b) if spacing.allows(a, b) else np.inf for b in later] for a in days]
    )
