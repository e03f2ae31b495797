"""How full chairs and nurses are equals counting minute by minute, over generated days."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.calendars.local_days import LocalDay
from booking.calendars.rules import FreeCells, infusion_needs
from booking.locations.rules import ResourceKind
from booking.measures.loads import (
    BookedTime,
    Bottleneck,
    DayLoads,
    ExpectedAppointment,
    Load,
    compute_day_loads,
)

FIVE = timedelta(minutes=5)
PHOENIX, DENVER = ZoneInfo("America/Phoenix"), ZoneInfo("America/Denver")
PLAIN = (date(2026, 12, 1), PHOENIX)
DAYS = [PLAIN, (date(2026, 3, 8), DENVER), (date(2026, 11, 1), DENVER)]
CHAIR, SEAT = ResourceKind.CHAIR, ResourceKind.SEAT


@dataclass(frozen=True)
class Time:
    """So many chairs or seats from one five minutes of a day to another."""

    kind: ResourceKind
    first: int
    end: int
    count: int


def a_day(day: LocalDay, there: Sequence[Time]) -> FreeCells:
    """Return a day on which chairs and seats are there at some times."""
    free: dict[ResourceKind, dict[int, int]] = {CHAIR: {}, SEAT: {}}
    for time_there in there:
        for _ in range(time_there.count):
            cells = (1 << time_there.end) - (1 << time_there.first)
            free[time_there.kind][len(free[time_there.kind])] = cells
    return FreeCells(day, free, 0)


@st.composite
def times(draw: st.DrawFn, cells: int = 276) -> list[Time]:
    count = draw(st.integers(0, 5))
    found = []
    for _ in range(count):
        first = draw(st.integers(0, cells - 2))
        end = draw(st.integers(first + 1, min(cells, first + 60)))
        kind = draw(st.sampled_from([CHAIR, SEAT]))
        found.append(Time(kind, first, end, draw(st.integers(1, 4))))
    return found


def minutes_by_half_hour(day: LocalDay, kind: ResourceKind, taken: Sequence[Time]) -> list[float]:
    """Look at each five minutes of the day in turn, and at the clock on the wall."""
    found = [0.0] * 48
    moment, cell = day.starts_at, 0
    while moment < day.ends_at:
        local = moment.astimezone(day.zone)
        there = sum(t.count for t in taken if t.kind is kind and t.first <= cell < t.end)
        found[(local.hour * 60 + local.minute) // 30] += there
        moment, cell = moment + FIVE, cell + 1
    return found


@settings(max_examples=150)
@given(st.sampled_from(DAYS), times(), times(), st.data())
def test_loads_equal_counting_by_the_clock(
    which: tuple[date, ZoneInfo], there: list[Time], claimed: list[Time], data: st.DataObject
) -> None:
    day = LocalDay.for_date(*which)
    booked = [
        BookedTime(t.kind, day.cell_start(t.first), day.cell_start(t.end), t.count) for t in claimed
    ]
    setup, watching, seats = 15, data.draw(st.sampled_from([30, 75])), 4
    hour = data.draw(st.integers(4, 20))
    count = data.draw(st.sampled_from([0.25, 1.0]))
    needs = infusion_needs(setup, watching, 0, seats)
    loads = compute_day_loads(
        a_day(day, there), booked, [ExpectedAppointment(needs, hour * 60, count)]
    )
    first = day.cell_at(datetime.combine(day.local_date, time(hour), day.zone).astimezone(UTC))
    assert first is not None
    end, watched = first + (setup + watching) // 5, first + setup // 5
    foreseen = {
        CHAIR: [Time(CHAIR, first, end, 1)],
        SEAT: [Time(SEAT, first, watched, seats), Time(SEAT, watched, end, 1)],
    }
    for name, kind in (("chairs", CHAIR), ("nurses", SEAT)):
        by_half_hour = zip(
            *(minutes_by_half_hour(day, kind, each) for each in (there, claimed, foreseen[kind])),
            strict=True,
        )
        for index, (available, taken, more) in enumerate(by_half_hour):
            expected = (max(available, taken), taken, more * count)
            if index in loads.half_hours:
                usage = getattr(loads.half_hours[index], name)
                assert astuple(usage) == pytest.approx(expected)
            elif kind is CHAIR:
                assert available == taken == 0


OPEN = [Time(CHAIR, 96, 144, 2), Time(SEAT, 96, 144, 4)]  # 8 to 12, two chairs, one nurse of four


def loads_of(*expected: ExpectedAppointment, booked: Sequence[BookedTime] = ()) -> DayLoads:
    return compute_day_loads(a_day(LocalDay.for_date(*PLAIN), OPEN), booked, expected)


def test_at_setup_the_nurse_binds_and_the_chair_after_it() -> None:
    needs = infusion_needs(30, 60, 0, 4)
    halves = loads_of(ExpectedAppointment(needs, 9 * 60)).half_hours
    assert [halves[index].binds for index in (18, 19, 20)] == [
        Bottleneck.NURSES, Bottleneck.CHAIRS, Bottleneck.CHAIRS,
    ]  # fmt: skip
    assert [halves[index].fuller.share for index in (18, 19, 20, 21)] == [1.0, 0.5, 0.5, 0.0]


def test_an_appointment_without_a_time_is_spread_over_all_that_suit() -> None:
    needs = infusion_needs(0, 60, 0, 4)
    anywhere = loads_of(ExpectedAppointment(needs))
    assert anywhere.load.chairs.foreseen == pytest.approx(12)
    assert min(load.chairs.foreseen for load in anywhere.half_hours.values()) > 0
    early = loads_of(ExpectedAppointment(needs, earliest=480, latest=480))
    assert {index for index, load in early.half_hours.items() if load.chairs.foreseen} == {16, 17}


def test_where_nothing_suits_any_time_of_the_day_is_as_likely() -> None:
    needs = infusion_needs(0, 60, 0, 4)
    evening = ExpectedAppointment(needs, earliest=20 * 60, latest=21 * 60)
    assert loads_of(evening).load == loads_of(ExpectedAppointment(needs)).load


def test_more_may_be_foreseen_than_there_is_but_never_booked() -> None:
    needs = infusion_needs(0, 60, 0, 4)
    busy = loads_of(*[ExpectedAppointment(needs, 540)] * 3).half_hours[18]
    assert (busy.chairs.share, busy.binds) == (1.5, Bottleneck.CHAIRS)
    day = LocalDay.for_date(*PLAIN)
    outside = BookedTime(CHAIR, day.cell_start(60), day.cell_start(66), 1)  # 5 to 5:30, closed
    assert loads_of(booked=[outside]).half_hours[10].chairs.share == 1.0


def test_a_day_on_which_the_location_is_closed_has_no_load() -> None:
    closed = compute_day_loads(a_day(LocalDay.for_date(*PLAIN), []), [], [])
    assert (closed.half_hours, closed.load) == ({}, Load())
