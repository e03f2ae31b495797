"""The planner is exact: the same as trying everything, and never against a rule."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.series.alternatives import PartOfDay, alternatives, named
from booking.series.checker import Rule, check
from booking.series.planner import Infeasible, Plan, PlannedSession, PlanRequest, plan, price
from booking.series.rules import Gap, Phase, Preferences

MONDAY = date(2026, 11, 30)
TWICE, WEEKLY = Gap(2, 3, 4, 5), Gap(5, 7, 7, 9)


def a_phase(sessions: int | None = 6, gap: Gap = TWICE) -> Phase:
    return Phase("Phase", sessions, gap, 15, 45, 30)


def every_day(
    days: int = 60, minutes: Sequence[int] = (540, 600, 840), weekdays: Sequence[int] = range(5)
) -> dict[date, list[int]]:
    found = [MONDAY + timedelta(days=n) for n in range(days)]
    return {day: list(minutes) for day in found if day.weekday() in weekdays}


def a_request(
    *phases: Phase,
    numbers: int | None = None,
    free: Mapping[date, Sequence[int]] | None = None,
    **changed: object,
) -> PlanRequest:
    phases = phases or (a_phase(),)
    count = numbers or sum(phase.sessions or 0 for phase in phases)
    free = every_day() if free is None else free
    given_: dict[str, object] = {
        "phases": phases,
        "numbers": tuple(range(1, count + 1)),
        "first_day": MONDAY,
        "last_day": MONDAY + timedelta(days=59),
        "free": {index: free for index in range(len(phases))},
        **changed,
    }
    return PlanRequest(**given_)  # type: ignore[arg-type]


def days_of(found: Plan) -> list[str]:
    return [session.day.strftime("%a %d") for session in found.sessions]


def test_twice_a_week_is_three_and_four_days_apart() -> None:
    found = plan(a_request())
    assert {s.gap for s in found.sessions[1:]} <= {3, 4}
    assert found.cost.cadence == 0


def test_the_time_of_day_stays_when_it_can() -> None:
    assert len({s.minute for s in plan(a_request()).sessions}) == 1


def test_a_weekly_phase_keeps_its_weekday() -> None:
    found = plan(a_request(a_phase(2), a_phase(4, WEEKLY)))
    assert len({s.day.weekday() for s in found.sessions[2:]}) == 1


def test_preferred_days_and_hours_are_kept_when_they_can_be() -> None:
    wanted = Preferences(frozenset({1, 4}), time(13), time(16))
    found = plan(a_request(preferences=wanted))
    assert {s.day.weekday() for s in found.sessions} == {1, 4}
    assert {s.minute for s in found.sessions} == {840}
    assert found.cost.outside == 0


def test_cadence_outweighs_every_preference() -> None:
    free = every_day(weekdays=(0, 3)) | {d: [540] for d in every_day(weekdays=(1,))}
    wanted = Preferences(frozenset({1}), time(9), time(9, 30))
    found = plan(a_request(free=free, preferences=wanted))
    assert found.cost.cadence == 0


def test_a_session_follows_the_one_that_stands_already() -> None:
    found = plan(a_request(previous=(MONDAY - timedelta(days=3), 600)))
    assert found.sessions[0].gap in (3, 4)
    assert found.sessions[0].minute == 600


def test_what_is_held_is_kept_and_one_closed_day_moves_one_session() -> None:
    first = plan(a_request())
    held = frozenset((s.day, s.minute) for s in first.sessions)
    closed = first.sessions[2].day
    free = {day: minutes for day, minutes in every_day().items() if day != closed}
    again = plan(a_request(free=free, held=held))
    assert len({(s.day, s.minute) for s in again.sessions} - held) >= 1
    assert again.cost.cadence <= 2


def test_a_full_fortnight_names_the_session_that_has_no_place() -> None:
    free = {day: m for day, m in every_day(25).items() if not 7 <= (day - MONDAY).days < 21}
    with pytest.raises(Infeasible) as refusal:
        plan(a_request(free=free))
    stopped = refusal.value
    assert stopped.number == 4
    assert [s.number for s in stopped.placed] == [1, 2, 3]
    assert stopped.earliest <= MONDAY + timedelta(days=9) <= stopped.latest


def test_nothing_free_at_all_names_the_first_session() -> None:
    with pytest.raises(Infeasible) as refusal:
        plan(a_request(free={}))
    assert (refusal.value.number, refusal.value.placed) == (1, ())


def test_alternatives_have_names_and_differ() -> None:
    request = a_request()
    best = plan(request)
    others = alternatives(request, best)
    assert len(others) >= 2
    names = [(one.weekdays, one.part) for one in (named(request, best), *others)]
    assert len(set(names)) == len(names)
    for other in others:
        assert {s.day.weekday() for s in other.plan.sessions} <= set(other.weekdays)
        assert other.part in PartOfDay
        assert not check(request, other.plan.sessions)
        assert other.plan.cost.total >= best.cost.total


def everything(request: PlanRequest) -> Iterator[tuple[PlannedSession, ...]]:
    """Yield every plan that keeps the rules, by trying everything."""

    def go(placed: tuple[PlannedSession, ...]) -> Iterator[tuple[PlannedSession, ...]]:
        if len(placed) == len(request.numbers):
            yield placed
            return
        number = request.numbers[len(placed)]
        phase = request.phase(number)
        before = placed[-1].day if placed else request.previous[0] if request.previous else None
        for day, minutes in request.free[phase].items():
            gap = (day - before).days if before else None
            if gap is None or request.phases[phase].gap.allows(gap):
                for minute in minutes:
                    yield from go((*placed, PlannedSession(number, phase, day, minute, gap)))

    yield from go(())


@st.composite
def gaps(draw: st.DrawFn) -> Gap:
    a, b, c, d = sorted(draw(st.lists(st.integers(1, 9), min_size=4, max_size=4)))
    return Gap(a, b, c, d)


@st.composite
def requests(draw: st.DrawFn, days: int = 9, most_sessions: int = 4) -> PlanRequest:
    phases = tuple(
        a_phase(draw(st.integers(1, 2)), draw(gaps())) for _ in range(draw(st.integers(1, 2)))
    )
    count = min(most_sessions, sum(phase.sessions or 0 for phase in phases))
    times = st.lists(st.sampled_from([540, 555, 600, 900]), max_size=2, unique=True).map(sorted)
    free = {
        index: {MONDAY + timedelta(days=n): draw(times) for n in range(days)}
        for index in range(len(phases))
    }
    held = draw(
        st.sampled_from([frozenset(), frozenset({(MONDAY, 540), (MONDAY + timedelta(3), 600)})])
    )
    previous = draw(st.sampled_from([None, (MONDAY - timedelta(days=2), 600)]))
    weekdays = frozenset(draw(st.lists(st.integers(0, 6), min_size=1)))
    return PlanRequest(
        phases,
        tuple(range(1, count + 1)),
        MONDAY,
        MONDAY + timedelta(days=days - 1),
        free,
        Preferences(weekdays, time(9), time(9, 30)),
        previous,
        held,
    )


@settings(max_examples=400, deadline=None)
@given(requests())
def test_the_plan_is_the_best_of_all_there_are(request: PlanRequest) -> None:
    cheapest = min((price(request, one).total for one in everything(request)), default=None)
    try:
        found = plan(request)
    except Infeasible as refusal:
        assert cheapest is None
        assert not check(request, refusal.placed) or len(refusal.placed) < len(request.numbers)
    else:
        assert found.cost.total == cheapest


@settings(max_examples=1000, deadline=None)
@given(requests(days=40, most_sessions=12))
def test_the_checker_finds_no_broken_rule(request: PlanRequest) -> None:
    try:
        found = plan(request)
    except Infeasible:
        return
    assert check(request, found.sessions) == []


def broken(sessions: Sequence[PlannedSession], at: int, **changed: object) -> list[PlannedSession]:
    return [replace(s, **changed) if n == at else s for n, s in enumerate(sessions)]  # type: ignore[arg-type]


def test_the_checker_finds_each_broken_rule_that_is_planted() -> None:
    request = a_request(a_phase(3), a_phase(3, WEEKLY))
    good = plan(request).sessions
    planted = {
        Rule.NUMBERS: good[:-1],
        Rule.PHASE: broken(good, 3, phase=0),
        Rule.NOT_FREE: broken(good, 1, minute=541),
        Rule.TOO_EARLY: broken(good, 0, day=MONDAY - timedelta(days=3)),
        Rule.GAP: broken(good, 2, day=good[1].day + timedelta(days=1)),
    }
    for rule, sessions in planted.items():
        assert rule in {violation.rule for violation in check(request, sessions)}
