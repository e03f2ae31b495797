"""Days that come from outside are written one way, and lie within the calendar."""

from datetime import date

import pytest

from booking.dates import EARLIEST, LATEST, parse_day


@pytest.mark.parametrize("day", [EARLIEST, date(2026, 12, 1), date(2028, 2, 29), LATEST])
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    assert parse_day(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    ["20261201", "2026-W49-2", "2026-335", "2026-12-1", " 2026-12-01", "2026-12-01T09:00",
     "2026-02-29", "0001-01-01", "9999-12-31", "", None],
)  # fmt: skip
def test_anything_else_is_no_day(text: str | None) -> None:
    assert parse_day(text) is None
