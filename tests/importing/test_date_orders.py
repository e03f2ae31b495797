"""All dates of a file are read in one order: the one that some leave, that was said, or the month first."""

from collections.abc import Sequence

import pytest

from booking.importing.cells import Cells
from booking.importing.date_orders import (
    DateOrder,
    MixedDates,
    detect_date_order,
    put_months_first,
)
from booking.importing.outcomes import RowRefused


def rows(*dates: str) -> Sequence[tuple[int, Cells]]:
    return [(number, Cells({"date": (text,)})) for number, text in enumerate(dates, start=2)]


def test_a_number_that_is_no_month_settles_the_order_of_a_file() -> None:
    assert detect_date_order(rows("12/01/2027", "13/01/2027")) is DateOrder.DAY_FIRST
    assert detect_date_order(rows("31.1.27 9:00", "")) is DateOrder.DAY_FIRST
    assert detect_date_order(rows("12/01/2027", "1/13/2027")) is DateOrder.MONTH_FIRST
    born = Cells({"start": ("1/2/2027 9:00",), "birth_date": ("30/4/1980",)})
    assert detect_date_order([(2, born)]) is DateOrder.DAY_FIRST


def test_where_nothing_settles_it_the_month_is_first() -> None:
    dates = rows("1/2/2027", "2027-01-13", "January 13, 2027", "2027-01-13T09:00", "13/13/2027", "")
    assert detect_date_order(dates) is DateOrder.MONTH_FIRST


def test_a_file_of_two_orders_is_refused_with_the_lines_of_each() -> None:
    with pytest.raises(MixedDates) as refusal:
        detect_date_order(rows("13/1/2027", *["1/14/2027"] * 7))
    message = str(refusal.value)
    assert message.startswith(
        "the dates of line 2 have the day first, those of lines 3, 4, 5, 6, 7"
    )
    assert "and 2 more the month" in message
    assert "--day-first or --month-first" in message


def test_dates_are_brought_to_one_order_and_others_are_refused() -> None:
    dates = ("3/2/2026 9:00", "13.1.27", "2026-12-03", "13/13/2026", "3 Feb 2026")
    cells = Cells({"start": dates, "name": ("1/2/2026",)})
    assert put_months_first(cells, DateOrder.DAY_FIRST).values["start"] == (
        *("2/3/2026 9:00", "1.13.27", "2026-12-03", "13/13/2026", "3 Feb 2026"),
    )
    assert put_months_first(cells, DateOrder.DAY_FIRST).first("name") == "1/2/2026"
    with pytest.raises(RowRefused, match="a date doesn't have the month first"):
        put_months_first(cells, DateOrder.MONTH_FIRST)
