"""When an appointment starts is read from one cell or two, and never guessed."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from booking.importing.outcomes import RowRefused
from booking.importing.starts import UNREAD, parse_start_cells
from tests.builders import PHOENIX

DAY = "12/15/2026"
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("day", "start"),
    [
        *((DAY, hour) for hour in ("1 PM", "1pm", "13:00", "1:00 p.m.", "13:00:00", "13h")),
        *((DAY, hour) for hour in ("1:00 PM MST", "1:00 PM MT", "13:00 -07:00", "2:00 PM -06:00")),
        *((DAY, f"{day} 13:00") for day in ("2026-12-15", "12/15/2026", "December 15, 2026")),
        *(("", start) for start in ("15 Dec 2026, 1:00pm", "2026-12-15 01:00 PM")),
        *(("", start) for start in ("2026-12-15T20:00:00Z", "Dec 15 2026 1 PM GMT-7")),
        *((DAY, f"1:00 PM{dash}1:45 PM") for dash in (" - ", "-", " – ", " to ")),
        *((DAY, hours) for hours in ("1:00 - 1:45 PM", "1-2pm", "13:00 - 13:45", "13:00–13:45")),
        *((DAY, hours) for hours in ("1:00 PM - 2:00 PM MST", "13:00-07:00", "13:00:00-07:00")),
        *(("", f"{DAY} {hours}") for hours in ("1:00 PM - 1:45 PM", "13:00 - 13:45")),
        ("", "2026-12-15T13:00-07:00"),
        ("12/15/2026 12:00:00 AM", "1:00 PM"),
        ("2026-12-15 13:00", ""),
    ],
)
def test_one_in_the_afternoon_is_read_however_it_is_written(day: str, start: str) -> None:
    assert parse_start_cells(day, start, PHOENIX) == datetime(2026, 12, 15, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "start", "reason"),
    [
        *((DAY, text, UNREAD) for text in ("", "10", "0900", "Noon", "09:00-10:00")),
        *(
            (DAY, text, UNREAD)
            for text in ("2:00 PM - 1:00 PM", "10:00 PM - 1:00 AM", "13:00 - 2 PM")
        ),
        *((text, "9:00", UNREAD) for text in ("", "Dec 15", "Tuesday", "soon")),
        ("", DAY, UNREAD),
        ("12/16/2026", f"{DAY} 15:00", "its columns name different days"),
        (DAY, "2:00 PM PST", "the time is in another zone than the location's"),
        ("7/15/2026", "2:00 PM MT", "the time is in another zone than the location's"),
        (DAY, "2:00 PM XYZ", "the time is in a zone that isn't known"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_leaves_a_doubt_is_refused(day: str, start: str, reason: str) -> None:
    with pytest.raises(RowRefused) as refusal:
        parse_start_cells(day, start, PHOENIX)
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("hours", "hour"), [("11:30 - 12:15 PM", 11), ("12:30 - 1:15 PM", 12), ("9 - 10 AM", 9)]
)
def test_a_start_has_the_half_of_day_that_its_end_leaves(hours: str, hour: int) -> None:
    assert parse_start_cells(DAY, hours, PHOENIX).hour == hour


def test_a_zone_is_the_locations_by_its_clocks_on_that_day() -> None:
    summer = datetime(2026, 7, 15, 13, tzinfo=UTC)
    assert parse_start_cells("7/15/2026", "9:00 AM EDT", NEW_YORK) == summer
    assert parse_start_cells("7/15/2026", "9:00 AM ET", NEW_YORK) == summer
    with pytest.raises(RowRefused, match="another zone"):
        parse_start_cells("7/15/2026", "9:00 AM EST", NEW_YORK)
