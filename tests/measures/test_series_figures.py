"""How series go, each measure by its definition and against what a patient's progress says."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.measures.figures import Figure, Period, Unit
from booking.measures.series_figures import (
    DaySeen,
    Induction,
    SeriesHistory,
    classify_induction,
    find_wait,
    measure_adherence,
    measure_completion,
)
from booking.series.progress import SeriesStatus, SessionRecord, SessionState, compute_progress
from booking.series.rules import Gap, Phase

MONDAY = date(2026, 11, 30)
LONG = Period(date(2026, 1, 1), date(2027, 12, 31))
PHASES = (
    Phase("Twice a week", 3, Gap(2, 3, 4, 5), 15, 45, 30),
    Phase("Weekly", None, Gap(5, 7, 7, 9), 15, 45, 30),
)


def a_history(
    *days: int, phases: tuple[int, ...] = (), status: SeriesStatus = SeriesStatus.ACTIVE
) -> SeriesHistory:
    """Return a series with sessions given so many days after Monday; three of the first phase."""
    indexes = phases or tuple(0 if number < 3 else 1 for number in range(len(days)))
    treated = [(index, MONDAY + timedelta(days=n)) for index, n in zip(indexes, days, strict=True)]
    return SeriesHistory(1, 1, status, PHASES, treated)


def test_adherence_counts_gaps_by_the_day_they_end_on() -> None:
    history = a_history(0, 3, 9, 16)  # 3, 6 and 7 days; at most 5 in the first phase
    assert measure_adherence([history], LONG) == Figure(2 / 3, Unit.SHARE, 3, 2)
    third_week = Period(MONDAY + timedelta(days=14), MONDAY + timedelta(days=20))
    assert measure_adherence([history], third_week).value == 1.0
    assert measure_adherence([a_history(0)], LONG).value is None


@given(st.lists(st.integers(1, 12), max_size=8))
def test_adherence_is_what_a_patients_progress_says(gaps: list[int]) -> None:
    days = [sum(gaps[:n]) for n in range(len(gaps) + 1)]
    history = a_history(*days)
    records = [
        SessionRecord(number, index, SessionState.DONE, day)
        for number, (index, day) in enumerate(history.treated, 1)
    ]
    progress = compute_progress(PHASES, records)
    figure = measure_adherence([history], LONG)
    assert (figure.part, figure.whole) == (progress.gaps_kept, progress.gaps_due)
    weekly = [measure_adherence([history], week) for week in LONG.weeks()]
    assert sum(week.whole for week in weekly) == figure.whole


@pytest.mark.parametrize(
    ("history", "today", "expected"),
    [
        (a_history(0, 3, 7), 0, Induction.FINISHED),
        (a_history(0, 5, 10), 20, Induction.FINISHED),
        (a_history(0, 5, 11), 20, Induction.NOT_FINISHED),
        (a_history(0, 3), 10, Induction.GOING_ON),
        (a_history(0, 3), 11, Induction.NOT_FINISHED),
        (a_history(0, 3, status=SeriesStatus.STOPPED), 4, Induction.NOT_FINISHED),
    ],
)
def test_a_first_phase_is_finished_in_the_time_its_longest_gaps_allow(
    history: SeriesHistory, today: int, expected: Induction
) -> None:
    assert classify_induction(history, MONDAY + timedelta(days=today)) is expected


def test_completion_is_of_those_who_began_then_and_are_through() -> None:
    began = [a_history(0, 3, 7), a_history(1, 9), a_history(40, 43), a_history(4, 7)]
    today = MONDAY + timedelta(days=12)
    week = Period(MONDAY, MONDAY + timedelta(days=6))
    assert measure_completion(began, week, today) == Figure(0.5, Unit.SHARE, 2, 1)


def test_an_endless_first_phase_is_never_finished() -> None:
    history = SeriesHistory(1, 1, SeriesStatus.ACTIVE, PHASES[1:], [(0, MONDAY)])
    assert classify_induction(history, MONDAY) is Induction.ENDLESS
    assert measure_completion([history], LONG, MONDAY).value is None


def seen(*days: int) -> list[DaySeen]:
    return [DaySeen(MONDAY + timedelta(days=n), is_infusion=False) for n in days]


def test_the_wait_is_from_the_last_consultation_before() -> None:
    first = MONDAY + timedelta(days=10)
    wait = find_wait(1, first, seen(0, 4, 12))
    assert wait is not None
    assert wait.days == 6
    assert find_wait(1, first, seen(12)) is None
    treated_since = [*seen(4), DaySeen(MONDAY + timedelta(days=6), is_infusion=True)]
    assert find_wait(1, first, treated_since) is None
