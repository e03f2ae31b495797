"""Phases, requests and generated small cases for the planner's tests; all of it plain values."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta

from hypothesis import strategies as st

from booking.series.planning.requests import PlanRequest
from booking.series.rules import Gap, Phase
from booking.series.templates import Preferences

MONDAY = date(2026, 11, 30)
TWICE, WEEKLY, DAILY = Gap(2, 3, 4, 5), Gap(5, 7, 7, 9), Gap(1, 1, 1, 3)
MINUTES = (540, 600, 840)


def a_phase(sessions: int | None = 6, gap: Gap = TWICE) -> Phase:
    return Phase("Phase", sessions, gap, 15, 45, 30)


def every_day(
    days: int = 60,
    minutes: Sequence[int] = MINUTES,
    weekdays: Sequence[int] = range(5),
    closed: Sequence[date] = (),
) -> dict[date, list[int]]:
    found = [MONDAY + timedelta(days=n) for n in range(days)]
    return {d: list(minutes) for d in found if d.weekday() in weekdays and d not in closed}


def a_request(
    *phases: Phase,
    free: Mapping[date, Sequence[int]] | None = None,
    preferences: Preferences | None = None,
    previous: tuple[date, int] | None = None,
    held: frozenset[tuple[date, int]] = frozenset(),
    days: int = 60,
) -> PlanRequest:
    phases = phases or (a_phase(),)
    count = sum(phase.sessions or 0 for phase in phases)
    return PlanRequest(
        phases=phases,
        numbers=tuple(range(1, count + 1)),
        first_day=MONDAY,
        last_day=MONDAY + timedelta(days=days - 1),
        free=dict.fromkeys(range(len(phases)), every_day() if free is None else free),
        preferences=preferences or Preferences(),
        previous=previous,
        held=held,
    )


@st.composite
def gaps(draw: st.DrawFn, most: int = 9) -> Gap:
    return Gap(*sorted(draw(st.lists(st.integers(1, most), min_size=4, max_size=4))))


TIMES = st.lists(st.sampled_from([540, 555, 600, 900]), max_size=3, unique=True).map(sorted)
PLACES = st.tuples(
    st.integers(0, 8).map(lambda n: MONDAY + timedelta(days=n)), st.sampled_from([540, 600])
)


@st.composite
def requests(draw: st.DrawFn, days: int = 9, most_sessions: int = 4) -> PlanRequest:
    """Generate requests with one or two phases and few times a day, some without any plan."""
    phases = tuple(
        a_phase(draw(st.integers(1, most_sessions)), draw(gaps()))
        for _ in range(draw(st.integers(1, 2)))
    )
    count = min(most_sessions, sum(phase.sessions or 0 for phase in phases))
    free = {
        index: {MONDAY + timedelta(days=n): draw(TIMES) for n in range(days)}
        for index in range(len(phases))
    }
    preferences = Preferences(
        draw(st.frozensets(st.integers(0, 6), min_size=1)), time(9), time(9, 30)
    )
    before = (MONDAY - timedelta(days=draw(st.integers(0, 12))), 600)
    return PlanRequest(
        phases,
        tuple(range(1, count + 1)),
        MONDAY,
        MONDAY + timedelta(days=days - 1),
        free,
        preferences,
        draw(st.sampled_from([None, before])),
        draw(st.frozensets(PLACES, max_size=4)),
    )


@st.composite
def roomy_requests(draw: st.DrawFn) -> PlanRequest:
    """Generate requests like a clinic's: weeks of days with times, so that most have a plan."""
    twice, weekly = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    phases = (a_phase(twice), a_phase(weekly, WEEKLY))
    full = draw(st.frozensets(st.integers(0, 79), max_size=25))
    minutes = draw(st.lists(st.integers(96, 200), min_size=1, max_size=6, unique=True))
    offered = [m * 5 for m in sorted(minutes)]
    closed = [MONDAY + timedelta(days=n) for n in full]
    free = every_day(80, offered, draw(st.sampled_from([range(5), range(7)])), closed)
    held = draw(st.frozensets(PLACES, max_size=4))
    return a_request(*phases, free=free, held=held, days=80)
