"""Gaps, phases and reviews of sessions as they follow one another."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.series.rules import Gap, Phase
from booking.series.timeline_rules import (
    MeasuredGap,
    PhaseSpan,
    StandingDay,
    list_expected_reviews,
    list_phase_spans,
    measure_gaps,
)
from tests.series.builders import MONDAY

TWICE = Phase("Twice", 6, Gap(2, 3, 4, 5), 15, 45, 30)
WEEKLY = Phase("Weekly", None, Gap(5, 7, 7, 9), 15, 45, 30, 2)
PHASES = (TWICE, WEEKLY)
STEPS = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=12)


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def standing(steps: list[tuple[int, bool]], phase: int = 1) -> list[StandingDay]:
    """Return sessions each so many days after the one before, done or to come."""
    sessions, at = [], MONDAY
    for number, (days, is_done) in enumerate(steps, 1):
        at += timedelta(days=days)
        sessions.append(StandingDay(number, phase, at, is_done))
    return sessions


def test_a_gap_is_judged_by_the_phase_of_the_later_session() -> None:
    sessions = [
        StandingDay(1, 0, day(0), True), StandingDay(2, 0, day(6), True),
        StandingDay(4, 1, day(13), False),
    ]  # fmt: skip
    assert measure_gaps(PHASES, sessions) == {2: MeasuredGap(6, False), 4: MeasuredGap(7, True)}


def test_a_phase_lasts_from_its_first_session_to_its_last() -> None:
    days = [(day(0), 0), (day(3), 0), (day(10), 1), (day(17), 0)]
    assert list_phase_spans(days) == [
        PhaseSpan(0, day(0), day(3)), PhaseSpan(1, day(10), day(10)), PhaseSpan(0, day(17), day(17)),
    ]  # fmt: skip


def test_reviews_to_come_are_counted_from_what_was_done() -> None:
    sessions = standing([(7, True), (7, True), (7, True), (7, False), (7, False), (7, False)])
    assert list_expected_reviews(PHASES, sessions) == {4: day(28), 6: day(42)}
    assert list_expected_reviews(PHASES, standing([(7, False)] * 4, phase=0)) == {}


def test_a_phase_split_by_a_change_is_reviewed_as_one() -> None:
    split = (replace(WEEKLY, sessions=1), replace(WEEKLY, recovery=45))
    sessions = [replace(each, phase=each.number > 1) for each in standing([(7, True), (7, False)])]
    assert list_expected_reviews(split, sessions) == {2: day(14)}


@given(STEPS)
def test_reviews_to_come_come_after_every_second_session_of_all_and_after_none_that_is_done(
    steps: list[tuple[int, bool]],
) -> None:
    sessions = standing(steps)
    done = sum(is_done for _, is_done in steps)
    expected = list_expected_reviews(PHASES, sessions)
    assert len(expected) == len(sessions) // 2 - done // 2
    coming = {session.number: session.day for session in sessions if not session.is_done}
    assert expected.items() <= coming.items()
