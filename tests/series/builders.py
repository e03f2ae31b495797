"""Phases, requests and generated small cases for the planner's tests; all of it plain values."""

from collections.abc import Iterator, Sequence
from datetime import date, time, timedelta
from typing import Any

from hypothesis import strategies as st

from booking.series.authorisations import AuthorisedSessions
from booking.series.planning.costs import PlanRates
from booking.series.planning.patterns import list_weekday_patterns
from booking.series.planning.planner import price_plan
from booking.series.planning.prices import with_slot_prices
from booking.series.planning.requests import (
    DaySlots,
    PlannedSession,
    PlanRequest,
    PlanSlot,
)
from booking.series.preferences import Preferences, TimeWindow
from booking.series.rules import Gap, Phase

MONDAY = date(2026, 11, 30)
TWICE, WEEKLY, DAILY = Gap(2, 3, 4, 5), Gap(5, 7, 7, 9), Gap(1, 1, 1, 3)
MINUTES = (540, 600, 840)
HOME, OTHER = "ahwatukee", "scottsdale"


def a_phase(sessions: int | None = 6, gap: Gap = TWICE) -> Phase:
    return Phase("Phase", sessions, gap, 15, 45, 30)


def slot(days: int, minute: int = 540, location: str = HOME) -> PlanSlot:
    """Return the slot so many days after the Monday."""
    return PlanSlot(location, MONDAY + timedelta(days=days), minute)


def every_day(
    days: int = 60,
    minutes: Sequence[int] = MINUTES,
    weekdays: Sequence[int] = range(5),
    closed: Sequence[date] = (),
) -> dict[date, list[int]]:
    dates = [MONDAY + timedelta(days=n) for n in range(days)]
    return {d: list(minutes) for d in dates if d.weekday() in weekdays and d not in closed}


def a_request(
    *phases: Phase,
    free: DaySlots | None = None,
    other: DaySlots | None = None,
    days: int = 60,
    **changes: Any,
) -> PlanRequest:
    """Return a request for all sessions of the phases; `other` is what is free at the other location."""
    phases = phases or (a_phase(),)
    count = sum(phase.sessions or 0 for phase in phases)
    by_location = {HOME: every_day() if free is None else free}
    if other is not None:
        by_location[OTHER] = other
    values: dict[str, Any] = {
        "phases": phases,
        "numbers": tuple(range(1, count + 1)),
        "first_day": MONDAY,
        "last_day": MONDAY + timedelta(days=days - 1),
        "free": dict.fromkeys(range(len(phases)), by_location),
        "home": HOME,
    }
    return PlanRequest(**(values | changes))


def rather(**window: Any) -> Preferences:
    return Preferences(rather=TimeWindow(**window))


def only(**window: Any) -> Preferences:
    return Preferences(only=TimeWindow(**window))


@st.composite
def gaps(draw: st.DrawFn, most: int = 9) -> Gap:
    return Gap(*sorted(draw(st.lists(st.integers(1, most), min_size=4, max_size=4))))


TIMES = st.lists(st.sampled_from([540, 555, 900]), max_size=2, unique=True).map(sorted)
SLOTS = st.builds(
    slot, st.integers(0, 8), st.sampled_from([540, 600]), st.sampled_from([HOME, OTHER])
)
WINDOWS = st.builds(
    TimeWindow,
    st.frozensets(st.integers(0, 6), min_size=1) | st.just(frozenset(range(7))),
    st.sampled_from([time(0), time(9)]),
    st.sampled_from([time(9, 30), time(23, 59)]),
)
RATES = st.sampled_from(
    [PlanRates(), PlanRates(gap_days=500, start_delay_days=300, unwanted=200, exceptions=100)]
)


@st.composite
def authorisations(draw: st.DrawFn) -> tuple[AuthorisedSessions, ...]:
    """Generate none, one, or two that follow one another."""
    bounds = sorted(draw(st.lists(st.integers(-3, 12), min_size=4, max_size=4, unique=True)))
    days = [MONDAY + timedelta(days=n) for n in bounds]
    counts = draw(st.lists(st.integers(1, 4), max_size=2))
    windows = zip(days[::2], days[1::2], strict=True)
    return tuple(
        AuthorisedSessions(count, *window) for count, window in zip(counts, windows, strict=False)
    )


