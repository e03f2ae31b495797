"""The rows of a CSV or xlsx file as text, each with its line in it."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

DELIMITERS = ",;\t|"
MOST_ABOVE = 20  # rows above the headings: a title, the day it was made, nothing


ZIP, OLD_OFFICE = (
    b"PK\x03\x04",
    bytes.fromhex("d0cf11e0a1b11ae1"),
)  # how xlsx and what is older begin
ADVICE = "open it in a spreadsheet and save it anew, as CSV or as xlsx without a password"

HasHeadings = Callable[[Sequence[str]], bool]
Rows = list[tuple[int, Sequence[str]]]


class UnreadableTable(Exception):
    """A file is neither CSV nor xlsx, or has no rows; the message says so."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, as an editor or a spreadsheet counts it, and its cells by heading."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's headings, in its order, and its rows; empty ones are left out.

    Of a workbook, the names of its sheets: the one that it was read from, and the others.
    """

    headings: tuple[str, ...]
    lines: tuple[Line, ...]
    sheet: str = ""
    sheets_left: tuple[str, ...] = ()


def read_table(path: Path, has_headings: HasHeadings = any) -> Table:
    """Read a file; its headings are in the first row, of the first sheet, that has some.

    What it is its first bytes say, not its name. Raises `UnreadableTable`.
    """
    try:
        sheets = _read_sheets(path)
    except OSError as error:
        raise UnreadableTable(f"{path.name} can't be read: {error}") from error
    if not any(sheets.values()):
        raise UnreadableTable(f"{path.name} is empty")
    name, first = next(
        (
            (name, index)
            for name, rows in sheets.items()
            if (index := _find_headings(rows, has_headings)) is not None
        ),
        (next(name for name, rows in sheets.items() if rows), 0),
    )
    headings = tuple(sheets[name][first][1])
    rows = sheets[name][first + 1 :]
    lines = (Line(number, _by_heading(headings, cells)) for number, cells in rows)
    return Table(
        headings,
        tuple(line for line in lines if any(line.cells.values())),
        *(name, tuple(other for other, rows in sheets.items() if rows and other != name)),
    )


def _read_sheets(path: Path) -> dict[str, Rows]:
    """Return the rows of each sheet by its name; a CSV file's are one sheet without a name."""
    with path.open("rb") as file:
        beginning = file.read(len(OLD_OFFICE))
    if beginning == OLD_OFFICE:
        raise UnreadableTable(f"{path.name} has a password, or is of an old Excel: {ADVICE}")
    if not beginning.startswith(ZIP):
        return {"": list(_read_csv(path))}
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(path.read_bytes()))
        return {name: list(_read_sheet(workbook, name)) for name in workbook.sheet_names}
    except (CalamineError, OSError) as error:
        raise UnreadableTable(f"{path.name} is damaged, or no xlsx: {ADVICE}") from error


def _find_headings(rows: Rows, has_headings: HasHeadings) -> int | None:
    """Return the index of the row of headings; None where none near the top is one."""
    top = enumerate(rows[:MOST_ABOVE])
    return next((index for index, (_, cells) in top if has_headings(cells)), None)


def _by_heading(headings: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Return a row's cells; of columns with one heading the first that is filled."""
    cell_by_heading: dict[str, str] = {}
    for heading, cell in zip(headings, cells, strict=False):
        cell_by_heading[heading] = cell_by_heading.get(heading) or cell
    return cell_by_heading


def _read_csv(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    text = _decode(path.read_bytes())
    if "\0" in text.partition("\n")[0]:
        raise UnreadableTable(f"{path.name} is neither CSV nor xlsx: {ADVICE}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(text), strict=True)
    begins = 1
    try:
        for cells in reader:
            yield begins, [cell.strip() for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableTable(
            f"{path.name} can't be read: its row from line {begins} on: {error}"
        ) from error


def _find_delimiter(text: str) -> str:
    """Return what stands in most lines at the top, and most often in them; a title has other signs."""
    lines = text.splitlines()[:MOST_ABOVE]
    return max(DELIMITERS, key=lambda each: (sum(each in line for line in lines), text.count(each)))


def _decode(content: bytes) -> str:
    """Return text in UTF-8, or as spreadsheets save it on Windows: UTF-16 with its mark, or an older code."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _read_sheet(workbook: CalamineWorkbook, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    rows: Iterable[Sequence[Any]] = workbook.get_sheet_by_name(name).to_python(
        skip_empty_area=False
    )
    for number, cells in enumerate(rows, start=1):
        yield number, [_as_text(cell) for cell in cells]


def _as_text(cell: Any) -> str:
    """Return a cell as it would stand in a CSV file: dates as ISO 8601, a phone without ".0"."""
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date().isoformat()
    if isinstance(cell, date):  # or an instant
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
