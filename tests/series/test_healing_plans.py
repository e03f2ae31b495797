"""Re-planning what is to come of a series, as plain values: the fewest sessions move, limits are kept."""

from collections.abc import Collection
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from booking.series.authorisations import AuthorisedSessions
from booking.series.planning.checker import PlanRule, check_plan
from booking.series.planning.healing import (
    HealedPlan,
    list_long_gaps,
    match_appointments,
    plan_fewest_moves,
    plan_healing,
    with_allowed_gaps,
    without_new_slots_until,
)
from booking.series.planning.requests import PlanRequest, PlanSlot
from tests.examples import examples
from tests.series.builders import HOME, WEEKLY, a_phase, a_request, every_day, fewest_points, slot

PHASES = (a_phase(6), a_phase(None, WEEKLY))
# Mondays and Thursdays, then each Thursday: sessions 4 to 8, by their days from the first Monday.
STANDS = {4: slot(10), 5: slot(14), 6: slot(17), 7: slot(24), 8: slot(31)}


def a_healing(
    *numbers: int, today: int = 8, previous: int = 3, away: Collection[int] = ()
) -> PlanRequest:
    """Return a request for these sessions, after one that stands, where each weekday has three times."""
    away_days = {slot(day).day: "away" for day in away}
    days = {HOME: every_day(70)}
    return PlanRequest(
        PHASES, numbers, slot(today).day, slot(69).day, {0: days, 1: days},
        blocked={0: away_days, 1: away_days}, home=HOME, previous=slot(previous),
        held=frozenset(each for each in STANDS.values() if each.day not in away_days),
    )  # fmt: skip


def days(plan: HealedPlan) -> list[int]:
    return [(session.day - slot(0).day).days for session in plan.sessions]


def moved(request: PlanRequest, plan: HealedPlan) -> list[tuple[PlanSlot | None, PlanSlot | None]]:
    changes = match_appointments(request, STANDS, plan.sessions)
    return [(each.before, each.after) for each in changes if not each.is_kept]


def test_a_missed_session_is_made_up_in_its_place_and_nothing_else_moves() -> None:
    request = a_healing(3, 4, 5, 6, 7, 8)
    plan = plan_healing(request)
    assert days(plan) == [8, 10, 14, 17, 24, 31]
    assert moved(request, plan) == [(None, slot(8))]
    assert plan.long_gaps == ()


def test_a_gap_that_none_can_keep_is_as_short_as_it_can_be_and_said() -> None:
    request = a_healing(4, 5, 6, 7, 8, today=9)
    plan = plan_healing(request)
    assert days(plan) == [10, 14, 17, 24, 31]
    assert [(gap.number, gap.days, gap.max_days) for gap in plan.long_gaps] == [(4, 7, 5)]
    assert moved(request, plan) == []


def test_what_is_added_at_the_end_leaves_all_before_it_where_it_is() -> None:
    request = without_new_slots_until(a_healing(3, 4, 5, 6, 7, 8), 0, slot(17).day)
    assert days(plan_healing(request))[:3] == [10, 14, 17]


def test_who_is_away_is_treated_before_and_after() -> None:
    request = a_healing(4, 5, 6, 7, 8, previous=7, away=range(13, 19))
    plan = plan_healing(request)
    assert not set(days(plan)) & set(range(13, 19))
    assert [gap.days for gap in plan.long_gaps] == [13]


def test_a_gap_let_stand_before_is_not_mended_by_moving_others() -> None:
    request = a_healing(4, 5, 6, 7, 8, today=9, previous=3)
    allowed = replace(request, phases=with_allowed_gaps(PHASES, {0: [7]}))
    plan = plan_healing(allowed)
    assert days(plan) == [10, 14, 17, 24, 31]
    assert plan.long_gaps == ()


def test_those_that_move_keep_their_order_and_go_to_the_nearest() -> None:
    request = replace(a_healing(4, 5, 6), held=frozenset({slot(14)}))
    sessions = plan_healing(replace(request, blocked={0: {slot(10).day: "x", slot(17).day: "x"}}))
    changes = match_appointments(request, {n: STANDS[n] for n in (4, 5, 6)}, sessions.sessions)
    assert [each.old_number for each in changes if not each.is_kept] == [4, 6]
    assert [each.number for each in changes] == [4, 5, 6]


def test_fewer_move_where_a_gap_may_be_over_its_limit_and_it_is_as_short_as_can_be() -> None:
    stands = frozenset(
        slot(day) for day in (8, 15, 17, 22)
    )  # and Thursday 10, but away until Sunday
    request = replace(a_healing(2, 3, 4, 5, 6, today=4, away=range(10, 14)), held=stands)
    within, fewest = plan_healing(request), plan_fewest_moves(request)
    assert (days(within)[:4], within.long_gaps) == ([7, 9, 14, 17], ())
    assert sum(each.slot not in stands for each in fewest.sessions) == 1
    assert [(gap.days, gap.max_days) for gap in fewest.long_gaps] == [(7, 5)]


def test_what_a_payer_covers_counts_once_though_a_gap_breaks_the_plan_in_two() -> None:
    covered = AuthorisedSessions(4, slot(0).day, slot(69).day)
    request = replace(a_healing(4, 5, 6, 7, 8, 9, away=range(8, 20)), authorisations=(covered,))
    plan = plan_healing(request)
    assert plan.long_gaps
    assert len(plan.sessions) == 4
    assert plan.unplaced == (8, 9)
    placed = replace(request, numbers=request.numbers[:4])
    assert {each.rule for each in check_plan(placed, plan.sessions)} == {PlanRule.GAP}


STARTS = st.lists(st.integers(0, 3), min_size=2, max_size=4).map(
    lambda gaps: [sum(gaps[: n + 1]) + 2 * (n + 1) for n in range(len(gaps))]
)


@examples(30)
@given(STARTS, st.sets(st.integers(0, 20), max_size=6), st.integers(0, 3))
def test_a_healed_plan_is_the_best_there_is_or_breaks_a_limit_that_must_break(
    stands: list[int], closed: set[int], lost: int
) -> None:
    free = every_day(21, (540,), range(7), [slot(day).day for day in closed])
    held = {slot(day) for day in stands if day not in closed}
    numbers = tuple(range(1, len(stands) + 1 + (lost < 2)))[:4]
    request = a_request(
        a_phase(8), free=free, days=21, numbers=numbers, previous=slot(-2), held=frozenset(held)
    )
    plan = plan_healing(request)
    points = fewest_points(request, len(numbers))
    if points is None:
        assert plan.long_gaps or plan.unplaced
    else:
        assert not plan.long_gaps
        assert not plan.unplaced
        assert sum(s.slot not in held for s in plan.sessions) == points // request.rates.moved or (
            not held
        )
    placed = replace(request, numbers=numbers[: len(plan.sessions)])
    too_long = {gap.number for gap in list_long_gaps(placed, plan.sessions)}
    assert {each.number for each in check_plan(placed, plan.sessions)} == too_long
