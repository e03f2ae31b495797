"""Phases after a change: what was stays as it was counted, what follows is laid out anew."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.series.frequencies import FREQUENCIES
from booking.series.phase_groups import first_maintenance_index
from booking.series.phase_revisions import (
    first_number_of,
    truncate_phases,
    with_end,
    with_frequency,
    with_repeat,
    without_end,
)
from booking.series.rules import Gap, InvalidSchedule, Phase, find_phase, last_session_number

TWICE = Phase("Twice a week", 6, Gap(2, 3, 4, 5), 15, 45, 30)
WEEKLY = Phase("Weekly", None, Gap(6, 7, 7, 8), 15, 45, 30, 4)
FORTNIGHTLY = replace(WEEKLY, name="Every two weeks", gap=FREQUENCIES[14])
SERIES = (TWICE, WEEKLY)


def test_a_frequency_counts_from_its_session_on() -> None:
    assert with_frequency(SERIES, 11, 14) == (TWICE, replace(WEEKLY, sessions=4), FORTNIGHTLY)


def test_a_frequency_from_the_first_session_of_the_phase_replaces_it() -> None:
    assert with_frequency(SERIES, 7, 14) == (TWICE, FORTNIGHTLY)


def test_a_frequency_chosen_anew_before_it_counted_leaves_no_empty_phase() -> None:
    changed = with_frequency(SERIES, 11, 14)
    assert with_frequency(changed, 11, 28)[:2] == (TWICE, replace(WEEKLY, sessions=4))
    assert len(with_frequency(changed, 11, 28)) == 3
    assert with_frequency(changed, 9, 14) == (TWICE, replace(WEEKLY, sessions=2), FORTNIGHTLY)


def test_going_back_to_a_frequency_keeps_the_limits_it_was_prescribed_with() -> None:
    changed = with_frequency(SERIES, 11, 14)
    assert with_frequency(changed, 15, 7)[-1] == WEEKLY


def test_only_an_open_end_has_a_frequency_to_change() -> None:
    with pytest.raises(InvalidSchedule):
        with_frequency((TWICE,), 3, 14)


def test_an_end_cuts_phases_short_or_makes_the_last_longer() -> None:
    assert with_end(SERIES, 9) == (TWICE, replace(WEEKLY, sessions=3))
    assert with_end(SERIES, 4) == (replace(TWICE, sessions=4),)
    assert with_end(with_end(SERIES, 9), 12) == (TWICE, replace(WEEKLY, sessions=6))
    assert without_end(with_end(SERIES, 9)) == SERIES
    with pytest.raises(InvalidSchedule):
        with_end(SERIES, 0)


def test_a_phase_is_repeated_with_all_that_follows_it() -> None:
    assert with_repeat(SERIES, 10, 0, set()) == (TWICE, replace(WEEKLY, sessions=4), TWICE, WEEKLY)
    assert with_repeat(SERIES, 4, 0, set()) == (replace(TWICE, sessions=4), TWICE, WEEKLY)
    assert with_repeat((TWICE,), 4, 0, set()) == (replace(TWICE, sessions=4), TWICE)


def test_frequencies_of_before_are_not_repeated() -> None:
    changed = with_frequency(SERIES, 11, 14)
    repeated = with_repeat(changed, 12, 0, {1})
    assert repeated == (*truncate_phases(changed, 12), TWICE, FORTNIGHTLY)


def test_what_was_one_open_ended_phase_is_one_however_often_its_frequency_changed() -> None:
    changed = with_frequency(with_frequency(SERIES, 11, 14), 13, 7)
    assert first_maintenance_index(changed, {1, 2}) == 1
    assert first_maintenance_index(SERIES, set()) == 1
    assert first_maintenance_index(with_repeat(SERIES, 10, 0, set()), {1}) == 3


PHASES = st.lists(st.integers(1, 8), max_size=3).map(
    lambda counts: (*(replace(TWICE, sessions=count) for count in counts), WEEKLY)
)


@given(PHASES, st.integers(1, 30), st.sampled_from(sorted(FREQUENCIES)))
def test_sessions_before_a_change_of_frequency_keep_their_phase(
    phases: tuple[Phase, ...], number: int, days: int
) -> None:
    number = max(number, first_number_of(phases, len(phases) - 1))
    changed = with_frequency(phases, number, days)
    for each in range(1, number):
        assert find_phase(changed, each) == find_phase(phases, each)
    assert find_phase(changed, number) == len(changed) - 1
    assert changed[-1].sessions is None


@given(PHASES, st.integers(1, 40))
def test_an_end_is_where_it_was_set(phases: tuple[Phase, ...], number: int) -> None:
    ended = with_end(phases, number)
    assert last_session_number(ended) == number
    assert [find_phase(ended, each) for each in range(1, number + 1)] == [
        find_phase(phases, each) for each in range(1, number + 1)
    ]
