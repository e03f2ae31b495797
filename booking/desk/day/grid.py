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
    cells: tuple[GridCell, ...]


def lay_out_grid(
    columns: Sequence[int], blocks: Sequence[GridBlock], open_cells: Mapping[int, int]
) -> tuple[GridRow, ...]:
    """Return the table's rows from the first to the last in which a resource is there or in use.

    `columns` are resource ids in the order shown, `open_cells` resource id → cells in which it is there
    (a bit set). Appointments that share a row on one resource share a box.
    """
    first, end = _extent(blocks, open_cells)
    by_column = [
        _column(
            [s for s in blocks if s.resource_id == column],
            open_cells.get(column, 0),
            first,
            end,
        )
        for column in columns
    ]
    return tuple(
        GridRow(row * ROW, tuple(cells[row] for cells in by_column if row in cells))
        for row in range(first, end)
    )


def _extent(blocks: Sequence[GridBlock], open_cells: Mapping[int, int]) -> tuple[int, int]:
    """Return the first row shown, and the row before which the table ends."""
    all_cells = 0
    for cells in open_cells.values():
        all_cells |= cells
    rows = [row for block in blocks for row in (block.first_row, block.end_row)]
    if all_cells:
        rows.append(((all_cells & -all_cells).bit_length() - 1) // ROW)
        rows.append(-(-all_cells.bit_length() // ROW))
    return min(rows, default=0), max(rows, default=0)


def _column(
    blocks: Sequence[GridBlock], open_cells: int, first: int, end: int
) -> dict[int, GridCell]:
    """Return, by the row in which each begins, the boxes of one column; they fill [first, end)."""
    cells = {
        row: GridCell(1, (), open_cells >> (row * ROW) & FULL_ROW == FULL_ROW)
        for row in range(first, end)
    }
    for begin, block_end, appointment_ids in _merged(blocks):
        for row in range(begin, block_end):
            del cells[row]
        cells[begin] = GridCell(block_end - begin, appointment_ids, True)
    return cells


def _merged(blocks: Sequence[GridBlock]) -> list[tuple[int, int, tuple[int, ...]]]:
    """Return (first row, end row, appointments), those that share a row put together."""
    merged: list[tuple[int, int, tuple[int, ...]]] = []
    for block in sorted(blocks, key=lambda block: (block.first, block.end)):
        if merged and block.first_row < merged[-1][1]:
            begin, end, appointment_ids = merged.pop()
            merged.append(
                (begin, max(end, block.end_row), (*appointment_ids, block.appointment_id))
            )
        else:
            merged.append((block.first_row, block.end_row, (block.appointment_id,)))
    return merged
