"""Whether a file's dates in numbers put the month or the day first: all of them one way."""

import enum
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from booking.importing.cells import Cells
from booking.importing.outcomes import RowRefused

DATE_FIELDS = ("date", "start", "birth_date")
MONTHS, DAYS = 12, 31
NUMBERS = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-])")
MAX_NAMED = 5  # lines in one message


class DateOrder(enum.StrEnum):
    """What comes first in 2/3/2026."""

    MONTH_FIRST = "month"
    DAY_FIRST = "day"


class MixedDates(Exception):
    """No one order reads all dates of a file; the message names lines of either."""


def detect_date_order(rows: Iterable[tuple[int, Cells]]) -> DateOrder:
    """Return the order that the dates of a file leave: a number above twelve is a day; else month first.

    `rows` with their line numbers. Raises `MixedDates`.
    """
    numbers: Mapping[DateOrder, list[int]] = {order: [] for order in DateOrder}
    for number, cells in rows:
        texts = (text for field in DATE_FIELDS for text in cells.all(field))
        for order in {order for text in texts for order in _orders_settled_by(text)}:
            numbers[order].append(number)
    month_first, day_first = numbers[DateOrder.MONTH_FIRST], numbers[DateOrder.DAY_FIRST]
    if month_first and day_first:
        raise MixedDates(
            f"the dates of {_name(day_first)} have the day first, those of {_name(month_first)} the month: "
            "say which is right, --day-first or --month-first, and the other lines are refused"
        )
    return DateOrder.DAY_FIRST if day_first else DateOrder.MONTH_FIRST


def _orders_settled_by(text: str) -> set[DateOrder]:
    """Return the orders of the dates in a text that can be read in one alone."""
    pairs = [(int(first), int(second)) for first, _, second, _ in NUMBERS.findall(text)]
    return {
        DateOrder.DAY_FIRST if first > second else DateOrder.MONTH_FIRST
        for first, second in pairs
        if min(first, second) <= MONTHS < max(first, second) <= DAYS
    }


def _name(numbers: Sequence[int]) -> str:
    rest = "" if len(numbers) <= MAX_NAMED else f" and {len(numbers) - MAX_NAMED} more"
    lines = "lines" if len(numbers) > 1 else "line"
    return f"{lines} {', '.join(map(str, numbers[:MAX_NAMED]))}{rest}"


def put_months_first(cells: Cells, order: DateOrder) -> Cells:
    """Return cells whose dates in numbers, written in `order`, have the month first. Raises `RowRefused`."""
    dates = {
        field: tuple(_put_month_first(text, order) for text in cells.all(field))
        for field in DATE_FIELDS
    }
    return replace(cells, values={**cells.values, **dates})


def _put_month_first(text: str, order: DateOrder) -> str:
    def write(match: re.Match[str]) -> str:
        first, separator, second, year = match.groups()
        month, day = (first, second) if order is DateOrder.MONTH_FIRST else (second, first)
        if int(month) > MONTHS >= int(day):
            raise RowRefused(f"a date doesn't have the {order} first")
        return separator.join((month, day, year))

    return NUMBERS.sub(write, text)
