"""The rows of a CSV or xlsx file as text, each with its line in it."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, load_workbook

DELIMITERS = ",;\t|"
MOST_ABOVE = 20  # rows above the headings: a title, the day it was made, nothing


class UnreadableTable(Exception):
    """A file is neither CSV nor xlsx, or has no rows; the message says so."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file, as an editor or a spreadsheet counts it, and its cells by heading."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's headings, in its order, and its rows; empty ones are left out."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]


def read_table(path: Path, has_headings: Callable[[Sequence[str]], bool] = any) -> Table:
    """Read a file; its headings are in the first row that has some. Raises `UnreadableTable`."""
    try:
        rows = list(_read_xlsx(path) if path.suffix.lower() == ".xlsx" else _read_csv(path))
    except (CalamineError, OSError) as error:
        raise UnreadableTable(f"{path.name} can't be read: {error}") from error
    if not rows:
        raise UnreadableTable(f"{path.name} is empty")
    top = [index for index, (_, cells) in enumerate(rows[:MOST_ABOVE]) if has_headings(cells)]
    first = top[0] if top else 0
    headings = tuple(rows[first][1])
    lines = (Line(number, _by_heading(headings, cells)) for number, cells in rows[first + 1 :])
    return Table(headings, tuple(line for line in lines if any(line.cells.values())))


def _by_heading(headings: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """Return a row's cells; of columns with one heading the first that is filled."""
    cell_by_heading: dict[str, str] = {}
    for heading, cell in zip(headings, cells, strict=False):
        cell_by_heading[heading] = cell_by_heading.get(heading) or cell
    return cell_by_heading


def _read_csv(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    text = _decode(path.read_bytes())
    if "\0" in text.partition("\n")[0]:
        raise UnreadableTable(f"{path.name} is neither CSV nor xlsx: save it anew as one of them")
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


def _read_xlsx(path: Path) -> Iterator[tuple[int, Sequence[str]]]:
    sheet = load_workbook(path).get_sheet_by_index(0)
    rows: Iterable[Sequence[Any]] = sheet.to_python(skip_empty_area=False)
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
