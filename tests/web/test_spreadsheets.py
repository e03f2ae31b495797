"""A table for spreadsheets reads back as it was, and no cell of it is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.web.spreadsheets import FORMULA_STARTS, write_csv

TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=8)


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_what_would_be_a_formula_is_text(start: str) -> None:
    (_, row) = csv.reader(io.StringIO(write_csv(["name"], [[f"{start}1+1"]]), newline=""))
    assert row == [f"'{start}1+1"]


def test_numbers_stay_numbers_and_nothing_stays_empty() -> None:
    (_, row) = csv.reader(io.StringIO(write_csv(list("abc"), [[-1, 2.5, None]]), newline=""))
    assert row == ["-1", "2.5", ""]


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2)))
def test_a_table_reads_back_as_it_was(rows: list[list[str]]) -> None:
    text = write_csv(["a", "b"], rows)
    _, *read = csv.reader(io.StringIO(text, newline=""))
    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(cell.startswith(FORMULA_STARTS) for row in read for cell in row)
