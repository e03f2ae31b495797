"""Alternatives are plans of their own, with names that tell the truth."""

from datetime import timedelta

from hypothesis import given, settings

from booking.calendars.local_days import PartOfDay
from booking.series.planning.alternatives import EXCEPTIONS, find_alternatives, name_plan
from booking.series.planning.checker import check_plan
from booking.series.planning.planner import find_plan, price_plan
from booking.series.planning.requests import Plan, PlanInfeasible, PlanRequest
from tests.series.builders import (
    DAILY,
    MONDAY,
    WEEKLY,
    a_phase,
    a_request,
    every_day,
    roomy_requests,
)


def test_alternatives_have_names_and_differ() -> None:
    request = a_request()
    best = find_plan(request)
    others = find_alternatives(request, best)
    assert len(others) >= 2
    names = [(plan.weekdays, plan.part) for plan in (name_plan(request, best), *others)]
    assert len(set(names)) == len(names)
    for other in others:
        assert {s.day.weekday() for s in other.plan.sessions} <= set(other.weekdays)
        assert other.part in PartOfDay
        assert other.plan.cost >= best.cost


def test_a_name_says_one_weekday_where_a_phase_is_weekly() -> None:
    request = a_request(a_phase(4, WEEKLY))
    assert len(name_plan(request, find_plan(request)).weekdays) == 1


def test_a_plan_whose_times_lie_in_several_parts_of_the_day_names_none() -> None:
    days = every_day(minutes=[540], weekdays=(0,)) | every_day(minutes=[900], weekdays=(3,))
    request = a_request(free=days)
    assert name_plan(request, find_plan(request)).part is None


def test_a_closed_day_is_an_exception_and_the_pattern_stays() -> None:
    closed, friday_before = MONDAY + timedelta(days=7), (MONDAY - timedelta(days=3), 540)
    free = every_day(closed=[closed], weekdays=(0, 1, 3))
    request = a_request(a_phase(8), free=free, previous=friday_before)
    best = find_plan(request)
    plans = (name_plan(request, best), *find_alternatives(request, best, 99))
    plan = next(plan for plan in plans if plan.weekdays == (0, 3))
    moved = [s.day for s in plan.plan.sessions if s.number in plan.exceptions]
    assert moved == [closed + timedelta(days=1)]


def test_daily_treatment_has_its_alternatives_in_other_parts_of_the_day() -> None:
    request = a_request(a_phase(10, DAILY))
    others = find_alternatives(request, find_plan(request))
    assert [(plan.weekdays, plan.part) for plan in others] == [
        ((0, 1, 2, 3, 4), PartOfDay.AFTERNOON)
    ]


def test_where_there_is_one_plan_there_is_no_alternative() -> None:
    request = a_request(a_phase(2), free=every_day(4, [540], (0, 3)))
    assert find_alternatives(request, find_plan(request)) == ()


@settings(max_examples=60, deadline=None)
@given(roomy_requests())
def test_every_alternative_keeps_the_rules_and_its_name(request: PlanRequest) -> None:
    try:
        best = find_plan(request)
    except PlanInfeasible:
        return
    others = find_alternatives(request, best)
    assert len({best.sessions, *(plan.plan.sessions for plan in others)}) == len(others) + 1
    for one in others:
        assert check_plan(request, one.plan.sessions) == []
        assert one.plan == Plan(one.plan.sessions, price_plan(request, one.plan.sessions))
        assert one.plan.cost >= best.cost
        assert len(one.exceptions) * EXCEPTIONS <= len(one.plan.sessions)
