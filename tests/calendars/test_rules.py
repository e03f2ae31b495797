"""Free time as bits: what each rule says, by example and by property."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.calendars.allocation import StartNotFree, allocate
from booking.calendars.local_days import (
    LocalDay,
    in_at_least,
    iter_bits,
    resolve_wall_clock,
    run_starts,
)
from booking.calendars.rules import (
    FreeCells,
    InvalidNeed,
    ResourceDemand,
    ResourceNeed,
    compute_start_cells,
    infusion_needs,
)
from booking.locations.rules import END_OF_DAY, ResourceKind

DENVER = ZoneInfo("America/Denver")
PLAIN = LocalDay.for_date(date(2026, 12, 1), ZoneInfo("America/Phoenix"))
cell_sets = st.integers(min_value=0, max_value=(1 << 60) - 1)


def of_cells(*cells: int) -> int:
    return sum(1 << cell for cell in cells)


def a_free_day(**free: dict[int, int]) -> FreeCells:
    kinds = {ResourceKind(kind): sets for kind, sets in free.items()}
    return FreeCells(PLAIN, kinds, (1 << PLAIN.cells) - 1)


def test_a_plain_day_has_288_cells() -> None:
    assert PLAIN.cells == 288
    assert PLAIN.starts_at == datetime(2026, 12, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(("day", "cells"), [(date(2026, 3, 8), 276), (date(2026, 11, 1), 300)])
def test_a_day_on_which_clocks_change_is_an_hour_shorter_or_longer(day: date, cells: int) -> None:
    assert LocalDay.for_date(day, DENVER).cells == cells


@pytest.mark.parametrize("step", [90, 120, 180, 240])
@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2026, 3, 8), date(2026, 11, 1)])
def test_starts_lie_on_the_wall_clocks_grid_when_clocks_change(day: date, step: int) -> None:
    shown = [
        LocalDay.for_date(day, DENVER).cell_start(cell).astimezone(DENVER)
        for cell in iter_bits(LocalDay.for_date(day, DENVER).grid_cells(step))
    ]
    minutes = [local.hour * 60 + local.minute for local in shown]
    skipped = {2 * 60, 2 * 60 + 30} if day.month == 3 else set()
    assert sorted(set(minutes)) == sorted(set(range(0, 24 * 60, step)) - skipped)


def test_a_start_the_clocks_show_twice_is_offered_twice() -> None:
    day = LocalDay.for_date(date(2026, 11, 1), DENVER)
    at_half_past_one = [
        day.cell_start(cell).astimezone(DENVER) for cell in iter_bits(day.grid_cells(90))
    ][1:3]
    assert [(one.hour, one.minute, one.fold) for one in at_half_past_one] == [
        (1, 30, 0),
        (1, 30, 1),
    ]


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 9, tzinfo=UTC)),  # skipped: 3 AM
        (date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)),  # the first
        (date(2026, 12, 1), time(9), datetime(2026, 12, 1, 16, tzinfo=UTC)),
        (date(2026, 12, 1), END_OF_DAY, datetime(2026, 12, 2, 7, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_the_first_moment_the_clock_shows_it_or_a_later_one(
    day: date, at: time, expected: datetime
) -> None:
    assert resolve_wall_clock(day, at, DENVER) == expected


def test_a_midnight_that_the_clocks_skip_begins_the_day() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    begins = LocalDay.for_date(date(2026, 3, 29), beirut).starts_at
    assert begins == resolve_wall_clock(date(2026, 3, 29), time(), beirut)
    assert begins.astimezone(beirut).hour == 1


def test_an_instant_off_the_grid_or_off_the_day_has_no_cell() -> None:
    assert PLAIN.cell_at(PLAIN.starts_at + timedelta(minutes=10)) == 2
    assert PLAIN.cell_at(PLAIN.starts_at + timedelta(minutes=11)) is None
    assert PLAIN.cell_at(PLAIN.ends_at) is None
    assert PLAIN.cell_at(PLAIN.starts_at - timedelta(minutes=5)) is None


def test_available_time_rounds_inwards_and_taken_time_outwards() -> None:
    starts_at = PLAIN.starts_at + timedelta(minutes=3)
    ends_at = PLAIN.starts_at + timedelta(minutes=12)
    assert list(iter_bits(PLAIN.cells_inside(starts_at, ends_at))) == [1]
    assert list(iter_bits(PLAIN.cells_touching(starts_at, ends_at))) == [0, 1, 2]


@given(cell_sets, st.integers(1, 20))
def test_runs_are_the_cells_from_which_all_cells_are_free(free: int, length: int) -> None:
    expected = {c for c in range(60) if all(free >> c + n & 1 for n in range(length))}
    assert set(iter_bits(run_starts(free, length))) == expected


@given(st.lists(cell_sets, max_size=6), st.integers(1, 5))
def test_at_least_counts(sets: list[int], count: int) -> None:
    expected = {c for c in range(60) if sum(s >> c & 1 for s in sets) >= count}
    assert set(iter_bits(in_at_least(sets, count))) == expected


def test_a_buffer_before_moves_the_first_start() -> None:
    demand = ResourceDemand((ResourceNeed(ResourceKind.ROOM, -10, 40),), 30, 5)
    free = a_free_day(room={1: of_cells(*range(12, 24))})
    assert list(iter_bits(compute_start_cells(demand, free))) == [14, 15, 16, 17, 18]


def test_one_room_must_be_free_throughout() -> None:
    demand = ResourceDemand((ResourceNeed(ResourceKind.ROOM, 0, 20),), 20, 5)
    halves = a_free_day(room={1: of_cells(0, 1), 2: of_cells(2, 3)})
    assert compute_start_cells(demand, halves) == 0


def test_a_seat_may_pass_from_nurse_to_nurse() -> None:
    demand = ResourceDemand((ResourceNeed(ResourceKind.SEAT, 0, 20),), 20, 5)
    halves = a_free_day(seat={1: of_cells(0, 1), 2: of_cells(2, 3)})
    assert list(iter_bits(compute_start_cells(demand, halves))) == [0]
    allocations = allocate(demand, halves, 0)
    assert [(t.resource_id, t.first, t.end) for t in allocations] == [(1, 0, 2), (2, 2, 4)]


def test_setup_takes_every_seat_of_a_nurse_and_watching_takes_one() -> None:
    needs = infusion_needs(setup=15, infusion=45, recovery=30, seats=4)
    assert [(n.kind, n.offset, n.minutes, n.count) for n in needs] == [
        (ResourceKind.CHAIR, 0, 90, 1),
        (ResourceKind.SEAT, 0, 15, 4),
        (ResourceKind.SEAT, 15, 75, 1),
    ]


def test_a_nurse_who_watches_one_patient_cannot_set_up_another() -> None:
    demand = ResourceDemand(infusion_needs(15, 45, 30, 2), 90, 5)
    whole = of_cells(*range(100))
    watched = {1: whole & ~of_cells(*range(18)), 2: whole}
    free = a_free_day(chair={9: whole}, seat=watched)
    assert min(iter_bits(compute_start_cells(demand, free))) == 18


def test_no_prescriber_on_site_no_infusion() -> None:
    demand = ResourceDemand(infusion_needs(15, 45, 30, 1), 90, 5, prescriber=True)
    whole = of_cells(*range(100))
    free = FreeCells(PLAIN, {ResourceKind.CHAIR: {1: whole}, ResourceKind.SEAT: {2: whole}}, 0)
    assert compute_start_cells(demand, free) == 0


def test_the_resource_held_so_far_is_taken_again_when_free() -> None:
    demand = ResourceDemand((ResourceNeed(ResourceKind.CHAIR, 0, 20),), 20, 5)
    free = a_free_day(chair={1: of_cells(*range(9)), 2: of_cells(*range(9))})
    assert allocate(demand, free, 0)[0].resource_id == 1
    assert allocate(demand, free, 0, preferred_ids=[2])[0].resource_id == 2


def test_a_start_that_is_not_offered_is_refused() -> None:
    demand = ResourceDemand((ResourceNeed(ResourceKind.CHAIR, 0, 20),), 20, 15)
    free = a_free_day(chair={1: of_cells(*range(9))})
    with pytest.raises(StartNotFree):
        allocate(demand, free, 1)


@pytest.mark.parametrize(
    ("kind", "offset", "minutes", "count"),
    [
        ("room", 3, 30, 1),
        ("room", 0, 0, 1),
        ("room", 0, 7, 1),
        ("chair", 0, 30, 2),
        ("seat", 0, 5, 0),
    ],
)
def test_a_malformed_need_is_refused(kind: str, offset: int, minutes: int, count: int) -> None:
    with pytest.raises(InvalidNeed):
        ResourceNeed(ResourceKind(kind), offset, minutes, count)
