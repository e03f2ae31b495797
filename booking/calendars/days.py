"""A local day as five-minute cells, and sets of cells as the bits of one integer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CELL = timedelta(minutes=5)


CELL_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Day:
    """One local day as instants: `begins` is local midnight in UTC, `cells` the day's length in 5 min."""

    local_date: date
    begins: datetime
    cells: int

    @classmethod
    def of(cls, local_date: date, zone: ZoneInfo) -> "Day":
        """Return the day `local_date` in `zone`."""
        begins = datetime.combine(local_date, time(), zone).astimezone(UTC)
        ends = datetime.combine(local_date + timedelta(days=1), time(), zone).astimezone(UTC)
        return cls(local_date, begins, (ends - begins) // CELL)

    @property
    def ends(self) -> datetime:
        """The next local midnight, in UTC."""
        return self.begins + self.cells * CELL

    def instant(self, cell: int) -> datetime:
        """Return the UTC instant at which `cell` begins."""
        return self.begins + cell * CELL

    def cell(self, instant: datetime) -> int | None:
        """Return the cell that begins at `instant`, or None when it isn't on the grid of this day."""
        cell, rest = divmod(instant - self.begins, CELL)
        return cell if not rest and 0 <= cell < self.cells else None

    def inside(self, starts_at: datetime, ends_at: datetime) -> int:
        """Return the cells lying wholly in [starts_at, ends_at): for time that is available."""
        return self._bits(-((self.begins - starts_at) // CELL), (ends_at - self.begins) // CELL)

    def touching(self, starts_at: datetime, ends_at: datetime) -> int:
        """Return the cells that [starts_at, ends_at) touches: for time that is taken."""
        return self._bits((starts_at - self.begins) // CELL, -((self.begins - ends_at) // CELL))

    def _bits(self, first: int, end: int) -> int:
        first, end = max(first, 0), min(end, self.cells)
        return (1 << end) - (1 << first) if first < end else 0


def wall_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of local `at` on `day`; a time the clocks skip moves past the gap."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def runs(free: int, cells: int) -> int:
    """Return the cells from which at least `cells` cells in a row are free, by doubling."""
    have = 1
    while have * 2 <= cells:
        free &= free >> have
        have *= 2
    return free & (free >> (cells - have))


def at_least(sets: Iterable[int], count: int) -> int:
    """Return the cells that lie in at least `count` of `sets`."""
    reached = [0] * count
    for cells in sets:
        for level in range(count - 1, 0, -1):
            reached[level] |= reached[level - 1] & cells
        reached[0] |= cells
    return reached[count - 1]


def bits(cells: int) -> Iterator[int]:
    """Yield the positions of the bits set in `cells`, lowest first."""
    while cells:
        lowest = cells & -cells
        yield lowest.bit_length() - 1
        cells ^= lowest


def stretches(cells: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of bits set in `cells` as [first, end), lowest first."""
    while cells:
        first = next(bits(cells))
        end = next(bits(~cells >> first << first))
        yield first, end
        cells = cells >> end << end


def grid(cells: int, step: int) -> int:
    """Return the cells of a day that lie on a grid of `step` minutes from local midnight on."""
    stride = step // CELL_MINUTES
    return sum(1 << cell for cell in range(0, cells, stride))
