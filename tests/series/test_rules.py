"""Schedules: what may be one, how far ahead it is booked, and when a change breaks its gaps."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.series.gap_rules import (
    StandingSession,
    list_gap_violations,
    list_gaps_let_stand,
    list_new_gap_violations,
    with_session_moved,
    without_session,
)
from booking.series.preferences import Preferences, TimeWindow
from booking.series.rules import (
    Gap,
    InvalidSchedule,
    MissRule,
    Phase,
    find_phase,
    last_session_number,
    parse_phases,
    require_valid_phases,
    sessions_to_book,
)
from booking.series.templates import Template
from tests.series.builders import MONDAY, TWICE, WEEKLY, a_phase, gaps

RECOMMENDED = (a_phase(6), a_phase(None, WEEKLY))


def data(**changes: object) -> dict[str, Any]:
    phase = {"name": "First weeks", "sessions": 6, "gap": [2, 3, 4, 5], "minutes": [15, 45, 30]}
    return phase | changes


phases = st.builds(
    Phase,
    st.text(max_size=9),
    st.integers(1, 20),
    gaps(most=14),
    *[st.integers(1, 12).map(lambda n: n * 5)] * 3,
    st.none() | st.integers(1, 9),
    st.sampled_from(MissRule),
)


@given(st.lists(phases, min_size=1, max_size=3))
def test_a_template_is_the_same_after_a_round_trip(found: list[Phase]) -> None:
    template = Template("recommended", {"en": "Recommended"}, 1, "Dr Example", tuple(found))
    assert Template.from_dict(template.to_dict()) == template


def test_preferences_are_the_same_after_a_round_trip() -> None:
    only = TimeWindow(frozenset({0, 3}), time(9, 30), time(16))
    preferences = Preferences(only, TimeWindow(latest=time(12)), ("scottsdale",))
    assert Preferences.from_dict(preferences.to_dict()) == preferences


@pytest.mark.parametrize(
    ("phase", "told"),
    [
        (data(sessions="six"), "phases.0.sessions: expected a whole number"),
        (data(sessions=True), "phases.0.sessions: expected a whole number"),
        (data(sessions=0), "phases.0.sessions: expected 1 or more"),
        (data(review_every="4"), "phases.0.review_every: expected a whole number"),
        (data(review_every=0), "phases.0.review_every: expected 1 or more"),
        (data(after_miss="skip"), 'phases.0.after_miss: expected one of "repeat"'),
        (data(after_miss=["repeat"]), "phases.0.after_miss: expected one of"),
        (data(gap=[5, 3, 4, 2]), "phases.0.gap: expected least ≤"),
        (data(gap=[0, 3, 4, 5]), "phases.0.gap: expected least ≤"),
        (data(gap=[2, 3, 4]), "phases.0.gap: expected 4 whole numbers"),
        (data(minutes=[15, 45.0, 30]), "phases.0.minutes: expected 3 whole numbers"),
        (data(minutes=[15, 44, 30]), "phases.0.minutes: expected .* multiples of 5"),
        ({"name": "First weeks"}, "phases.0.minutes: expected, but missing"),
        (3, "phases.0.expected a table"),
    ],
)
def test_a_bad_phase_is_refused_by_its_place(phase: Any, told: str) -> None:
    with pytest.raises(InvalidSchedule, match=told):
        parse_phases([phase])


@pytest.mark.parametrize(
    "changes", [{"names": ["x"]}, {"names": {}}, {"version": "1"}, {"phases": 3}, {"phases": []}]
)
def test_a_bad_template_is_refused(changes: dict[str, Any]) -> None:
    good = Template("one", {"en": "One"}, 1, "Dr Example", RECOMMENDED).to_dict()
    with pytest.raises(InvalidSchedule, match=next(iter(changes))):
        Template.from_dict(good | changes)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ((a_phase(None), a_phase(2)), "only the last"),
        ((a_phase(40), a_phase(21)), "60 sessions at most"),
        ((a_phase(40, Gap(28, 28, 28, 31)),), "days at most"),
        ((a_phase(None, Gap(1, 1, 366, 366)),), "days at most"),
    ],
)
def test_a_schedule_that_can_not_be_planned_is_refused(found: tuple[Phase, ...], told: str) -> None:
    with pytest.raises(InvalidSchedule, match=told):
        require_valid_phases(found)


def test_a_session_belongs_to_the_phase_it_is_counted_in() -> None:
    closed = (a_phase(2), a_phase(1))
    assert [find_phase(closed, number) for number in range(1, 5)] == [0, 0, 1, None]
    assert find_phase(RECOMMENDED, 99) == 1
    assert (last_session_number(closed), last_session_number(RECOMMENDED)) == (3, None)


def test_a_weekly_phase_is_booked_six_weeks_ahead() -> None:
    booked = sessions_to_book(RECOMMENDED, 7, MONDAY, MONDAY)
    assert booked == [1] * 7  # today and six times a week later


def test_a_rare_phase_is_booked_four_sessions_ahead() -> None:
    monthly = (a_phase(None, Gap(25, 28, 28, 31)),)
    assert sessions_to_book(monthly, 1, MONDAY, MONDAY) == [0] * 4
    assert sessions_to_book(monthly, 4, MONDAY + timedelta(days=84), MONDAY, ahead=3) == [0]


def test_what_is_booked_far_enough_ahead_gets_nothing_more() -> None:
    start = MONDAY + timedelta(days=49)
    assert sessions_to_book(RECOMMENDED, 14, start, MONDAY, ahead=7) == []


def test_the_whole_of_a_phase_that_ends_is_booked() -> None:
    assert sessions_to_book((a_phase(20),), 1, MONDAY, MONDAY) == [0] * 20


def standing(*days: int) -> list[StandingSession]:
    return [StandingSession(n, 0, MONDAY + timedelta(days=d)) for n, d in enumerate(days, 1)]


def day(days: int) -> date:
    return MONDAY + timedelta(days=days)


def test_a_gap_problem_names_the_sessions_the_days_and_what_is_allowed() -> None:
    (problem,) = list_gap_violations((a_phase(),), standing(0, 3, 10))
    assert (problem.earlier.number, problem.later.number, problem.days) == (2, 3, 7)
    assert (problem.rule, problem.allowed) == ("gap_too_long", TWICE)


@pytest.mark.parametrize(
    ("to", "rules"), [(4, []), (1, ["gap_too_short"]), (9, ["gap_too_long", "gap_too_short"])]
)
def test_a_move_is_judged_by_the_gaps_on_both_sides(to: int, rules: list[str]) -> None:
    before = standing(0, 3, 6)
    changed = with_session_moved(before, 2, day(to))
    found = [problem.rule for problem in list_new_gap_violations((a_phase(),), before, changed)]
    assert sorted(found) == sorted(rules) if to != 9 else found[0] == rules[0]


def test_two_sessions_on_one_day_are_too_close() -> None:
    before = standing(0, 3, 6)
    (problem,) = list_new_gap_violations(
        (a_phase(),), before, with_session_moved(before, 2, day(0))
    )[:1]
    assert (problem.days, problem.rule) == (0, "gap_too_short")


def test_a_session_left_out_leaves_one_longer_gap() -> None:
    before = standing(0, 3, 6)
    (problem,) = list_new_gap_violations((a_phase(),), before, without_session(before, 2))
    assert (problem.earlier.number, problem.later.number, problem.days) == (1, 3, 6)


def test_the_last_session_can_be_left_out() -> None:
    before = standing(0, 3, 6)
    assert list_new_gap_violations((a_phase(),), before, without_session(before, 3)) == []


def test_a_problem_that_stood_before_is_not_blamed_on_a_change() -> None:
    before = standing(0, 9, 12, 15)
    assert (
        list_new_gap_violations((a_phase(),), before, with_session_moved(before, 4, day(16))) == []
    )


@pytest.mark.parametrize(
    ("to", "still"),
    [(9, {2: 9}), (8, {2: 8}), (10, {}), (4, {}), (11, {})],
)
def test_a_gap_that_was_let_stand_stands_while_a_change_makes_it_no_worse(
    to: int, still: dict[int, int]
) -> None:
    before = standing(0, 9, 12)
    changed = with_session_moved(before, 2, day(to))
    assert list_gaps_let_stand((a_phase(),), before, changed, {2: 9}) == still


def test_a_gap_that_nobody_let_stand_is_not_let_stand_by_a_change() -> None:
    before = standing(0, 9, 12)
    changed = with_session_moved(before, 2, day(8))
    assert list_gaps_let_stand((a_phase(),), before, changed, {2: 7, 3: 9}) == {}


def test_the_gap_across_a_phase_boundary_is_the_later_phases() -> None:
    both = (a_phase(1), a_phase(None, WEEKLY))
    assert (
        list_gap_violations(both, [StandingSession(1, 0, day(0)), StandingSession(2, 1, day(8))])
        == []
    )
    assert (
        list_gap_violations(both, [StandingSession(1, 0, day(0)), StandingSession(2, 1, day(3))])[
            0
        ].allowed
        == WEEKLY
    )
