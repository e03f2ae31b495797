"""The checker: no plan of the planner breaks a rule, and each kind of broken rule is found."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booking.series.authorisations import AuthorisedSessions
from booking.series.planning.checker import PlanRule, Violation, check_plan
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import PlanInfeasible, PlannedSession, PlanRequest
from tests.examples import examples
from tests.series.builders import (
    MONDAY,
    WEEKLY,
    a_phase,
    a_request,
    only,
    requests,
    roomy_requests,
    slot,
)

REQUEST = a_request(a_phase(3), a_phase(3, WEEKLY))
GOOD = find_plan(REQUEST).sessions


def planned(request: PlanRequest) -> tuple[PlannedSession, ...]:
    try:
        return find_plan(request).sessions
    except PlanInfeasible as refusal:
        return refusal.placed


@examples(200)
@given(st.one_of(roomy_requests(), requests(days=40, most_sessions=12)))
def test_the_checker_finds_no_broken_rule(request: PlanRequest) -> None:
    sessions = planned(request)
    numbers = request.numbers[: len(sessions)]
    assert check_plan(replace(request, numbers=numbers), sessions) == []


def broken(at: int, **changes: object) -> Sequence[PlannedSession]:
    return [replace(s, **changes) if n == at else s for n, s in enumerate(GOOD)]  # type: ignore[arg-type]


def elsewhere(at: int, **changes: Any) -> Sequence[PlannedSession]:
    return broken(at, slot=GOOD[at].slot._replace(**changes))


def day(at: int, days: int) -> date:
    return GOOD[at].day + timedelta(days=days)


@pytest.mark.parametrize(
    ("sessions", "violation"),
    [
        (GOOD[:-1], Violation(1, PlanRule.NUMBERS)),
        ((*GOOD, GOOD[-1]), Violation(1, PlanRule.NUMBERS)),
        ((), Violation(0, PlanRule.NUMBERS)),
        ((GOOD[1], GOOD[0], *GOOD[2:]), Violation(2, PlanRule.NUMBERS)),
        (broken(3, phase=0), Violation(4, PlanRule.PHASE)),
        (broken(5, number=7), Violation(7, PlanRule.PHASE)),
        (elsewhere(1, minute=545), Violation(2, PlanRule.NOT_FREE)),
        (elsewhere(1, location="scottsdale"), Violation(2, PlanRule.NOT_FREE)),
        (elsewhere(5, day=MONDAY + timedelta(days=400)), Violation(6, PlanRule.NOT_FREE)),
        (elsewhere(0, day=MONDAY - timedelta(days=3)), Violation(1, PlanRule.TOO_EARLY)),
        (elsewhere(2, day=day(1, 1)), Violation(3, PlanRule.GAP)),
        (elsewhere(2, day=day(1, 6)), Violation(3, PlanRule.GAP)),
        (elsewhere(2, day=GOOD[1].day), Violation(3, PlanRule.GAP)),
        (elsewhere(3, day=day(2, 4)), Violation(4, PlanRule.GAP)),
    ],
)
def test_a_planted_violation_is_found(
    sessions: Sequence[PlannedSession], violation: Violation
) -> None:
    assert violation in check_plan(REQUEST, sessions)


def test_the_gap_after_a_session_that_stands_already_is_checked_too() -> None:
    late = replace(REQUEST, previous=slot((GOOD[0].day - MONDAY).days - 6))
    assert check_plan(late, GOOD) == [Violation(1, PlanRule.GAP)]


@pytest.mark.parametrize(
    ("changes", "violation"),
    [
        ({"blocked": {0: {GOOD[1].day: "busy"}}}, Violation(2, PlanRule.BLOCKED)),
        ({"preferences": only(latest=time(8))}, Violation(1, PlanRule.UNWANTED)),
        (
            {"preferences": only(weekdays=frozenset({GOOD[0].day.weekday()}))},
            Violation(2, PlanRule.UNWANTED),
        ),
        (
            {"authorisations": (AuthorisedSessions(2, MONDAY, GOOD[-1].day),)},
            Violation(3, PlanRule.NOT_AUTHORISED),
        ),
        (
            {"authorisations": (AuthorisedSessions(9, GOOD[1].day, GOOD[-1].day),)},
            Violation(1, PlanRule.NOT_AUTHORISED),
        ),
    ],
)
def test_what_the_request_forbids_is_found(
    changes: dict[str, object], violation: Violation
) -> None:
    assert violation in check_plan(replace(REQUEST, **changes), GOOD)  # type: ignore[arg-type]


@examples(60)
@given(roomy_requests(), st.data())
def test_a_session_put_anywhere_else_is_found_when_it_breaks_a_gap(
    request: PlanRequest, data: st.DataObject
) -> None:
    sessions = planned(request)
    assume(len(sessions) >= 2)
    at = data.draw(st.integers(1, len(sessions) - 1))
    days = data.draw(st.integers(1, 14))
    allowed = request.phases[sessions[at].phase].gap.allows(days)
    day = sessions[at - 1].day + timedelta(days=days)
    moved = replace(sessions[at], slot=sessions[at].slot._replace(day=day))
    changed = [*sessions[:at], moved, *sessions[at + 1 :]]
    assert (Violation(moved.number, PlanRule.GAP) in check_plan(request, changed)) is not allowed
