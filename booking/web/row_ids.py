"""Numbers of rows that an address or a form names: none that no row can have gets to the database."""

from typing import Any

from werkzeug.routing import IntegerConverter

MAX_ROW_ID = 2**31 - 1


class RowIdConverter(IntegerConverter):
    """A row's number in an address: one that no row can have is not found."""

    def __init__(self, *args: Any, **limits: Any) -> None:
        super().__init__(*args, **{"max": MAX_ROW_ID, **limits})


def parse_row_id(text: str) -> int:
    """Return a row's number; for the `type` of a field asked for. Raises ValueError."""
    number = int(text)
    if not 0 < number <= MAX_ROW_ID:
        raise ValueError(text)
    return number
