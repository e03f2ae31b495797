"""When nothing fits: the smallest change is the smallest, and it is enough."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import assume, given

from booking.calendars.local_days import iter_bits
from booking.calendars.overrides import CalendarRule
from booking.calendars.relaxations import (
    CALENDAR_PRICES,
    OTHER_LOCATION,
    RelaxedStart,
    RuleKind,
    count_minutes_outside,
    list_start_relaxations,
)
from booking.calendars.ruled_days import Blocker, RuledDay
from tests.builders import PHOENIX
from tests.calendars.ruled_cases import PLAIN, Case, cases
from tests.examples import examples


def points_of(blockers: list[Blocker]) -> int | None:
    """Return what a start's blockers cost, the slow way; None where one has no price."""
    kinds: dict[RuleKind, int] = {}
    units = 0
    for blocker in blockers:
        if blocker.rule not in CALENDAR_PRICES:
            return None
        price = CALENDAR_PRICES[blocker.rule]
        kinds[price.kind] = price.points
        units += price.unit_points * price.count_units(blocker.facts)
    return sum(kinds.values()) + units


def kinds_of(relaxation: RelaxedStart) -> set[RuleKind]:
    return {CALENDAR_PRICES[blocker.rule].kind for blocker in relaxation.blockers}


@examples(25)
@given(cases())
def test_the_first_change_is_the_cheapest_of_its_number_of_kinds(found: tuple[Case, date]) -> None:
    case, day = found
    ruled = case.ruled(day)
    assume(not ruled.starts)
    relaxations = list_start_relaxations([ruled], case.location, CALENDAR_PRICES)
    priced: dict[int, int] = {}
    for cell in iter_bits(ruled.day.all_cells):
        blockers = ruled.blockers_at(ruled.day.cell_start(cell))
        points = points_of(blockers)
        if points is not None:
            count = len({CALENDAR_PRICES[blocker.rule].kind for blocker in blockers})
            priced[count] = min(priced.get(count, points), points)
    fewest = min((count for count in priced if count <= 2), default=None)
    if fewest is None:
        assert relaxations == []
        return
    assert (relaxations[0].points, len(kinds_of(relaxations[0]))) == (priced[fewest], fewest)
    for relaxation in relaxations:
        assert [*relaxation.blockers] == ruled.blockers_at(relaxation.starts_at)
        assert relaxation.points == points_of([*relaxation.blockers])


@examples(20)
@given(cases(), cases())
def test_no_change_is_named_beside_a_cheaper_one_that_it_contains(
    found: tuple[Case, date], other: tuple[Case, date]
) -> None:
    case, _ = found
    days = [case.ruled(PLAIN + timedelta(days=n)) for n in (0, 7)]
    away = elsewhere(other[0].ruled(PLAIN))
    relaxations = list_start_relaxations([*days, away], case.location, CALENDAR_PRICES)
    assert relaxations == sorted(relaxations, key=lambda each: each.points)
    for position, relaxation in enumerate(relaxations):
        nearer = [
            each
            for each in relaxations[:position]
            if each.location.id in (case.location.id, relaxation.location.id)
        ]
        assert not any(kinds_of(each) <= kinds_of(relaxation) for each in nearer)


def elsewhere(ruled: RuledDay) -> RuledDay:
    """Return the day at another location."""
    location = replace(ruled.location, id=2, _free_days={})
    return RuledDay(location, ruled.day, ruled.rules)


@examples(10)
@given(cases())
def test_the_other_location_is_a_change_by_itself(found: tuple[Case, date]) -> None:
    case, day = found
    ruled = case.ruled(day)
    assume(ruled.starts)
    relaxations = list_start_relaxations([elsewhere(ruled)], case.location, CALENDAR_PRICES)
    assert (relaxations[0].blockers, relaxations[0].points) == ((), OTHER_LOCATION)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(PLAIN, time(hour, minute), PHOENIX)


def test_minutes_outside_the_hours_are_counted_on_both_sides_and_in_the_break() -> None:
    opening = [(at(9), at(12)), (at(13), at(17))]
    facts = {"begins": at(8, 30), "ends": at(17, 15), "opening": opening}
    assert count_minutes_outside(facts) == 30 + 60 + 15
    assert count_minutes_outside({**facts, "opening": []}) == 525


def test_what_binds_online_alone_is_no_change_to_make() -> None:
    assert CalendarRule.NOTICE not in CALENDAR_PRICES
    assert CalendarRule.PAST not in CALENDAR_PRICES
