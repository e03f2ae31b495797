"""Tables for spreadsheets (CSV): what a cell says is text there, and never a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

Cell = str | int | float | None
# What a spreadsheet takes for the beginning of a formula, its wide forms too (OWASP, "CSV Injection")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def protect_text(cell: Cell) -> Cell:
    """Return a cell as text where a spreadsheet would take it for a formula; numbers stay numbers."""
    is_formula = isinstance(cell, str) and cell.startswith(FORMULA_STARTS)
    return f"'{cell}" if is_formula else cell


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV (RFC 4180), each cell safe to open in a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in (header, *rows):
        writer.writerow([protect_text(cell) for cell in row])
    return text.getvalue()


def build_csv_download(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Response:
    """Return a table to be saved as the file `name`.csv; its mark tells spreadsheets that it is UTF-8."""
    body = write_csv(header, rows).encode("utf-8-sig")
    response = Response(body, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return response
