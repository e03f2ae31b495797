"""A day as a table: which cell spans which rows. Pure: values in, rows out.

Times are cells of 5 minutes since local midnight (calendars.rules.Day); a row is 15 minutes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROW = 3  # cells in a row
FULL_ROW = (1 << ROW) - 1


@dataclass(frozen=True, slots=True)
class GridBlock:
    """One appointment's time on one resource, as cells [first, end)."""

    resource_id: int
    appointment_id: int
    first: int
    end: int

    @property
    def first_row(self) -> int:
        """The row in which it begins."""
        return self.first // ROW

    @property
    def end_row(self) -> int:
        """The row before which it ends."""
        return -(-self.end // ROW)


@dataclass(frozen=True, slots=True)
class GridCell:
    """One table cell: `rows` high, with the appointments in it; `is_open` when the resource is there."""

    rows: int
    appointment_ids: tuple[int, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of the table: the cell at which it begins and the boxes that begin in it."""

    cell: int
    boxes: tuple[GridCell, ...]


def lay_out_grid(
    columns: Sequence[int], stretches: Sequence[GridBlock], opened: Mapping[int, int]
) -> tuple[GridRow, ...]:
    """Return the table's rows from the first to the last in which a resource is there or in use.

    `columns` are resource ids in the order shown, `opened` resource id → cells in which it is there
    (a bit set). Appointments that share a row on one resource share a box.
    """
    first, end = _extent(stretches, opened)
    by_column = [
        _column(
            [s for s in stretches if s.resource_id == column],
            opened.get(column, 0),
            first,
            end,
        )
        for column in columns
    ]
    return tuple(
        GridRow(row * ROW, tuple(boxes[row] for boxes in by_column if row in boxes))
        for row in range(first, end)
    )


def _extent(stretches: Sequence[GridBlock], opened: Mapping[int, int]) -> tuple[int, int]:
    """Return the first row shown, and the row before which the table ends."""
    together = 0
    for cells in opened.values():
        together |= cells
    rows = [row for stretch in stretches for row in (stretch.first_row, stretch.end_row)]
    if together:
        rows.append(((together & -together).bit_length() - 1) // ROW)
        rows.append(-(-together.bit_length() // ROW))
    return min(rows, default=0), max(rows, default=0)


def _column(
    stretches: Sequence[GridBlock], opened: int, first: int, end: int
) -> dict[int, GridCell]:
    """Return, by the row in which each begins, the boxes of one column; they fill [first, end)."""
    boxes = {
        row: GridCell(1, (), opened >> (row * ROW) & FULL_ROW == FULL_ROW)
        for row in range(first, end)
    }
    for begun, ended, appointment_ids in _merged(stretches):
        for row in range(begun, ended):
            del boxes[row]
        boxes[begun] = GridCell(ended - begun, appointment_ids, True)
    return boxes


def _merged(stretches: Sequence[GridBlock]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return (first row, end row, appointments), those that share a row put together."""
    found: list[tuple[int, int, tuple[int, ...]]] = []
    for stretch in sorted(stretches, key=lambda one: (one.first, one.end)):
        if found and stretch.first_row < found[-1][1]:
            begun, ended, appointment_ids = found.pop()
            found.append(
                (begun, max(ended, stretch.end_row), (*appointment_ids, stretch.appointment_id))
            )
        else:
            found.append((stretch.first_row, stretch.end_row, (stretch.appointment_id,)))
    return found
