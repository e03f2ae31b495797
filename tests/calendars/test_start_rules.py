"""Each rule of the calendar by itself: without a blocker it can be booked, and each one named is needed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.calendars.booking_windows import BookingWindow
from booking.calendars.local_days import LocalDay
from booking.calendars.location_calendars import (
    ClosedDays,
    LocationCalendar,
    ShiftWorker,
    WeeklyHours,
)
from booking.calendars.overrides import CalendarRule, OverriddenBy
from booking.calendars.ruled_days import Blocker, RuledDay
from booking.calendars.rules import ResourceDemand
from booking.calendars.start_rules import list_online_rules, past_rule
from booking.locations.rules import ResourceKind
from tests.builders import PHOENIX
from tests.calendars.ruled_cases import (
    CHOSEN,
    PLAIN,
    ROOMS,
    Case,
    a_consultation,
    all_day,
    an_infusion,
    cases,
    rules_of,
    without,
)
from tests.calendars.test_reference import SINCE, ClaimRow
from tests.examples import examples


@examples(60)
@given(cases())
def test_what_all_rules_allow_is_what_can_be_booked(found: tuple[Case, date]) -> None:
    case, day = found
    ruled = case.ruled(day)
    assert ruled.starts == case.starts(day)
    for cell in range(0, ruled.day.cells, 3):
        assert (not ruled.blockers_at(ruled.day.cell_start(cell))) is bool(ruled.starts >> cell & 1)


@examples(60)
@given(cases(), st.data())
def test_each_named_rule_is_needed_and_all_of_them_suffice(
    found: tuple[Case, date], data: st.DataObject
) -> None:
    """With the causes of all blockers gone it can be booked; with all but one gone, that one is left."""
    case, _ = found
    day, local = PLAIN, LocalDay.for_date(PLAIN, case.location.zone)
    within = (
        local.cells - case.demand.minutes // 5 - 2
    )  # what ends on another day stays against the hours
    cell = data.draw(st.integers(2, within))
    start = local.cell_start(cell)
    blockers = case.ruled(day).blockers_at(start)
    assert bool(case.starts(day) >> cell & 1) is (not blockers)
    for kept in [None, *blockers]:
        bare = case
        for blocker in blockers:
            if blocker is not kept:
                bare = without(bare, blocker, day, start)
        assert rules_of(bare, day, start) == ([kept.rule] if kept else [])
        assert bool(bare.starts(day) >> cell & 1) is (kept is None)


@examples(25)
@given(cases())
def test_a_start_is_blocked_by_some_rules_alone_where_no_other_blocks_it(
    found: tuple[Case, date],
) -> None:
    case, day = found
    ruled = case.ruled(day)
    rules = ruled.rules[::2]
    cells = ruled.starts_blocked_only_by(rules)
    for cell in range(0, ruled.day.cells, 3):
        against = {id(rule) for rule in ruled.rules if not rule.starts >> cell & 1}
        alone = bool(against) and against <= {id(rule) for rule in rules}
        assert bool(cells >> cell & 1) is alone


# What is said of one start, by example: two chairs, one nurse who watches two, a lunch break.
def a_place(**changes: object) -> LocationCalendar:
    day = PLAIN.weekday()
    hours = tuple(
        WeeklyHours(day, time(begins), time(ends), SINCE, None)
        for begins, ends in ((9, 12), (13, 17))
    )
    morning = (WeeklyHours(day, time(9), time(15), SINCE, None),)
    location = LocationCalendar(
        1, "here", "Here", "Here", "+16025550100", PHOENIX, hours, (),
        {ResourceKind.CHAIR: (1, 2), ResourceKind.SEAT: (21, 22)},
        (ShiftWorker(CHOSEN, 0, morning),), (ShiftWorker(None, 2, morning),), (),
    )  # fmt: skip
    return replace(location, **changes)  # type: ignore[arg-type]


def clock(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(PLAIN, time(hour, minute), PHOENIX)


def claim(resource_id: int, begins: datetime, ends: datetime) -> ClaimRow:
    return ClaimRow(0, resource_id, begins, ends)


def why(
    start: datetime,
    *claims: ClaimRow,
    location: LocationCalendar | None = None,
    demand: ResourceDemand | None = None,
) -> list[Blocker]:
    demand = demand or an_infusion(2, 15, 60, 15)
    return Case(location or a_place(), demand, claims).ruled(PLAIN).blockers_at(start)


def test_a_start_off_the_grid_names_those_around_it() -> None:
    (blocker,) = why(clock(9, 10))
    assert blocker.rule is CalendarRule.GRID
    assert blocker.facts == {"before": clock(9), "after": clock(9, 15), "step": 15}


def test_a_start_between_five_minutes_is_off_the_grid_whatever_the_step() -> None:
    (blocker,) = why(clock(9, 1), demand=an_infusion(2, 15, 60, 5))
    assert (blocker.rule, blocker.facts["after"]) == (CalendarRule.GRID, clock(9, 5))


def test_every_closure_of_the_day_is_named() -> None:
    closures = (ClosedDays(PLAIN, PLAIN, "Training"), ClosedDays(PLAIN, PLAIN, "Holiday"))
    blockers = why(clock(9), location=a_place(closures=closures))
    assert [blocker.facts["name"] for blocker in blockers] == ["Training", "Holiday"]


def test_what_lasts_into_a_break_is_against_the_hours() -> None:
    (blocker,) = why(clock(11, 30))
    assert blocker.rule is CalendarRule.HOURS
    assert (blocker.facts["begins"], blocker.facts["ends"]) == (clock(11, 30), clock(12, 30))
    assert blocker.facts["opening"] == [(clock(9), clock(12)), (clock(13), clock(17))]


def test_what_lasts_past_midnight_is_against_the_hours_alone() -> None:
    nurses = (ShiftWorker(None, 2, all_day(PLAIN)),)
    place = a_place(hours=all_day(PLAIN), nurses=nurses)
    assert [blocker.rule for blocker in why(clock(23, 30), location=place)] == [CalendarRule.HOURS]


def test_all_chairs_taken_says_how_many_and_when() -> None:
    (blocker,) = why(clock(9), claim(1, clock(9), clock(9, 30)), claim(2, clock(9, 20), clock(11)))
    assert blocker.facts == {"count": 2, "outages": 0, "full_at": clock(9, 20)}


def test_who_has_arrived_does_not_change_chairs_though_at_each_moment_one_is_free() -> None:
    early, late = claim(1, clock(9), clock(9, 30)), claim(2, clock(9, 30), clock(11))
    assert why(clock(9), early, late) == []
    (blocker,) = why(clock(9), early, late._replace(pinned=True))
    assert blocker.facts == {"count": 2, "outages": 0, "full_at": None}


def test_a_nurse_who_watches_somebody_can_set_nobody_up() -> None:
    (blocker,) = why(clock(10), claim(21, clock(9), clock(10, 10)))
    assert blocker.rule is CalendarRule.SETUP_NURSE
    assert blocker.facts == {"at": clock(10), "needed": 2, "free": 1, "on_shift": 2}


def test_a_nurse_who_sets_somebody_up_can_watch_nobody_more() -> None:
    claims = (claim(seat, clock(9, 30), clock(9, 45)) for seat in (21, 22))
    (blocker,) = why(clock(9), *claims)
    assert blocker.rule is CalendarRule.NURSE_LOAD
    assert blocker.facts == {"at": clock(9, 30), "needed": 1, "free": 0, "on_shift": 2}


def test_once_the_shifts_are_over_nobody_watches_and_nobody_prescribes() -> None:
    load, prescriber = why(clock(14, 30))
    assert (load.rule, load.facts["on_shift"]) == (CalendarRule.NURSE_LOAD, 0)
    assert prescriber.facts == {"begins": clock(15), "ends": clock(15, 30)}


@pytest.mark.parametrize(
    ("start", "claims", "expected"),
    [
        (clock(9, 15), (), []),
        (clock(14, 45), (), [CalendarRule.PRACTITIONER_AWAY]),
        (clock(9, 15), (claim(CHOSEN, clock(9), clock(10)),), [CalendarRule.PRACTITIONER_BUSY]),
    ],
)
def test_whoever_was_chosen_is_away_or_taken(
    start: datetime, claims: Sequence[ClaimRow], expected: list[CalendarRule]
) -> None:
    place = a_place(resources={ResourceKind.ROOM: ROOMS})
    blockers = why(start, *claims, location=place, demand=a_consultation(15, CHOSEN))
    assert [blocker.rule for blocker in blockers] == expected


def test_notice_and_horizon_bind_online_alone() -> None:
    day, now = LocalDay.for_date(PLAIN, PHOENIX), clock(9)
    window = BookingWindow.open_at(now, notice=60, horizon=0, zone=PHOENIX)
    ruled = RuledDay(a_place(), day, (past_rule(day, now), *list_online_rules(day, window)))
    assert [blocker.rule for blocker in ruled.blockers_at(now)] == [
        CalendarRule.PAST,
        CalendarRule.NOTICE,
    ]
    (notice,) = ruled.blockers_at(clock(9, 55))
    assert (notice.override, notice.facts) == (OverriddenBy.FRONT_DESK, {"opens_at": clock(10)})
    assert ruled.blockers_at(clock(10)) == []


def test_a_day_past_the_horizon_says_which_day_is_the_last() -> None:
    day = LocalDay.for_date(PLAIN, PHOENIX)
    now = clock(9) - timedelta(days=3)
    window = BookingWindow.open_at(now, notice=60, horizon=2, zone=PHOENIX)
    ruled = RuledDay(a_place(), day, (past_rule(day, now), *list_online_rules(day, window)))
    (blocker,) = ruled.blockers_at(clock(9))
    assert blocker.facts == {"last_day": PLAIN - timedelta(days=1)}
