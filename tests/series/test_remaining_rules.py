"""Which appointments stay when phases change: as many as can, in order, and never against the new gaps."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from booking.series.remaining_rules import RemainingDays, choose_remaining
from booking.series.rules import Gap
from tests.series.builders import MONDAY, gaps

TWICE, WEEKLY, FORTNIGHTLY = Gap(2, 3, 4, 5), Gap(5, 7, 7, 9), Gap(11, 14, 14, 17)


def days(*offsets: int) -> list[date]:
    return [MONDAY + timedelta(days=offset) for offset in offsets]


def choose(
    offsets: tuple[int, ...], new: tuple[Gap, ...], misplaced: tuple[int, ...] = ()
) -> dict[int, int]:
    """Choose among days after MONDAY; sessions are numbered from 1, the last gap is for all that follow."""
    remaining = RemainingDays(
        days(*offsets), MONDAY, range(1, 20), lambda n: new[min(n, len(new)) - 1], misplaced
    )
    return choose_remaining(remaining)


def test_what_suits_stays_with_its_number() -> None:
    assert choose((7, 14, 21), (WEEKLY,)) == {0: 1, 1: 2, 2: 3}


def test_two_more_twice_a_week_shift_the_weekly_ones_by_one() -> None:
    """The first of the two comes between; the second takes the time of the first weekly one."""
    assert choose((7, 14, 21), (TWICE, TWICE, WEEKLY)) == {0: 2, 1: 3, 2: 4}


def test_every_second_one_stays_at_half_the_frequency() -> None:
    assert choose((14, 21, 28, 35, 42), (FORTNIGHTLY,)) == {0: 1, 2: 2, 4: 3}


def test_that_the_last_one_is_long_ago_cancels_nothing() -> None:
    assert choose((20, 27), (WEEKLY,)) == {0: 3, 1: 4}
    assert choose((10, 17), (WEEKLY,)) == {0: 2, 1: 3}
    assert choose((11, 18), (FORTNIGHTLY, WEEKLY)) == {0: 1, 1: 2}


def test_what_a_practitioner_let_stand_too_close_stays() -> None:
    assert choose((3, 10), (WEEKLY,)) == {1: 2}
    assert choose((3, 10), (WEEKLY,), misplaced=(0,)) == {0: 1, 1: 2}


def test_a_number_that_is_not_free_is_passed_over() -> None:
    remaining = RemainingDays(days(7, 14), MONDAY, [1, 3, 4], lambda _: WEEKLY)
    assert choose_remaining(remaining) == {0: 1, 1: 3}


def test_without_sessions_left_none_stays() -> None:
    assert choose_remaining(RemainingDays(days(7), MONDAY, [], lambda _: WEEKLY)) == {}


def possible(offsets: list[int], gap: Gap) -> Iterator[int]:
    """Yield how many days of each choice stay whose gaps, one or several each, are allowed."""
    for size in range(len(offsets) + 1):
        for chosen in combinations(offsets, size):
            steps = [b - a for a, b in zip((0, *chosen), chosen, strict=False)]
            if all(splits(step, gap) for step in steps):
                yield size


def splits(step: int, gap: Gap) -> bool:
    return any(gap.min_days * n <= step <= gap.max_days * n for n in range(1, step + 1))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5, unique=True).map(sorted), gaps())
def test_as_many_stay_as_any_choice_leaves(offsets: list[int], gap: Gap) -> None:
    remaining = RemainingDays(days(*offsets), MONDAY, range(1, 80), lambda _: gap)
    chosen = choose_remaining(remaining)
    assert len(chosen) >= max(possible(offsets, gap))
    assert list(chosen) == sorted(chosen)
    assert list(chosen.values()) == sorted(chosen.values())
    previous, number = 0, 0
    for index, each in chosen.items():
        step, count = offsets[index] - previous, each - number
        is_long_since = number == 0 and step > gap.max_days and count == 1
        assert gap.min_days * count <= step <= gap.max_days * count or is_long_since
        previous, number = offsets[index], each
