"""A change of frequency keeps every second appointment, and whatever else its time allows; nothing moves."""

from datetime import date, timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from booking.series.frequencies import FREQUENCIES
from booking.series.rules import Gap
from booking.series.tail_rules import choose_kept_days, count_steps
from tests.series.builders import gaps

START = date(2026, 12, 1)
WEEKLY, FORTNIGHTLY, MONTHLY = FREQUENCIES[7], FREQUENCIES[14], FREQUENCIES[28]


def kept(gap: Gap, *days: int, after: int | None = 0, old_gap: Gap | None = None) -> list[int]:
    """Return which of some days stay, all counted from START."""
    dates = [START + timedelta(days=day) for day in days]
    previous = None if after is None else START + timedelta(days=after)
    return [days[index] for index in choose_kept_days(gap, dates, previous, old_gap)]


def test_weekly_to_every_two_weeks_keeps_every_second_appointment() -> None:
    assert kept(FORTNIGHTLY, 7, 14, 21, 28, 35, 42) == [14, 28, 42]


def test_weekly_to_every_four_weeks_keeps_every_fourth() -> None:
    assert kept(MONTHLY, 7, 14, 21, 28, 35, 42, 49, 56) == [28, 56]


def test_a_time_that_does_not_suit_the_new_gaps_is_given_up() -> None:
    assert kept(FORTNIGHTLY, 7, 18, 25, 30) == [30]  # 18 is too far, 30 is twice 15
    assert kept(FORTNIGHTLY, 6, 13, 20, 27) == [13, 27]


def test_going_closer_keeps_all_and_leaves_room_between() -> None:
    assert kept(WEEKLY, 14, 28, 42) == [14, 28, 42]
    assert count_steps(WEEKLY, 14) == 2
    assert count_steps(WEEKLY, 28) == 4


def test_the_first_one_may_stand_as_far_off_as_it_did() -> None:
    assert kept(Gap(6, 7, 7, 8), 11, 25, old_gap=Gap(11, 14, 14, 17)) == [11, 25]
    assert kept(Gap(6, 7, 7, 8), 11, 25) == [25]


def test_without_a_session_before_the_first_one_stays() -> None:
    assert kept(FORTNIGHTLY, 7, 14, 21, 28, after=None) == [7, 21]


def test_some_days_divide_into_no_number_of_gaps() -> None:
    assert count_steps(FORTNIGHTLY, 20) is None
    assert count_steps(FORTNIGHTLY, 10) is None
    assert count_steps(FORTNIGHTLY, 30) == 2


def is_allowed(gap: Gap, days: int) -> bool:
    """Tell whether days divide into allowed gaps, by trying every number of them."""
    return any(count * gap.min_days <= days <= count * gap.max_days for count in range(1, days + 1))


@given(gaps(), st.lists(st.integers(1, 60), max_size=7, unique=True).map(sorted))
def test_as_many_stay_as_any_choice_could_keep(gap: Gap, days: list[int]) -> None:
    chosen = kept(gap, *days)
    assert all(is_allowed(gap, later - earlier) for earlier, later in pairwise([0, *chosen]))
    most = max(
        len(some)
        for size in range(len(days) + 1)
        for some in combinations(days, size)
        if all(is_allowed(gap, later - earlier) for earlier, later in pairwise((0, *some)))
    )
    assert len(chosen) == most
