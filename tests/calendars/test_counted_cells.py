"""Free time by number: as exact as the rule that offers times, and each start's price counted by trying."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from booking.calendars.counted_cells import CountedCells, count_destroyed_starts
from booking.calendars.local_days import LocalDay, iter_bits
from booking.calendars.rules import FreeCells, ResourceDemand, compute_start_cells, infusion_needs
from booking.locations.rules import ResourceKind
from tests.examples import examples

DAY = LocalDay.for_date(date(2026, 11, 30), ZoneInfo("America/Phoenix"))
OPEN = (1 << 216) - (1 << 96)  # from 08:00 to 18:00
SEATS = 4


def a_demand(setup: int = 15, infusion: int = 45, recovery: int = 30) -> ResourceDemand:
    needs = infusion_needs(setup, infusion, recovery, SEATS)
    return ResourceDemand(needs, setup + infusion + recovery, 15, prescriber=True)


def a_clinic(chairs: int, nurses: int) -> FreeCells:
    free = {
        ResourceKind.CHAIR: dict.fromkeys(range(chairs), OPEN),
        ResourceKind.SEAT: dict.fromkeys(range(100, 100 + nurses * SEATS), OPEN),
    }
    return FreeCells(DAY, free, OPEN, {ResourceKind.CHAIR: [tuple(range(chairs))]})


def as_free_cells(counted: CountedCells, base: FreeCells) -> FreeCells:
    """Return a day on which so many are free at each moment: the n-th of them where more than n are."""
    free = {
        kind: dict(zip(base.free[kind], levels, strict=True)) for kind, levels in counted.levels
    }
    return replace(base, free=free)


@st.composite
def filled_days(draw: st.DrawFn) -> tuple[ResourceDemand, FreeCells]:
    """Generate days with some infusions of two lengths booked."""
    base = a_clinic(draw(st.integers(1, 4)), draw(st.integers(1, 2)))
    demand, other = a_demand(), a_demand(*draw(st.sampled_from([(15, 45, 30), (15, 0, 60)])))
    counted = CountedCells.of_day(base)
    for _ in range(draw(st.integers(0, 14))):
        cells = [*iter_bits(compute_start_cells(other, as_free_cells(counted, base)))]
        if cells:
            counted = counted.without(other, draw(st.sampled_from(cells)))
    return demand, as_free_cells(counted, base)


@examples(30)
@given(filled_days())
def test_what_counting_offers_is_what_the_rule_offers(
    case: tuple[ResourceDemand, FreeCells],
) -> None:
    demand, free = case
    counted = CountedCells.of_day(free)
    assert counted.compute_start_cells(demand, DAY.grid_cells(15)) == compute_start_cells(
        demand, free
    )


@examples(30)
@given(filled_days())
def test_starts_destroyed_are_those_that_a_booking_takes(
    case: tuple[ResourceDemand, FreeCells],
) -> None:
    demand, free = case
    counted, starts = CountedCells.of_day(free), compute_start_cells(demand, free)
    tried = {
        start: (
            starts
            & ~compute_start_cells(demand, as_free_cells(counted.without(demand, start), free))
            & ~(1 << start)
        ).bit_count()
        for start in iter_bits(starts)
    }
    assert dict(count_destroyed_starts(demand, counted, starts)) == tried


def test_a_start_next_to_a_booking_destroys_fewer_than_one_between() -> None:
    demand, cell = a_demand(), 12
    counted = CountedCells.of_day(a_clinic(1, 1)).without(demand, 8 * cell)
    starts = counted.compute_start_cells(demand, DAY.grid_cells(15))
    destroyed = dict(count_destroyed_starts(demand, counted, starts))
    packed, apart = 8 * cell + 18, 8 * cell + 18 + 9
    assert destroyed[packed] < destroyed[apart]


def test_on_an_empty_day_of_many_chairs_only_the_nurse_s_quarter_is_lost() -> None:
    demand = a_demand()
    counted = CountedCells.of_day(a_clinic(4, 1))
    starts = counted.compute_start_cells(demand, DAY.grid_cells(15))
    assert max(dict(count_destroyed_starts(demand, counted, starts)).values()) > 0
    counted = CountedCells.of_day(a_clinic(4, 3))
    assert set(dict(count_destroyed_starts(demand, counted, starts)).values()) == {0}
