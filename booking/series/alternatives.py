"""Alternatives worth showing: truly different, and nameable ("Mondays and Thursdays, in the morning").

The next best plans by cost alone are shifts by a quarter of an hour. So the planner runs once for each
pattern of weekdays and each part of the day, and the best of those that differ are shown.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import combinations

from booking.series.planner import Infeasible, Plan, PlanRequest, plan, price
from booking.series.rules import Gap


class PartOfDay(StrEnum):
    """Where in the day a visit starts: before noon, before five, after."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


NOON, FIVE = 12 * 60, 17 * 60


@dataclass(frozen=True, slots=True)
class NamedPlan:
    """A plan with what it can be called: its weekdays (Monday is 0) and part of day.

    `part` is None for a plan whose times lie in several.
    """

    plan: Plan
    weekdays: tuple[int, ...]
    part: PartOfDay | None

    @property
    def exceptions(self) -> tuple[int, ...]:
        """Return the numbers of the sessions on another weekday than the name says."""
        return tuple(s.number for s in self.plan.sessions if s.day.weekday() not in self.weekdays)


def part_of(minute: int) -> PartOfDay:
    """Return the part of the day that a local minute lies in."""
    if minute < NOON:
        return PartOfDay.MORNING
    return PartOfDay.AFTERNOON if minute < FIVE else PartOfDay.EVENING


def named(request: PlanRequest, found: Plan) -> NamedPlan:
    """Name a plan by the weekdays most of its sessions fall on."""
    size = max(a_week(request.phases[s.phase].gap) for s in found.sessions)
    counts = Counter(s.day.weekday() for s in found.sessions)
    weekdays = tuple(sorted(day for day, _ in counts.most_common(size)))
    parts = {part_of(s.minute) for s in found.sessions}
    return NamedPlan(found, weekdays, parts.pop() if len(parts) == 1 else None)


def alternatives(request: PlanRequest, best: Plan, count: int = 3) -> tuple[NamedPlan, ...]:
    """Return up to `count` plans that differ from `best` and from each other, the cheapest first."""
    known = {(named(request, best).weekdays, named(request, best).part)}
    found: dict[tuple[tuple[int, ...], PartOfDay | None], NamedPlan] = {}
    for weekdays in patterns(request):
        for part in PartOfDay:
            one = _planned(request, weekdays, part)
            if one is not None and (one.weekdays, one.part) not in known:
                found.setdefault((one.weekdays, one.part), one)
    cheapest = sorted(found.values(), key=lambda one: one.plan.cost.total)
    return tuple(_diverse(cheapest, count))


def _diverse(plans: Sequence[NamedPlan], count: int) -> Iterator[NamedPlan]:
    """Yield other weekdays before other times on the same weekdays."""
    seen: set[tuple[int, ...]] = set()
    fresh = [one for one in plans if not (one.weekdays in seen or seen.add(one.weekdays))]  # type: ignore[func-returns-value]  # add, for its effect
    rest = [one for one in plans if one not in fresh]
    yield from (fresh + rest)[:count]


def _planned(request: PlanRequest, weekdays: tuple[int, ...], part: PartOfDay) -> NamedPlan | None:
    narrowed = replace(request, free=_only(request.free, weekdays, part))
    try:
        sessions = plan(narrowed).sessions
    except Infeasible:
        return None
    return NamedPlan(Plan(sessions, price(request, sessions)), weekdays, part)


def _only(
    free: Mapping[int, Mapping[date, Sequence[int]]], weekdays: tuple[int, ...], part: PartOfDay
) -> dict[int, dict[date, list[int]]]:
    return {
        phase: {
            day: [minute for minute in minutes if part_of(minute) is part]
            for day, minutes in by_day.items()
            if day.weekday() in weekdays
        }
        for phase, by_day in free.items()
    }


def a_week(gap: Gap) -> int:
    """Return how many sessions a week an ideal gap makes, one at least."""
    return max(1, 7 // gap.ideal_low)


def patterns(request: PlanRequest) -> list[tuple[int, ...]]:
    """Return the sets of weekdays that can repeat every week within the gaps of the densest phase."""
    phases = {request.phases[request.phase(number)] for number in request.numbers}
    densest = max(phases, key=lambda phase: a_week(phase.gap))
    open_days = {
        day.weekday() for by_day in request.free.values() for day, m in by_day.items() if m
    }
    return [
        days
        for days in combinations(sorted(open_days), a_week(densest.gap))
        if all(densest.gap.allows(gap) for gap in _round(days)) or len(days) == 1
    ]


def _round(days: tuple[int, ...]) -> list[int]:
    """Return the gaps between weekdays, the last one round to next week's first."""
    return [
        (later - earlier) % 7 or 7
        for earlier, later in zip(days, (*days[1:], days[0]), strict=True)
    ]
