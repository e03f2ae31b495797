"""When nothing fits: the smallest changes of rules that would let an appointment start.

Every change has a price in points, which are exchange rates between what staff would have to do. A change is
of one kind of rule; where none by itself is enough, of two kinds together.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Any

from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.overrides import ONLINE_RULES, CalendarRule
from booking.calendars.ruled_days import Blocker, Facts, RuledDay, StartRule

MINUTE = timedelta(minutes=1)
OTHER_LOCATION = 5  # points: what going to the other location costs a patient


class RuleKind(StrEnum):
    """Rules that one change does away with together."""

    GAP = "gap"  # days between infusions
    BUSY = "busy"
    CLEARANCE = "clearance"
    WEEKDAY = "weekday"  # asked for, as the next two
    TIME = "time"
    LOCATION = "location"
    AUTHORISATION = "authorisation"
    ORDER = "order"  # of a practitioner: when a series begins, rests, ends
    ROOM = "room"
    CHAIR = "chair"
    NURSE = "nurse"
    PRACTITIONER = "practitioner"
    PRESCRIBER = "prescriber"
    HOURS = "hours"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RulePrice:
    """What it costs to let a rule give way: points, and more for each unit by which it has to."""

    kind: RuleKind
    points: int
    unit_points: int = 0
    count_units: Callable[[Facts], int] = lambda _facts: 0


def count_minutes_outside(facts: Facts) -> int:
    """Return for how many minutes of an appointment the location isn't open by its hours."""
    begins, ends = facts["begins"], facts["ends"]
    inside: Any = sum(
        (
            max(min(ends, last) - max(begins, first), timedelta())
            for first, last in facts["opening"]
        ),
        timedelta(),
    )
    return int((ends - begins - inside) // MINUTE)


CALENDAR_PRICES: Mapping[StrEnum, RulePrice] = {
    CalendarRule.ROOM: RulePrice(RuleKind.ROOM, 60),
    CalendarRule.CHAIR: RulePrice(RuleKind.CHAIR, 60),
    CalendarRule.SETUP_NURSE: RulePrice(RuleKind.NURSE, 60),
    CalendarRule.NURSE_LOAD: RulePrice(RuleKind.NURSE, 60),
    CalendarRule.PRESCRIBER: RulePrice(RuleKind.PRESCRIBER, 60),
    CalendarRule.PRACTITIONER: RulePrice(RuleKind.PRACTITIONER, 60),
    CalendarRule.HOURS: RulePrice(RuleKind.HOURS, 40, 1, count_minutes_outside),
    CalendarRule.CLOSED: RulePrice(RuleKind.CLOSED, 200),
    CalendarRule.OUTAGE: RulePrice(RuleKind.CLOSED, 200),
}


@dataclass(frozen=True, slots=True)
class RelaxedStart:
    """A start (UTC) that is possible once some rules give way: `blockers` are all that stands against it.

    None of them at another location than the one asked about: that alone is the change.
    """

    starts_at: datetime
    location: LocationCalendar
    blockers: tuple[Blocker, ...]
    points: int


Prices = Mapping[StrEnum, RulePrice]
DayPoints = Callable[[date], int]


def list_start_relaxations(
    days: Sequence[RuledDay],
    home: LocationCalendar,
    prices: Prices,
    day_points: DayPoints = lambda _day: 0,
) -> list[RelaxedStart]:
    """Return the cheapest change of each kind by which an appointment could start, the smallest first.

    Rules without a price don't give way; those that bind online alone count for nothing. `day_points` is
    what a local day costs by itself.
    """
    at_desk = [drop_online_rules(ruled) for ruled in days]
    for count in (1, 2):
        relaxations = [
            relaxation
            for ruled in at_desk
            for relaxation in _list_day(ruled, home, prices, count, day_points)
        ]
        if cheapest := _cheapest_of_each_kind(relaxations, home, prices):
            return cheapest
    return []


def drop_online_rules(ruled: RuledDay) -> RuledDay:
    """Return a day without the rules that bind those alone who book online."""
    binding = [rule for rule in ruled.rules if rule.rule not in ONLINE_RULES]
    return RuledDay(ruled.location, ruled.day, tuple(binding))


def _list_day(
    ruled: RuledDay, home: LocationCalendar, prices: Prices, count: int, day_points: DayPoints
) -> Iterator[RelaxedStart]:
    """Yield the cheapest start of a day for each combination of so many kinds of rules that give way.

    At another location, the first start that keeps all of them, too.
    """
    is_away = ruled.location.id != home.id
    points = day_points(ruled.day.local_date) + (OTHER_LOCATION if is_away else 0)
    if is_away and ruled.starts:
        yield _relax(ruled, (), prices, next(iter_bits(ruled.starts)), points)
    by_kind: dict[RuleKind, list[StartRule]] = {}
    for rule in ruled.rules:
        if rule.rule in prices and rule.starts != ruled.day.all_cells:
            by_kind.setdefault(prices[rule.rule].kind, []).append(rule)
    for kinds in combinations(by_kind, count):
        rules = [rule for kind in kinds for rule in by_kind[kind]]
        cells = ruled.starts_blocked_only_by(rules)
        starts = [_relax(ruled, rules, prices, cell, points) for cell in iter_bits(cells)]
        if starts:
            yield min(starts, key=_rank)


def _relax(
    ruled: RuledDay, rules: Iterable[StartRule], prices: Prices, cell: int, points: int
) -> RelaxedStart:
    """Return what has to give way for a start at `cell`, and what it costs in all."""
    blockers = tuple(rule.blocker_at(cell) for rule in rules if not rule.starts >> cell & 1)
    by_kind = {prices[blocker.rule].kind: prices[blocker.rule].points for blocker in blockers}
    by_unit = (
        prices[blocker.rule].unit_points * prices[blocker.rule].count_units(blocker.facts)
        for blocker in blockers
    )
    total = points + sum(by_kind.values()) + sum(by_unit)
    return RelaxedStart(ruled.day.cell_start(cell), ruled.location, blockers, total)


def _cheapest_of_each_kind(
    relaxations: Sequence[RelaxedStart],
    home: LocationCalendar,
    prices: Prices,
) -> list[RelaxedStart]:
    """Return the cheapest first, and none that changes as much as one before it and is elsewhere or later."""
    chosen: list[tuple[RelaxedStart, frozenset[RuleKind]]] = []
    for relaxation in sorted(relaxations, key=_rank):
        kinds = frozenset(prices[blocker.rule].kind for blocker in relaxation.blockers)
        here = (home.id, relaxation.location.id)
        if not any(better <= kinds and each.location.id in here for each, better in chosen):
            chosen.append((relaxation, kinds))
    return [relaxation for relaxation, _ in chosen]


def _rank(relaxation: RelaxedStart) -> tuple[int, datetime]:
    return relaxation.points, relaxation.starts_at
