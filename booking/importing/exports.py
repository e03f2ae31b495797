"""Another system's export: its rows, what its columns are, and how it writes dates."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from booking.importing.cells import Cells, Columns, has_headings, parse_cells, recognize_columns
from booking.importing.columns import Fields
from booking.importing.date_orders import DateOrder, detect_date_order, put_months_first
from booking.importing.tables import Line, Table, read_table


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was understood as a whole; single rows may still be refused."""

    table: Table
    columns: Columns
    date_order: DateOrder

    @property
    def headings_read(self) -> list[str]:
        """The headings of what is read, field by field."""
        return list(dict.fromkeys(each for headings in self.columns.values() for each in headings))

    def read(self, line: Line) -> Cells:
        """Return what a row says, numbers in dates with the month first. Raises `RowRefused`."""
        return put_months_first(parse_cells(line, self.columns), self.date_order)


def open_export(
    path: Path, fields: Fields, required: tuple[str, ...], date_order: DateOrder | None
) -> Export:
    """Read a file that has one of the required fields, its dates in an order, by default the one it shows.

    Raises `UnreadableTable`, `MissingColumns` and `MixedDates`.
    """
    table = read_table(path, partial(has_headings, fields=fields, required=required))
    columns = recognize_columns(table.headings, fields, required)
    rows = ((line.number, parse_cells(line, columns)) for line in table.lines)
    return Export(table, columns, date_order or detect_date_order(rows))
