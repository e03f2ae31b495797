"""A day's free time by number: what appointments yet to come take of it, and which starts each destroys.

Chairs alike, and the seats of nurses, are counted: who sits where is seen to when it is booked (`reseating`).
A start is destroyed by an appointment that takes the last of something it needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from booking.calendars.local_days import iter_bits, run_starts
from booking.calendars.rules import FreeCells, ResourceDemand, ResourceNeed
from booking.locations.rules import ResourceKind


@dataclass(frozen=True, slots=True)
class CountedCells:
    """How many resources of each kind are free: for each kind, `levels[n]` are the cells with more than n."""

    levels: tuple[tuple[ResourceKind, tuple[int, ...]], ...]

    @classmethod
    def of_day(cls, free: FreeCells) -> "CountedCells":
        """Count what is free on a day."""
        return cls(tuple((kind, _levels([*sets.values()])) for kind, sets in free.free.items()))

    def levels_of(self, kind: ResourceKind) -> tuple[int, ...]:
        """Return the levels of one kind; none of a kind that isn't there."""
        return dict(self.levels).get(kind, ())

    def with_at_least(self, kind: ResourceKind, count: int) -> int:
        """Return the cells at which so many of a kind are free."""
        levels = self.levels_of(kind)
        return levels[count - 1] if count <= len(levels) else 0

    def without(self, demand: ResourceDemand, cell: int) -> "CountedCells":
        """Return what is left free once an appointment has its time from a cell on."""
        levels = dict(self.levels)
        for need in demand.needs:
            span = _span(need, cell)
            lower = (*levels.get(need.kind, ())[need.count :], *[0] * need.count)
            levels[need.kind] = tuple(
                own & ~span | next_lower & span
                for own, next_lower in zip(levels.get(need.kind, ()), lower, strict=False)
            )
        return CountedCells(tuple(levels.items()))

    def compute_start_cells(self, demand: ResourceDemand, starts: int) -> int:
        """Return those of `starts` at which so much of everything is free throughout."""
        for need in demand.needs:
            cells = self.with_at_least(need.kind, need.count)
            runs = run_starts(cells, need.cells)
            offset = need.offset_cells
            starts &= runs >> offset if offset >= 0 else runs << -offset
        return starts


def _levels(sets: list[int]) -> tuple[int, ...]:
    levels = [0] * len(sets)
    for number, cells in enumerate(sets):
        for level in range(number, 0, -1):
            levels[level] |= levels[level - 1] & cells
        levels[0] |= cells
    return tuple(levels)


def _span(need: ResourceNeed, cell: int) -> int:
    """Return the cells that one need of an appointment takes that starts at `cell`."""
    first = cell + need.offset_cells
    return (1 << max(first + need.cells, 0)) - (1 << max(first, 0))


def count_destroyed_starts(
    demand: ResourceDemand, counted: CountedCells, starts: int
) -> Iterator[tuple[int, int]]:
    """Yield each of `starts` and how many others of them an appointment there leaves without room."""
    pairs = [*_list_scarce(demand, counted)]
    for start in iter_bits(starts):
        lost = 0
        for need, own, cells in pairs:
            lost |= _starts_touching(need, cells & _span(own, start))
        yield start, (lost & starts & ~(1 << start)).bit_count()


def _list_scarce(
    demand: ResourceDemand, counted: CountedCells
) -> Iterator[tuple[ResourceNeed, ResourceNeed, int]]:
    """Yield the cells at which one need of an appointment leaves too few for a need of the next."""
    for need in demand.needs:
        for own in demand.needs:
            if need.kind is own.kind:
                enough = counted.with_at_least(need.kind, need.count)
                scarce = enough & ~counted.with_at_least(need.kind, need.count + own.count)
                if scarce:
                    yield need, own, scarce


def _starts_touching(need: ResourceNeed, cells: int) -> int:
    """Return the starts whose time of a need touches some of `cells`."""
    have, touching = 1, cells << max(-need.offset_cells, 0) >> max(need.offset_cells, 0)
    while have < need.cells:
        step = min(have, need.cells - have)
        touching |= touching >> step
        have += step
    return touching
