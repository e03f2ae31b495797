"""How many of the nurses' seats are taken in each quarter of an hour of a local day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from booking.calendars.local_days import CELL_MINUTES, LocalDay, iter_runs

QUARTER = 15 // CELL_MINUTES  # cells


@dataclass(frozen=True, slots=True)
class NurseLoad:
    """One quarter of an hour, by the cell at which it begins: at its fullest, `taken` of `seats`.

    Seats are what nurses on shift can watch; who is set up takes all of one nurse's.
    """

    cell: int
    claimed: int
    seats: int


def list_nurse_loads(
    day: LocalDay, seats: Mapping[int, int], claimed: Iterable[int]
) -> Iterator[NurseLoad]:
    """Yield the quarters in which any seat is there or claimed.

    `seats` are the cells in which each seat is there, by resource id; `claimed` those of each claim on one.
    """
    there, in_use = _count(day, seats.values()), _count(day, claimed)
    for cell in range(0, day.cells, QUARTER):
        quarter = slice(cell, cell + QUARTER)
        load = NurseLoad(cell, max(in_use[quarter]), min(there[quarter]))
        if load.claimed or load.seats:
            yield load


def _count(day: LocalDay, sets: Iterable[int]) -> list[int]:
    """Return of each cell in how many sets it lies."""
    counts = [0] * day.cells
    for cells in sets:
        for first, end in iter_runs(cells & day.all_cells):
            for cell in range(first, end):
                counts[cell] += 1
    return counts
