"""The nurses' load of a quarter of an hour: its fullest five minutes, of the least seats that are there."""

from booking.calendars.local_days import LocalDay
from booking.calendars.nurse_loads import NurseLoad, list_nurse_loads
from tests.builders import PHOENIX, TOMORROW

DAY = LocalDay.for_date(TOMORROW, PHOENIX)
NINE = 9 * 12  # cells


def cells(first: int, end: int) -> int:
    return (1 << end) - (1 << first)


def test_a_quarter_counts_the_seats_that_are_there_and_those_that_are_claimed() -> None:
    seats = {number: cells(NINE, NINE + 6) for number in range(4)}
    claimed = [cells(NINE, NINE + 3)] * 4 + [cells(NINE + 3, NINE + 6)]
    assert list(list_nurse_loads(DAY, seats, claimed)) == [
        NurseLoad(NINE, 4, 4),
        NurseLoad(NINE + 3, 1, 4),
    ]


def test_the_fullest_five_minutes_count_and_the_fewest_seats() -> None:
    seats = {1: cells(NINE, NINE + 3), 2: cells(NINE + 1, NINE + 3)}
    assert list(list_nurse_loads(DAY, seats, [cells(NINE + 2, NINE + 3)])) == [
        NurseLoad(NINE, 1, 1)
    ]


def test_who_is_watched_when_no_nurse_is_there_is_seen() -> None:
    assert list(list_nurse_loads(DAY, {}, [cells(NINE, NINE + 3)])) == [NurseLoad(NINE, 1, 0)]


def test_quarters_without_nurses_and_patients_are_left_out() -> None:
    assert list(list_nurse_loads(DAY, {}, [])) == []
