"""Alternatives are plans of their own, with names that tell the truth."""

from dataclasses import replace
from datetime import time, timedelta

from hypothesis import given

from booking.calendars.local_days import PartOfDay
from booking.series.planning.alternatives import (
    ASKED_FOR,
    BEFORE_START,
    MAX_EXCEPTIONS,
    NamedPlan,
    PlanAim,
    list_alternatives,
    name_plan,
)
from booking.series.planning.checker import check_plan
from booking.series.planning.planner import PlanSearch, find_plan
from booking.series.planning.requests import PlanInfeasible, PlannedSession, PlanRequest
from tests.examples import examples
from tests.series.builders import (
    DAILY,
    HOME,
    MONDAY,
    OTHER,
    WEEKLY,
    a_phase,
    a_request,
    every_day,
    rather,
    roomy_requests,
    slot,
)


def alternatives(request: PlanRequest, count: int = 9) -> tuple[NamedPlan, ...]:
    return list_alternatives(PlanSearch(request), find_plan(request), count)


def test_alternatives_have_names_and_differ() -> None:
    request = a_request()
    best = find_plan(request)
    others = alternatives(request)
    assert len(others) >= 2
    names = [(plan.weekdays, plan.part) for plan in (name_plan(request, best), *others)]
    assert len(set(names)) == len(names)
    for other in others:
        assert {s.day.weekday() for s in other.plan.sessions} <= set(other.weekdays)
        assert other.plan.cost.points(request.rates) >= best.cost.points(request.rates)


def test_a_plan_that_keeps_to_none_of_its_weekdays_is_named_by_those_it_has() -> None:
    plan = replace(find_plan(a_request()), weekdays=(6,))
    named = name_plan(a_request(), plan)
    assert named.weekdays == tuple(sorted({s.day.weekday() for s in plan.sessions}))
    assert named.exceptions == ()


def test_the_days_asked_for_are_among_them_with_what_they_cost() -> None:
    request = a_request(preferences=rather(weekdays=frozenset({0, 2})))
    assert find_plan(request).cost.unwanted > 0
    as_asked = next(plan for plan in alternatives(request, 1) if plan.aim is PlanAim.AS_ASKED)
    assert as_asked.weekdays == (0, 2)
    assert (as_asked.plan.cost.unwanted, as_asked.plan.cost.gap_days) == (0, 5)


def test_what_was_asked_for_is_among_them_under_the_same_name_as_the_best() -> None:
    late = rather(earliest=time(9, 30))
    free = every_day(minutes=[540]) | {MONDAY + timedelta(days=9): [600]}
    request = a_request(a_phase(2), free=free, preferences=late)
    best, (as_asked, *_) = find_plan(request), alternatives(request)
    assert as_asked.aim is PlanAim.AS_ASKED
    assert as_asked.plan.cost.unwanted < best.cost.unwanted


def test_a_day_before_the_first_possible_is_missed_for_that() -> None:
    wishes = rather(weekdays=frozenset({1, 4}))
    request = a_request(free=every_day(weekdays=range(6)), preferences=wishes)
    request = replace(request, first_day=MONDAY + timedelta(days=5))
    soonest = next(plan for plan in alternatives(request) if plan.aim is PlanAim.SOONEST)
    assert {each.reason for each in soonest.exceptions} >= {BEFORE_START}


def test_the_soonest_start_is_among_them() -> None:
    days = frozenset({3})
    request = a_request(a_phase(4, WEEKLY), preferences=rather(weekdays=days))
    assert find_plan(request).sessions[0].day == MONDAY + timedelta(days=3)
    soonest = next(plan for plan in alternatives(request) if plan.aim is PlanAim.SOONEST)
    assert soonest.plan.sessions[0].day == MONDAY
    assert soonest.plan.cost.start_delay_days == 0


def test_one_location_only_is_among_them_where_the_best_plan_uses_two() -> None:
    home = every_day(weekdays=(0, 3, 4), closed=[MONDAY + timedelta(days=7)])
    request = a_request(free=home, other=every_day(weekdays=(0, 3)))
    assert {s.slot.location for s in find_plan(request).sessions} == {HOME, OTHER}
    used = [{s.slot.location for s in plan.plan.sessions} for plan in alternatives(request)]
    assert {HOME} in used


def test_a_name_says_one_weekday_where_a_phase_is_weekly() -> None:
    request = a_request(a_phase(4, WEEKLY))
    assert len(name_plan(request, find_plan(request)).weekdays) == 1


def test_a_plan_whose_times_lie_in_several_parts_of_the_day_names_none() -> None:
    days = every_day(minutes=[540], weekdays=(0,)) | every_day(minutes=[900], weekdays=(3,))
    request = a_request(free=days)
    named = name_plan(request, find_plan(request))
    assert (named.part, named.minutes) == (None, (540, 900))


def test_an_exception_says_which_day_was_missed_and_why() -> None:
    closed, busy = MONDAY + timedelta(days=7), MONDAY + timedelta(days=10)
    request = a_request(
        a_phase(8),
        free=every_day(closed=[closed], weekdays=(0, 1, 3, 4)),
        blocked={0: {busy: "infusion_near"}},
        preferences=rather(weekdays=frozenset({0, 3})),
        previous=slot(-4),
    )
    exceptions = name_plan(request, find_plan(request)).exceptions
    assert [(each.missed_day, each.reason) for each in exceptions] == [
        (MONDAY + timedelta(days=3), "gap"),
        (closed, "not_free"),
        (busy, "infusion_near"),
    ]


def test_daily_treatment_has_its_alternatives_in_other_parts_of_the_day() -> None:
    others = alternatives(a_request(a_phase(10, DAILY)))
    assert [(plan.weekdays, plan.part) for plan in others] == [
        ((0, 1, 2, 3, 4), PartOfDay.AFTERNOON)
    ]


def test_where_there_is_one_plan_there_is_no_alternative() -> None:
    request = a_request(a_phase(2), free=every_day(4, [540], (0, 3)))
    assert alternatives(request) == ()


def test_what_is_asked_for_only_holds_for_alternatives() -> None:
    request = a_request(preferences=rather(latest=time(9, 30)))
    for other in alternatives(request):
        assert check_plan(request, other.plan.sessions) == []


@examples(20)
@given(roomy_requests())
def test_every_alternative_keeps_the_rules_and_its_name(request: PlanRequest) -> None:
    try:
        best = find_plan(request)
    except PlanInfeasible:
        return
    search = PlanSearch(request)
    others = list_alternatives(search, best)
    assert len({best.sessions, *(plan.plan.sessions for plan in others)}) == len(others) + 1
    for other in others:
        assert check_plan(request, other.plan.sessions) == []
        assert other.plan.cost.points(request.rates) >= best.cost.points(request.rates)
        if other.aim not in (PlanAim.AS_ASKED, PlanAim.SOONEST):
            assert len(other.exceptions) * MAX_EXCEPTIONS <= len(other.plan.sessions)


def test_a_day_that_was_asked_for_is_an_exception_for_that() -> None:
    days = (0, 4, 7, 10, 14, 17)
    request = a_request(preferences=rather(weekdays=frozenset({0, 4})))
    sessions = tuple(
        PlannedSession(number, 0, slot(day), None) for number, day in enumerate(days, 1)
    )
    plan = PlanSearch(request).price(sessions)
    assert plan.weekdays == (0, 3)
    (exception,) = name_plan(request, plan).exceptions
    assert (exception.missed_day, exception.reason) == (slot(3).day, ASKED_FOR)
