"""What is foreseen of a series keeps its rhythm, and each session it needs is foreseen once."""

from collections import Counter
from datetime import date, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from booking.measures.foresight import (
    ForeseenSession,
    ForeseenSessionKind,
    KnownSession,
    RunningSeries,
    compute_ideal_days,
    foresee_new_series,
    foresee_series,
)
from booking.series.pause_rules import PauseDays
from booking.series.planning.requests import PlanSlot
from booking.series.preferences import Preferences, TimeWindow
from booking.series.progress import SessionState
from booking.series.rules import Gap, Phase

HOME = "ahwatukee"
MONDAY = date(2026, 11, 30)
LAST = MONDAY + timedelta(days=83)
TWICE = Phase("Twice a week", 6, Gap(2, 3, 4, 5), 15, 45, 30)
WEEKLY = Phase("Weekly", None, Gap(5, 7, 7, 9), 15, 45, 30)
PHASES = (TWICE, WEEKLY)
BOOKED, DONE, UNPLACED = SessionState.BOOKED, SessionState.DONE, SessionState.UNPLACED


def is_weekday(_location: str, day: date) -> bool:
    return day.weekday() < 5


def known(
    number: int, day: date | None, minute: int = 600, state: SessionState = BOOKED
) -> KnownSession:
    return KnownSession(number, state, PlanSlot(HOME, day, minute) if day else None)


def a_series(
    *sessions: KnownSession,
    phases: tuple[Phase, ...] = PHASES,
    preferences: Preferences | None = None,
    first_day: date = MONDAY,
    last_day: date | None = None,
    pauses: tuple[PauseDays, ...] = (),
) -> RunningSeries:
    last = max((session.number for session in sessions), default=0)
    wishes = preferences or Preferences()
    return RunningSeries(phases, first_day, last_day, wishes, HOME, pauses, sessions, last)


def foreseen(series: RunningSeries, today: date = MONDAY) -> list[ForeseenSession]:
    return list(foresee_series(series, today, LAST, is_weekday))


def weekly_from(number: int, day: date, minute: int = 600) -> list[KnownSession]:
    return [known(number + n, day + timedelta(days=7 * n), minute) for n in range(4)]


def test_a_series_that_goes_on_comes_on_its_weekday_at_its_time() -> None:
    found = foreseen(a_series(*weekly_from(7, MONDAY)))
    days = [session.day for session in found]
    assert days == [MONDAY + timedelta(days=7 * n) for n in range(4, 12)]
    assert {(session.kind, session.minute) for session in found} == {
        (ForeseenSessionKind.ONGOING, 600)
    }


def test_a_day_on_which_the_location_is_closed_is_passed_over() -> None:
    closed = MONDAY + timedelta(days=28)
    series = a_series(*weekly_from(7, MONDAY))
    found = list(
        foresee_series(series, MONDAY, LAST, lambda at, day: is_weekday(at, day) and day != closed)
    )
    assert found[0].day == closed + timedelta(days=1)
    assert {session.day.weekday() for session in found[1:]} == {0}


def test_a_series_that_is_only_prescribed_needs_all_its_sessions() -> None:
    wishes = Preferences(TimeWindow(frozenset({1, 4}), time(9)), TimeWindow(latest=time(11)))
    found = foreseen(a_series(preferences=wishes, first_day=MONDAY + timedelta(days=7)))
    assert {session.kind for session in found} == {ForeseenSessionKind.PRESCRIBED}
    assert {session.day.weekday() for session in found} == {1, 4}
    assert found[0].day == date(2026, 12, 8)
    assert (found[0].minute, found[0].earliest, found[0].latest) == (None, 540, 660)
    assert [session.phase for session in found[:7]] == [TWICE] * 6 + [WEEKLY]


def test_a_session_that_lost_its_time_is_foreseen_as_soon_as_its_gap_says() -> None:
    sessions = [
        known(1, MONDAY, state=DONE), known(2, None, state=UNPLACED),
        known(3, MONDAY + timedelta(days=7)),
    ]  # fmt: skip
    found = foreseen(a_series(*sessions, phases=(TWICE,)))
    assert next((s.kind, s.day) for s in found) == (
        ForeseenSessionKind.WITHOUT_TIME, MONDAY + timedelta(days=3),
    )  # fmt: skip
    assert len(found) == 4  # 2, 4, 5 and 6


def test_what_is_overdue_is_foreseen_for_tomorrow() -> None:
    long_ago = MONDAY - timedelta(days=40)
    found = foreseen(a_series(known(1, long_ago, state=DONE), phases=(TWICE,)))
    assert found[0].day == MONDAY + timedelta(days=1)


def test_a_series_that_ends_and_is_booked_whole_needs_nothing() -> None:
    sessions = [known(n, MONDAY + timedelta(days=4 * n)) for n in range(1, 7)]
    assert foreseen(a_series(*sessions, phases=(TWICE,))) == []


