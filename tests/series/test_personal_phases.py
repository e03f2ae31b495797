"""A series' own phases from a session on: what is left of them, and what they become."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.series.personal_phases import rest_of_phases, with_rest
from booking.series.rules import Gap, InvalidSchedule, Phase, find_phase
from tests.series.prescribed import RECOMMENDED

TWICE, WEEKLY = RECOMMENDED
NUMBERS = st.integers(1, 12)


def test_what_is_left_begins_inside_a_phase_or_at_the_next() -> None:
    assert rest_of_phases(RECOMMENDED, 5) == (replace(TWICE, sessions=2), WEEKLY)
    assert rest_of_phases(RECOMMENDED, 7) == (WEEKLY,)
    assert rest_of_phases((TWICE,), 7) == ()


def test_more_sessions_make_a_phase_longer_and_split_none() -> None:
    longer = (replace(TWICE, sessions=4), WEEKLY)
    assert with_rest(RECOMMENDED, 5, longer) == (replace(TWICE, sessions=8), WEEKLY)


def test_other_numbers_from_some_session_on_split_a_phase() -> None:
    rest = (replace(TWICE, sessions=2, recovery=45), WEEKLY)
    assert with_rest(RECOMMENDED, 5, rest) == (replace(TWICE, sessions=4), *rest)
    open_ended = (replace(WEEKLY, recovery=45),)
    assert with_rest(RECOMMENDED, 9, open_ended) == (
        TWICE, replace(WEEKLY, sessions=2), replace(WEEKLY, recovery=45),
    )  # fmt: skip


def test_a_phase_like_the_one_before_it_begins_anew_at_its_own_start() -> None:
    again = (replace(TWICE, sessions=2),)
    assert with_rest((TWICE, TWICE), 7, again) == (TWICE, replace(TWICE, sessions=2))


def test_only_the_last_may_have_no_end() -> None:
    with pytest.raises(InvalidSchedule):
        with_rest(RECOMMENDED, 5, (WEEKLY, TWICE))


@given(NUMBERS, st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_what_was_stays_and_what_comes_is_as_it_was_typed(
    first_number: int, lengths: list[int]
) -> None:
    rest = [Phase(f"P{n}", length, Gap(2, 3, 4, 5), 15, 45, 30) for n, length in enumerate(lengths)]
    changed = with_rest(RECOMMENDED, first_number, rest)
    for number in range(1, first_number):
        before, after = find_phase(RECOMMENDED, number), find_phase(changed, number)
        assert before == after
    assert [each.name for each in rest_of_phases(changed, first_number)] == [p.name for p in rest]


@given(NUMBERS)
def test_what_is_left_as_it_is_changes_nothing(first_number: int) -> None:
    rest = rest_of_phases(RECOMMENDED, first_number)
    assert with_rest(RECOMMENDED, first_number, rest) == RECOMMENDED
