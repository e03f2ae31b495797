"""What the planner prefers, rule by rule; `test_exact_plans.py` compares it with trying everything."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from booking.series.authorisations import AuthorisedSessions
from booking.series.planning.costs import PlanCost, PlanRates
from booking.series.planning.planner import PlanSearch, find_plan
from booking.series.planning.prices import with_slot_prices
from booking.series.planning.requests import Plan, PlanInfeasible, PlanRequest
from booking.series.rules import Gap
from tests.series.builders import (
    HOME,
    MONDAY,
    OTHER,
    WEEKLY,
    a_phase,
    a_request,
    every_day,
    only,
    rather,
    slot,
)


def weekdays(plan: Plan) -> set[int]:
    return {session.day.weekday() for session in plan.sessions}


def test_twice_a_week_is_three_and_four_days_apart() -> None:
    plan = find_plan(a_request())
    assert {s.gap for s in plan.sessions[1:]} <= {3, 4}
    assert plan.cost.gap_days == 0


def test_the_first_session_of_a_series_has_no_gap() -> None:
    assert find_plan(a_request()).sessions[0].gap is None


def test_twice_a_week_keeps_two_weekdays_and_one_time() -> None:
    plan = find_plan(a_request(a_phase(12), free=every_day(weekdays=range(7))))
    assert weekdays(plan) == set(plan.weekdays)
    assert (plan.cost.weekday_changes, plan.cost.exceptions) == (0, 0)
    assert len(plan.weekdays) == 2
    assert len({s.minute for s in plan.sessions}) == 1


def test_three_times_a_week_keeps_three_weekdays() -> None:
    plan = find_plan(a_request(a_phase(9, Gap(2, 2, 3, 4))))
    assert (weekdays(plan), plan.weekdays) == ({0, 2, 4}, (0, 2, 4))


def test_a_weekly_phase_keeps_one_of_the_weekdays_before_it() -> None:
    plan = find_plan(a_request(a_phase(4), a_phase(4, WEEKLY)))
    assert len({s.day.weekday() for s in plan.sessions[4:]}) == 1
    assert weekdays(plan) == set(plan.weekdays)


def test_a_closed_day_makes_one_exception_and_the_pattern_stays() -> None:
    closed = MONDAY + timedelta(days=7)
    free = every_day(closed=[closed], weekdays=(0, 1, 3))
    request = a_request(a_phase(8), free=free, previous=slot(-4))
    plan = find_plan(request)
    assert plan.weekdays == (0, 3)
    assert [s.day for s in plan.sessions if s.day.weekday() == 1] == [closed + timedelta(days=1)]


def test_the_days_and_hours_rather_had_are_had_where_gaps_allow_them() -> None:
    preferences = rather(weekdays=frozenset({1, 4}), earliest=time(13), latest=time(16))
    plan = find_plan(a_request(preferences=preferences))
    assert weekdays(plan) == {1, 4}
    assert {s.minute for s in plan.sessions} == {840}
    assert plan.cost.unwanted == 0


def test_the_ideal_gap_comes_before_the_days_rather_had() -> None:
    free = every_day(weekdays=(0, 1, 3))
    plan = find_plan(a_request(free=free, preferences=rather(weekdays=frozenset({1}))))
    assert plan.cost.gap_days == 0
    assert plan.cost.unwanted >= 4


def test_the_days_asked_for_only_come_before_the_ideal_gap() -> None:
    plan = find_plan(a_request(preferences=only(weekdays=frozenset({0, 2}))))
    assert weekdays(plan) == {0, 2}
    assert plan.cost.gap_days == 5


def test_a_series_starts_on_the_first_day_there_is_at_the_same_gaps() -> None:
    late_but_steady = every_day(weekdays=(0, 3)) | {
        MONDAY + timedelta(days=n): [555] for n in (0, 3)
    }
    plan = find_plan(a_request(free=late_but_steady))
    assert plan.sessions[0].day == MONDAY
    assert plan.cost.start_delay_days == 0


def test_a_start_waits_a_day_for_the_weekdays_rather_had() -> None:
    plan = find_plan(a_request(preferences=rather(weekdays=frozenset({1, 4}))))
    assert (plan.sessions[0].day, plan.cost.start_delay_days) == (MONDAY + timedelta(days=1), 1)


def test_the_price_of_a_day_of_waiting_is_the_clinics() -> None:
    free = every_day(weekdays=(0, 3)) | {MONDAY: [900]}
    hurried = a_request(free=free)
    unhurried = replace(hurried, rates=PlanRates(start_delay_days=10))
    assert find_plan(hurried).sessions[0].day == MONDAY
    assert find_plan(unhurried).sessions[0].day == MONDAY + timedelta(days=3)


def test_the_other_location_is_used_where_home_is_full() -> None:
    home = every_day(weekdays=(0, 3), closed=[MONDAY + timedelta(days=14)])
    plan = find_plan(a_request(a_phase(9), free=home, other=every_day(weekdays=(0, 3))))
    away = [s.day for s in plan.sessions if s.slot.location == OTHER]
    assert away == [MONDAY + timedelta(days=14)]
    assert (plan.cost.away, plan.cost.location_changes, plan.cost.exceptions) == (1, 2, 0)


def test_nobody_is_sent_to_the_other_location_for_another_hour() -> None:
    home = every_day(minutes=[540], weekdays=(0, 3)) | every_day(3, [600], (0,))
    plan = find_plan(a_request(free=home, other=every_day(minutes=[540])))
    assert {s.slot.location for s in plan.sessions} == {HOME}


def test_the_price_of_a_slot_makes_it_the_second_choice() -> None:
    request = a_request(a_phase(1), free=every_day(1))
    assert find_plan(request).sessions[0].minute == 540
    priced = with_slot_prices(request, {slot(0, 540): 5})
    assert find_plan(priced).sessions[0].minute == 600


def test_a_session_follows_the_one_that_stands_already() -> None:
    plan = find_plan(a_request(previous=slot(-3, 600)))
    assert plan.sessions[0].gap in (3, 4)
    assert plan.sessions[0].minute == 600
    assert plan.cost.start_delay_days == 0


def test_what_is_held_is_kept() -> None:
    held = frozenset(slot(n, 840) for n in (1, 4, 8, 11, 15, 18))
    assert {s.slot for s in find_plan(a_request(held=held)).sessions} == held


def test_one_closed_day_moves_one_session() -> None:
    held = frozenset(slot(n) for n in (0, 3, 7, 10, 14, 17))
    free = every_day(closed=[MONDAY + timedelta(days=7)])
    plan = find_plan(a_request(free=free, held=held))
    assert len({s.slot for s in plan.sessions} - held) == plan.cost.moved == 1


def test_the_fewest_sessions_move_before_the_gaps_are_ideal_again() -> None:
    held = frozenset(slot(n) for n in (0, 3, 9, 12, 16, 19))
    free = every_day(weekdays=range(7), closed=[MONDAY + timedelta(days=9)])
    plan = find_plan(a_request(a_phase(6, Gap(2, 3, 4, 6)), free=free, held=held))
    assert (plan.cost.moved, plan.cost.gap_days > 0) == (1, True)


def test_no_session_lies_where_the_patient_cannot_be_treated() -> None:
    blocked = {0: dict.fromkeys((MONDAY + timedelta(days=n) for n in range(8)), "not_cleared")}
    plan = find_plan(a_request(blocked=blocked))
    assert plan.sessions[0].day == MONDAY + timedelta(days=8)


def test_what_a_payer_authorised_bounds_count_and_dates() -> None:
    def authorised(*windows: tuple[int, int, int]) -> PlanRequest:
        days = [(n, MONDAY + timedelta(days=a), MONDAY + timedelta(days=b)) for n, a, b in windows]
        return a_request(authorisations=tuple(AuthorisedSessions(*window) for window in days))

    plan = find_plan(authorised((4, 0, 20), (10, 21, 60)))
    assert sum(s.day < MONDAY + timedelta(days=21) for s in plan.sessions) == 4
    with pytest.raises(PlanInfeasible) as refusal:
        find_plan(authorised((4, 0, 60)))
    assert refusal.value.number == 5


def test_a_full_fortnight_names_the_session_that_has_no_place() -> None:
    free = {day: m for day, m in every_day(25).items() if not 7 <= (day - MONDAY).days < 21}
    with pytest.raises(PlanInfeasible) as refusal:
        find_plan(a_request(free=free))
    stopped = refusal.value
    assert stopped.number == 4
    assert [s.number for s in stopped.placed] == [1, 2, 3]
    assert stopped.earliest <= MONDAY + timedelta(days=9) <= stopped.latest


def test_nothing_free_at_all_names_the_first_session() -> None:
    with pytest.raises(PlanInfeasible) as refusal:
        find_plan(a_request(free={}))
    assert (refusal.value.number, refusal.value.placed) == (1, ())


def test_a_gap_that_has_passed_already_leaves_no_day() -> None:
    with pytest.raises(PlanInfeasible) as refusal:
        find_plan(a_request(previous=slot(-6, 600)))
    assert refusal.value.latest < refusal.value.earliest == MONDAY


def test_nothing_is_placed_outside_the_days_that_may_be_used() -> None:
    plan = find_plan(a_request(a_phase(1), free=every_day(), days=1))
    assert plan.sessions[0].day == MONDAY
    with pytest.raises(PlanInfeasible):
        find_plan(a_request(a_phase(2), free=every_day(), days=1))


@pytest.mark.parametrize(
    "changes",
    [
        {"numbers": ()},
        {"last_day": MONDAY - timedelta(days=1)},
        {"numbers": (7,)},
        {"prices": with_slot_prices(a_request(), {slot(0): -1}).prices},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"expected|no session"):
        find_plan(replace(a_request(), **changes))  # type: ignore[arg-type]


def test_the_longest_schedule_there_may_be_can_be_planned() -> None:
    free = every_day(1300, range(480, 1020, 60))
    plan = find_plan(a_request(a_phase(60, Gap(1, 1, 18, 366)), free=free, days=1300))
    assert plan.cost.gap_days == 0


def test_as_shipped_what_is_graver_outweighs_all_that_is_less_grave() -> None:
    rates, sessions = PlanRates(), 60
    most_below_a_gap = PlanCost(
        start_delay_days=366,
        late_start_days=360,
        unwanted=2 * sessions,
        exceptions=sessions,
        weekday_changes=sessions,
        time_change=12 * 12 * sessions,
        location_changes=sessions,
        away=sessions,
        lateness_days=366 * sessions,
    )
    assert most_below_a_gap.points(rates) < PlanCost(gap_days=1).points(rates)
    assert PlanCost(gap_days=9 * sessions).points(rates) < PlanCost(moved=1).points(rates)
    assert PlanCost(start_delay_days=6).points(rates) < PlanCost(unwanted=1).points(rates)
    assert PlanCost(unwanted=5).points(rates) < PlanCost(late_start_days=1).points(rates) + 1


def test_no_more_than_the_days_a_plan_can_use_are_looked_at() -> None:
    search = PlanSearch(a_request(a_phase(6), free=every_day(360), days=360))
    layers = search.layers(0, limit=int(search.bounds.least[0]))
    assert max(len(layer.days) for layer in layers) <= 2