def test_a_session_that_was_moved_once_changes_no_rhythm() -> None:
    sessions = weekly_from(7, MONDAY)
    moved = known(10, MONDAY + timedelta(days=22), 900)
    found = foreseen(a_series(*sessions[:3], moved))
    assert {(session.day.weekday(), session.minute) for session in found} == {(0, 600)}
    assert found[0].day == MONDAY + timedelta(days=28)


def test_a_series_that_rests_is_foreseen_after_it() -> None:
    rest = PauseDays(MONDAY + timedelta(days=22), MONDAY + timedelta(days=48))
    found = foreseen(a_series(*weekly_from(7, MONDAY), pauses=(rest,)))
    assert found[0].day == MONDAY + timedelta(days=49)
    endless = PauseDays(MONDAY + timedelta(days=22), None)
    assert foreseen(a_series(*weekly_from(7, MONDAY), pauses=(endless,))) == []


def test_a_series_with_a_last_day_is_foreseen_until_then() -> None:
    last_day = MONDAY + timedelta(days=41)
    found = foreseen(a_series(*weekly_from(7, MONDAY), last_day=last_day))
    assert [session.day for session in found] == [MONDAY + timedelta(days=n) for n in (28, 35)]


def test_sessions_are_foreseen_where_they_usually_are() -> None:
    elsewhere = [
        KnownSession(n, BOOKED, PlanSlot("scottsdale", MONDAY + timedelta(days=7 * n), 600))
        for n in range(1, 5)
    ]
    assert {session.location for session in foreseen(a_series(*elsewhere))} == {"scottsdale"}


def test_the_ideal_is_whole_weeks_or_the_middle() -> None:
    assert compute_ideal_days(Gap(2, 3, 4, 5)) == 3.5
    assert compute_ideal_days(Gap(6, 7, 14, 16)) == 7
    assert compute_ideal_days(Gap(11, 13, 15, 17)) == 14


@st.composite
def lives(draw: st.DrawFn) -> RunningSeries:
    """Generate series of one or two phases with some sessions done, booked and without a time."""
    low = draw(st.integers(1, 8))
    gap = Gap(*sorted([low, *draw(st.lists(st.integers(low, low + 8), min_size=3, max_size=3))]))
    phases = (
        Phase("First", draw(st.integers(1, 8)), gap, 0, 30, 15),
        *draw(st.sampled_from([(), (WEEKLY,)])),
    )
    sessions, day = [], MONDAY - timedelta(days=draw(st.integers(0, 30)))
    for number in range(1, draw(st.integers(0, 5)) + 1):
        state = draw(st.sampled_from([DONE, BOOKED, UNPLACED]))
        sessions.append(known(number, None if state is UNPLACED else day, 600, state))
        day += timedelta(days=draw(st.integers(gap.min_days, gap.max_days)))
    total = phases[0].sessions if len(phases) == 1 else 99
    return a_series(*sessions[:total], phases=phases)


@given(lives())
def test_each_session_is_foreseen_once_and_its_gap_is_kept(series: RunningSeries) -> None:
    found = foreseen(series)
    assert all(MONDAY < session.day <= LAST for session in found)
    unplaced = [s for s in series.sessions if s.state is UNPLACED]
    without = [s for s in found if s.kind is ForeseenSessionKind.WITHOUT_TIME]
    assert len(without) <= len(unplaced)
    later = [s for s in found if s.kind is not ForeseenSessionKind.WITHOUT_TIME]
    for before, after in pairwise(later):
        gap = after.phase.gap
        window = [before.day + timedelta(days=n) for n in range(gap.min_days, gap.max_days + 1)]
        open_days = [day for day in window if is_weekday(HOME, day)]
        assert after.day in open_days or not open_days
        assert is_weekday(HOME, after.day)
    if series.phases[-1].sessions is not None:
        assert len(later) <= series.phases[0].sessions - series.last_number


@given(st.lists(st.sampled_from([PHASES, (TWICE,)]), max_size=5))
def test_new_series_begin_at_the_recent_rate(recent: list[tuple[Phase, ...]]) -> None:
    """Over twelve weeks as many first weeks come as in the eight before, half as many again."""
    found = list(foresee_new_series(recent, HOME, MONDAY, LAST, is_weekday))
    assert {session.kind for session in found} <= {ForeseenSessionKind.NEW}
    per_week: Counter[int] = Counter()
    for session in found:
        per_week[(session.day - MONDAY).days // 7] += session.count  # type: ignore[assignment]
    twice_weekly = sum(s.count for s in found if s.phase is TWICE)
    # Twelve weeks of starts: a start of the last weeks has only part of its six sessions within them.
    assert abs(twice_weekly - len(recent) / 8 * (10 * 6 + 4 + 2)) < 1e-6
    assert all(is_weekday(HOME, session.day) for session in found)
