"""From shares to one column for each party: those nearest to 1 are settled, and the rest is priced anew."""

from collections.abc import Collection, Iterator, Sequence
from math import inf
from time import monotonic

import numpy as np

from booking.outages.planning.series_relaxation import RelaxedChoice
from booking.outages.planning.series_search import CHEAPEST, TOLERANCE, ColumnSearch
from booking.outages.planning.series_ways import IntArray

GAP = 0.02  # of what is left to be settled: nearer isn't worth the time before all is settled
STEP = 0.5  # of the time that is left goes to one step at most
SETTLED = 0.7  # a share that is likely to end at 1


class SeriesDive:
    """Columns are settled step by step, beginning at a plan to which whoever is left without any goes back.

    What stands in the way of those is open again. As the columns of that plan go together, it ends.
    """

    def __init__(self, search: ColumnSearch, first: Sequence[int], deadline: float) -> None:
        self.search, self.first, self.deadline = search, first, deadline
        self.settled: dict[int, int] = {}  # party → column, in order
        self._gone_back: set[int] = set()

    def choose_columns(self) -> list[int]:
        """Return each party's column, by its index; of who is open at the deadline, the first plan's."""
        parties = range(len(self.search.parties))
        while is_open := [party for party in parties if party not in self.settled]:
            choice = self._relax()
            lacking = is_open if choice is None else _list_lacking(choice)
            if choice is None or lacking or not self._settle(choice):
                self._go_back(lacking or is_open)
        self.search.relaxation.restrict([(0.0, inf)] * len(self.search.columns))
        return [self.settled[party] for party in parties]

    def _relax(self) -> RelaxedChoice | None:
        """Return the shares of what is still open, in what is left; None once time is up."""
        blocked = self.search.table.mark_blocked(self._free())
        self.search.relaxation.restrict(
            [self._limit(index, blocked) for index in range(len(self.search.columns))]
        )
        now = monotonic()
        choice, _ = self.search.generate(
            CHEAPEST,
            now + STEP * (self.deadline - now),
            fixed=self.settled,
            blocked=blocked,
            gap=GAP,
        )
        return choice

    def _limit(self, index: int, blocked: np.ndarray) -> tuple[float, float]:
        """Return between which shares a column may have: all or nothing of a party that is settled."""
        column = self.search.columns[index]
        if column.party in self.settled:
            share = float(self.settled[column.party] == index)
            return share, share
        return 0.0, 0.0 if blocked[list(column.rows)].any() else inf

    def _settle(self, choice: RelaxedChoice) -> bool:
        """Settle the column with the largest share, and others nearly whole; tell whether there was one."""
        free, count = self._free(), len(self.settled)
        for index in (-choice.shares).argsort(kind="stable").tolist():
            column, share = self.search.columns[index], choice.shares[index]
            if share <= TOLERANCE or (len(self.settled) > count and share < SETTLED):
                break
            left = self.search.table.take(free, column.uses)
            if column.party not in self.settled and (left >= 0).all():
                free, self.settled[column.party] = left, index
        return len(self.settled) > count

    def _go_back(self, parties: Collection[int]) -> None:
        """Settle these as the first plan has them; whatever they need that others took is theirs."""
        self._gone_back.update(parties)
        self.settled |= {party: self.first[party] for party in parties}
        while (free := self._free()).min(initial=0) < 0:
            del self.settled[next(self._list_in_the_way(free))]

    def _list_in_the_way(self, free: IntArray) -> Iterator[int]:
        """Yield the parties, settled last first, that take a cell of which too much is taken."""
        nothing = np.zeros_like(free)
        for party, index in reversed(self.settled.items()):
            load = nothing - self.search.table.take(nothing, self.search.columns[index].uses)
            if party not in self._gone_back and load[free < 0].any():
                yield party

    def _free(self) -> IntArray:
        """Return what is free of each cell beside what is settled."""
        free = self.search.table.free
        for index in self.settled.values():
            free = self.search.table.take(free, self.search.columns[index].uses)
        return free


def _list_lacking(choice: RelaxedChoice) -> list[int]:
    return np.flatnonzero(choice.missing > TOLERANCE).tolist()
