"""A local day as five-minute cells, and sets of cells as the bits of one integer."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from booking.locations.rules import END_OF_DAY

CELL = timedelta(minutes=5)
CELL_MINUTES = 5
MINUTE = timedelta(minutes=1)
NOON, FIVE = 12 * 60, 17 * 60  # minutes of a local day


class PartOfDay(StrEnum):
    """Where in the day an appointment starts: before noon, before five, after."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


def part_of_day(minute: int) -> PartOfDay:
    """Return the part of the day that a local minute lies in."""
    if minute < NOON:
        return PartOfDay.MORNING
    return PartOfDay.AFTERNOON if minute < FIVE else PartOfDay.EVENING


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One local day as instants: `begins` is local midnight in UTC, `cells` the day's length in 5 min."""

    local_date: date
    starts_at: datetime
    cells: int
    zone: ZoneInfo

    @classmethod
    def for_date(cls, local_date: date, zone: ZoneInfo) -> "LocalDay":
        """Return the day `local_date` in `zone`."""
        begins = datetime.combine(local_date, time(), zone).astimezone(UTC)
        ends = datetime.combine(local_date + timedelta(days=1), time(), zone).astimezone(UTC)
        return cls(local_date, begins, (ends - begins) // CELL, zone)

    @property
    def ends_at(self) -> datetime:
        """The next local midnight, in UTC."""
        return self.starts_at + self.cells * CELL

    @property
    def all_cells(self) -> int:
        """Every cell of the day."""
        return (1 << self.cells) - 1

    @property
    def has_clock_change(self) -> bool:
        """Whether the clocks change on this day, so that its cells aren't all as its clock says."""
        offset = self.starts_at.astimezone(self.zone).utcoffset()
        return self.ends_at.astimezone(self.zone).utcoffset() != offset

    def cell_start(self, cell: int) -> datetime:
        """Return the UTC instant at which `cell` begins."""
        return self.starts_at + cell * CELL

    def cell_at(self, instant: datetime) -> int | None:
        """Return the cell that begins at `instant`, or None when it isn't on the grid of this day."""
        cell, remainder = divmod(instant - self.starts_at, CELL)
        return cell if not remainder and 0 <= cell < self.cells else None

    def cells_beginning(self, starts_at: datetime, ends_at: datetime) -> int:
        """Return the cells that begin in [starts_at, ends_at)."""
        return self._bits(
            -((self.starts_at - starts_at) // CELL), -((self.starts_at - ends_at) // CELL)
        )

    def cells_inside(self, starts_at: datetime, ends_at: datetime) -> int:
        """Return the cells lying wholly in [starts_at, ends_at): for time that is available."""
        return self._bits(
            -((self.starts_at - starts_at) // CELL), (ends_at - self.starts_at) // CELL
        )

    def cells_touching(self, starts_at: datetime, ends_at: datetime) -> int:
        """Return the cells that [starts_at, ends_at) touches: for time that is taken."""
        return self._bits(
            (starts_at - self.starts_at) // CELL, -((self.starts_at - ends_at) // CELL)
        )

    def grid_cells(self, step: int) -> int:
        """Return the cells at which the local clock shows a multiple of `step` minutes from midnight.

        A time the clocks skip has none, one they show twice has two.
        """
        if not self.has_clock_change:
            return _even_grid(self.cells, step)
        clock = (minute_of_day(self.cell_start(cell), self.zone) for cell in range(self.cells))
        return sum(1 << cell for cell, minute in enumerate(clock) if minute % step == 0)

    def _bits(self, first: int, end: int) -> int:
        first, end = max(first, 0), min(end, self.cells)
        return (1 << end) - (1 << first) if first < end else 0


def minute_of_day(instant: datetime, zone: ZoneInfo) -> int:
    """Return the minutes from midnight that the local clock shows."""
    local = instant.astimezone(zone)
    return local.hour * 60 + local.minute


def utc_offset(instant: datetime, zone: ZoneInfo) -> int:
    """Return by how many minutes the local clock is ahead of UTC at `instant`."""
    local = instant.astimezone(zone)
    return (local.replace(tzinfo=UTC) - instant) // MINUTE


def is_repeated(instant: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the local clock shows this instant's time for the second time that day."""
    return instant.astimezone(zone).fold == 1


def list_instants(day: date, at: time, zone: ZoneInfo) -> list[datetime]:
    """Return the UTC instants of `day` at which the local clock shows `at`: as a rule one.

    None of a time that the clocks skip, two of one that they show twice.
    """
    local = datetime.combine(day, at)
    instants = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(
        instant for instant in instants if instant.astimezone(zone).replace(tzinfo=None) == local
    )


def resolve_wall_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the first UTC instant of `day` at which the local clock shows `at` or later.

    So a time the clocks skip is the moment they skip it; one they show twice is the first.
    """
    if at == END_OF_DAY:
        return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    instant = datetime.combine(day, at, zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at):
        return instant
    offset_before = datetime.combine(day, at, zone).replace(fold=1).astimezone(UTC)
    return _clock_change(offset_before, instant, zone)


def _clock_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant, to the minute, at which the clocks change once in (before, after]."""
    offset, minutes = after.astimezone(zone).utcoffset(), (after - before) // MINUTE
    first = bisect_left(
        range(minutes),
        True,
        key=lambda minute: (before + minute * MINUTE).astimezone(zone).utcoffset() == offset,
    )
    return before + first * MINUTE


def run_starts(free: int, cells: int) -> int:
    """Return the cells from which at least `cells` cells in a row are free, by doubling."""
    have = 1
    while have * 2 <= cells:
        free &= free >> have
        have *= 2
    return free & (free >> (cells - have))


def in_at_least(sets: Iterable[int], count: int) -> int:
    """Return the cells that lie in at least `count` of `sets`."""
    layers = [0] * count
    for cells in sets:
        for level in range(count - 1, 0, -1):
            layers[level] |= layers[level - 1] & cells
        layers[0] |= cells
    return layers[count - 1]


def iter_bits(cells: int) -> Iterator[int]:
    """Yield the positions of the bits set in `cells`, lowest first."""
    while cells:
        lowest = cells & -cells
        yield lowest.bit_length() - 1
        cells ^= lowest


def iter_runs(cells: int) -> Iterator[tuple[int, int]]:
    """Yield the runs of bits set in `cells` as [first, end), lowest first."""
    while cells:
        first = next(iter_bits(cells))
        end = next(iter_bits(~cells >> first << first))
        yield first, end
        cells = cells >> end << end


@lru_cache(maxsize=64)
def _even_grid(cells: int, step: int) -> int:
    """Return the cells of a day without a clock change that lie on a grid of `step` minutes."""
    return sum(1 << cell for cell in range(0, cells, step // CELL_MINUTES))
