"""Alternatives worth showing: truly different, with names ("Mondays and Thursdays, mornings").

The next best plans by cost alone are shifts by a quarter of an hour. So the planner runs once for
each pattern of weekdays and each part of the day, and the best of those that differ are shown.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from booking.calendars.local_days import PartOfDay, part_of_day
from booking.series.planning.planner import find_plan, price_plan
from booking.series.planning.requests import Plan, PlanInfeasible, PlanRequest
from booking.series.rules import Gap, Phase

EXCEPTIONS = 3  # at most one session in so many may stand on a day its plan's name doesn't say


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


def name_plan(request: PlanRequest, plan: Plan) -> NamedPlan:
    """Name a plan by the weekdays most of its sessions fall on."""
    size = max(sessions_per_week(request.phases[s.phase].gap) for s in plan.sessions)
    counts = Counter(s.day.weekday() for s in plan.sessions)
    weekdays = tuple(sorted(day for day, _ in counts.most_common(size)))
    parts = {part_of_day(s.minute) for s in plan.sessions}
    return NamedPlan(plan, weekdays, parts.pop() if len(parts) == 1 else None)


def find_alternatives(request: PlanRequest, best: Plan, count: int = 3) -> tuple[NamedPlan, ...]:
    """Return up to `count` plans that differ from `best` and each other in name and sessions.

    Other weekdays come before other times on the same weekdays, and the cheaper first.
    """
    first = name_plan(request, best)
    names, seen_plans = {(first.weekdays, first.part)}, {best.sessions}
    by_weekdays: dict[tuple[int, ...], list[NamedPlan]] = {}
    for plan in sorted(_patterned(request), key=lambda plan: plan.plan.cost):
        if (plan.weekdays, plan.part) not in names and plan.plan.sessions not in seen_plans:
            seen_plans.add(plan.plan.sessions)
            by_weekdays.setdefault(plan.weekdays, []).append(plan)
    first_of_each = [plans[0] for plans in by_weekdays.values()]
    further = [plan for plans_of_days in by_weekdays.values() for plan in plans_of_days[1:]]
    return tuple((first_of_each + sorted(further, key=lambda plan: plan.plan.cost))[:count])


def _patterned(request: PlanRequest) -> Iterator[NamedPlan]:
    """Yield the best plan of each pattern of weekdays and part of the day that has one."""
    for part in PartOfDay:
        narrowed = replace(request, free=_in_part(request, part))
        for weekdays in weekday_patterns(narrowed):
            free = {phase: _only(narrowed, days, weekdays) for phase, days in narrowed.free.items()}
            try:
                sessions = find_plan(replace(narrowed, free=free)).sessions
            except PlanInfeasible:
                continue
            plan = NamedPlan(Plan(sessions, price_plan(request, sessions)), weekdays, part)
            if len(plan.exceptions) * EXCEPTIONS <= len(sessions):
                yield plan


def _in_part(request: PlanRequest, part: PartOfDay) -> dict[int, dict[date, list[int]]]:
    return {
        phase: {
            day: [m for m in minutes if part_of_day(m) is part] for day, minutes in days.items()
        }
        for phase, days in request.free.items()
    }


def _only(
    request: PlanRequest, free: Mapping[date, Sequence[int]], weekdays: tuple[int, ...]
) -> dict[date, Sequence[int]]:
    """Return what is free on these weekdays, and all of a week that has nothing on one of them.

    So a closed day makes an exception ("Mondays and Thursdays, except …"), not the pattern fail.
    """
    upcoming_days = (request.first_day + timedelta(days=n) for n in range(request.day_count))
    blocked_weeks = {
        _week(day) for day in upcoming_days if day.weekday() in weekdays and not free.get(day)
    }
    return {
        day: minutes
        for day, minutes in free.items()
        if day.weekday() in weekdays or _week(day) in blocked_weeks
    }


def _week(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def sessions_per_week(gap: Gap) -> int:
    """Return how many sessions a week an ideal gap makes, one at least."""
    return max(1, 7 // gap.ideal_min_days)


def weekday_patterns(request: PlanRequest) -> list[tuple[int, ...]]:
    """Return the weekdays that can repeat every week within the gaps of the densest phase."""
    gap = densest_phase(request).gap
    days = {day.weekday() for by_day in request.free.values() for day, m in by_day.items() if m}
    size = min(sessions_per_week(gap), len(days))
    patterns = combinations(sorted(days), size) if size else ()
    return [pattern for pattern in patterns if size == 1 or all(map(gap.allows, _round(pattern)))]


def densest_phase(request: PlanRequest) -> Phase:
    """Return the phase with the most sessions a week, of those that are planned."""
    phases = (request.phases[request.phase_index(number)] for number in request.numbers)
    return max(phases, key=lambda phase: sessions_per_week(phase.gap))


def _round(days: tuple[int, ...]) -> list[int]:
    """Return the gaps between weekdays, the last one round to next week's first."""
    return [
        (next_day - day) % 7 or 7 for day, next_day in zip(days, (*days[1:], days[0]), strict=True)
    ]