@st.composite
def requests(draw: st.DrawFn, days: int = 9, most_sessions: int = 3) -> PlanRequest:
    """Generate requests with one or two phases and few times a day, some without any plan."""
    phases = tuple(
        a_phase(draw(st.integers(1, most_sessions)), draw(gaps()))
        for _ in range(draw(st.integers(1, 2)))
    )
    count = min(most_sessions, sum(phase.sessions or 0 for phase in phases))
    locations = draw(st.sampled_from([(HOME,), (HOME, OTHER)]))
    dates = [MONDAY + timedelta(days=n) for n in range(days)]
    indexes = range(len(phases))
    before = slot(-draw(st.integers(0, 12)), 600, draw(st.sampled_from([HOME, OTHER])))
    blocked_days = draw(st.frozensets(st.sampled_from(dates), max_size=2))
    request = PlanRequest(
        phases,
        tuple(range(1, count + 1)),
        MONDAY,
        dates[-1],
        {
            index: {slug: {day: draw(TIMES) for day in dates} for slug in locations}
            for index in indexes
        },
        blocked=dict.fromkeys(indexes, dict.fromkeys(blocked_days, "busy")),
        preferences=Preferences(draw(st.just(TimeWindow()) | WINDOWS), draw(WINDOWS)),
        home=draw(st.sampled_from([HOME, None])),
        previous=draw(st.sampled_from([None, before])),
        held=draw(st.frozensets(SLOTS, max_size=4)),
        authorisations=draw(st.just(()) | authorisations()),
        rates=draw(RATES),
    )
    return with_slot_prices(
        request, draw(st.dictionaries(SLOTS, st.integers(0, 2_000), max_size=3))
    )


@st.composite
def roomy_requests(draw: st.DrawFn) -> PlanRequest:
    """Generate requests like a clinic's: weeks of days with times, so that most have a plan."""
    twice, weekly = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    full = draw(st.frozensets(st.integers(0, 79), max_size=25))
    minutes = draw(st.lists(st.integers(96, 200), min_size=1, max_size=6, unique=True))
    offered = [m * 5 for m in sorted(minutes)]
    closed = [MONDAY + timedelta(days=n) for n in full]
    free = every_day(80, offered, draw(st.sampled_from([range(5), range(7)])), closed)
    other = every_day(80, offered[:2], range(5)) if draw(st.booleans()) else None
    held = draw(st.frozensets(SLOTS, max_size=4))
    phases = (a_phase(twice), a_phase(weekly, WEEKLY))
    preferences = Preferences(rather=draw(WINDOWS))
    return a_request(*phases, free=free, other=other, held=held, preferences=preferences, days=80)


def every_placement(request: PlanRequest, count: int) -> Iterator[tuple[PlannedSession, ...]]:
    """Yield every way to place the first `count` sessions that keeps the rules, trying all."""

    def extend(placed: tuple[PlannedSession, ...]) -> Iterator[tuple[PlannedSession, ...]]:
        if len(placed) == count:
            if is_covered(request, placed):
                yield placed
            return
        number = request.numbers[len(placed)]
        phase = request.phase_index(number)
        before = placed[-1].day if placed else request.previous.day if request.previous else None
        for at in free_slots(request, phase):
            gap = (at.day - before).days if before else None
            if gap is None or request.phases[phase].gap.allows(gap):
                yield from extend((*placed, PlannedSession(number, phase, at, gap)))

    yield from extend(())


def free_slots(request: PlanRequest, phase: int) -> Iterator[PlanSlot]:
    """Yield every slot in which a session of a phase may be."""
    for location, days in request.free[phase].items():
        for day, minutes in days.items():
            if day in request.blocked.get(phase, {}):
                continue
            for minute in minutes:
                if request.preferences.only.allows(day.weekday(), minute):
                    yield PlanSlot(location, day, minute)


def is_covered(request: PlanRequest, placed: Sequence[PlannedSession]) -> bool:
    """Tell whether what a payer authorised covers all sessions."""
    days = [session.day for session in placed]
    windows = request.authorisations
    if not windows:
        return True
    return all(any(window.covers(day) for window in windows) for day in days) and all(
        sum(map(window.covers, days)) <= window.sessions for window in windows
    )


def fewest_points(request: PlanRequest, count: int) -> int | None:
    """Return the points of the best way to place the first `count` sessions; None if there is none."""
    placements = list(every_placement(request, count))
    if not placements:
        return None
    earliest = min(sessions[0].day for sessions in placements) if count else MONDAY
    patterns = list_weekday_patterns(request)
    return min(
        price_plan(request, sessions, pattern, earliest).points(request.rates)
        for sessions in placements
        for pattern in patterns
    )
