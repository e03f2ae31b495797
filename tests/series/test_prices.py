"""What slots cost the others: plans level and pack by it, and are never worse for their own patient."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.calendars.counted_cells import CountedCells
from booking.calendars.local_days import iter_bits
from booking.calendars.rules import ResourceDemand, infusion_needs
from booking.locations.rules import ResourceKind
from booking.series.planning.costs import PlanRates
from booking.series.planning.planner import find_plan
from booking.series.planning.prices import (
    cap_rate,
    count_displaced,
    price_day,
    with_slot_prices,
)
from booking.series.planning.requests import Plan, PlanInfeasible, PlanRequest, PlanSlot
from booking.series.rules import GRID, Gap
from booking.series.usual_slots import foresee_slots
from tests.examples import examples
from tests.series.builders import (
    HOME,
    MONDAY,
    WEEKLY,
    a_phase,
    a_request,
    requests,
    slot,
)

DEMAND = ResourceDemand(infusion_needs(15, 45, 30, 4), 90, 15, prescriber=True)
OPEN = (1 << 216) - (1 << 96)
QUARTERS = sum(1 << cell for cell in range(0, 288, 3))
RATES = PlanRates()


def a_day(*minutes: int, chairs: int = 2) -> CountedCells:
    """Return what is free on a day with infusions at these minutes."""
    counted = CountedCells(
        ((ResourceKind.CHAIR, (OPEN,) * chairs), (ResourceKind.SEAT, (OPEN,) * 8))
    )
    for minute in minutes:
        counted = counted.without(DEMAND, minute // GRID)
    return counted


def prices_of(counted: CountedCells, *needed: int, rate: int = 80) -> dict[int, int]:
    """Return the price of each minute of a day at which a session can start."""
    starts = counted.compute_start_cells(DEMAND, QUARTERS)
    needs = tuple((DEMAND, minute // GRID) for minute in needed)
    points = price_day(DEMAND, starts, counted, needs, rate, RATES.displaced)
    return {cell * GRID: int(points[cell]) for cell in iter_bits(starts)}


def test_a_slot_costs_more_on_a_full_day_than_on_an_empty_one() -> None:
    empty, full = prices_of(a_day()), prices_of(a_day(480, 480, 585, 585, 690, 690))
    assert min(full.values()) > max(empty.values())


def test_a_slot_beside_another_costs_less_than_one_that_leaves_a_hole() -> None:
    prices = prices_of(a_day(480, chairs=1))
    assert prices[570] < prices[615]


def test_the_last_start_of_a_day_costs_the_whole_rate() -> None:
    counted = a_day(480, 570, 660, 750, 840, chairs=1)
    assert set(prices_of(counted).values()) == {80}


def test_what_a_running_series_will_need_costs_more_than_any_gap() -> None:
    prices = prices_of(a_day(chairs=1), 600)
    assert prices[600] > RATES.gap_days * 2
    assert prices[600] == prices[525] == RATES.displaced + 80
    assert prices[690] < 80


def test_prices_of_a_plan_come_to_less_than_a_day_until_its_start() -> None:
    for count in range(1, 61):
        assert count * cap_rate(RATES, count) < RATES.start_delay_days
    assert cap_rate(PlanRates(destroyed_starts=0), 10) == 0
    assert cap_rate(PlanRates(start_delay_days=0), 10) == 0


def test_a_weekly_series_is_foreseen_at_its_usual_time_in_whole_weeks() -> None:
    booked = [slot(0, 600), slot(7, 600), slot(13, 540), slot(21, 600)]
    foreseen = [*foresee_slots(booked, WEEKLY, MONDAY + timedelta(days=40))]
    assert foreseen == [slot(28, 600), slot(35, 600)]


def test_a_series_of_every_two_weeks_is_foreseen_in_its_own_weeks() -> None:
    booked = [slot(0, 600), slot(14, 600)]
    foreseen = [*foresee_slots(booked, Gap(11, 14, 14, 17), MONDAY + timedelta(days=50))]
    assert foreseen == [slot(28, 600), slot(42, 600)]


def test_nothing_booked_foresees_nothing() -> None:
    assert not [*foresee_slots([], WEEKLY, MONDAY + timedelta(days=50))]


def test_of_two_hours_as_good_the_one_that_destroys_fewer_starts_is_chosen() -> None:
    request = a_request(a_phase(2))
    assert {each.minute for each in find_plan(request).sessions} == {540}
    prices = {slot(days, minute): 40 for days in range(30) for minute in (540, 840)}
    priced = with_slot_prices(request, prices)
    assert {each.minute for each in find_plan(priced).sessions} == {600}


def test_a_plan_starts_later_rather_than_where_a_running_series_will_be() -> None:
    request = a_request(a_phase(2))
    prices = {slot(0, minute): RATES.displaced for minute in (540, 600, 840)}
    plan = find_plan(with_slot_prices(request, prices))
    assert plan.sessions[0].day == MONDAY + timedelta(days=1)
    assert plan.cost.gap_days == 0


def test_a_plan_that_has_no_other_way_says_whose_times_it_takes() -> None:
    request = a_request(a_phase(1), days=1)
    prices = {slot(0, minute): RATES.displaced + 7 for minute in (540, 600, 840)}
    priced = with_slot_prices(request, prices)
    assert count_displaced(priced, find_plan(priced)) == 1
    assert count_displaced(request, find_plan(request)) == 0


PRICED_SLOTS = st.builds(slot, st.integers(0, 8), st.sampled_from([540, 555, 900]), st.just(HOME))


@st.composite
def priced_requests(draw: st.DrawFn) -> tuple[PlanRequest, PlanRequest]:
    """Generate a request as shipped, and the same with prices as high as they may be."""
    request = replace(draw(requests()), prices={}, rates=RATES)
    most = cap_rate(RATES, len(request.numbers))
    prices = draw(st.dictionaries(PRICED_SLOTS, st.integers(0, most), max_size=12))
    return request, with_slot_prices(request, prices)


@examples(60)
@given(priced_requests())
def test_prices_make_no_plan_impossible_and_none_worse_by_a_day(
    pair: tuple[PlanRequest, PlanRequest],
) -> None:
    request, priced = pair
    before, after = outcome(request), outcome(priced)
    if not isinstance(before, Plan) or not isinstance(after, Plan):
        assert before == after
        return
    own_points = after.cost.points(RATES) - after.cost.price
    assert own_points - before.cost.points(RATES) < RATES.start_delay_days
    assert after.cost.gap_days <= before.cost.gap_days
    assert after.cost.moved <= before.cost.moved
    assert after.cost.late_start_days <= before.cost.late_start_days


def outcome(request: PlanRequest) -> Plan | tuple[int, date, date]:
    """Return the best plan, or which session has no place in which days."""
    try:
        return find_plan(request)
    except PlanInfeasible as refusal:
        return refusal.number, refusal.earliest, refusal.latest


@examples(30)
@given(requests())
def test_prices_of_nothing_change_nothing(request: PlanRequest) -> None:
    plain = replace(request, prices={})
    days = {day for days in plain.free[0].values() for day in days}
    zero = with_slot_prices(plain, {PlanSlot(HOME, day, 540): 0 for day in days})
    assert outcome(zero) == outcome(plain)
