"""The series planner: an exact shortest path over (session, location, time of day, day).

What the state is, and why it suffices: a plan keeps to one pattern of weekdays (`patterns.py`). Once that
is fixed and session k stands in a slot, every cost and rule of what follows looks at that slot and at
nothing before it: the gap, the change of weekday, time and location are all between one session and the
next, and what a payer covers is a set of days for each session. So the best plan is the best of one
shortest path a pattern.

`days.py` bounds each pattern from below, and each day within it; a pattern, or a day, whose bound is not
under the best plan so far can't be part of a better one, and is left out. That is what makes it fast.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from booking.series.planning.costs import PlanCost, count_late_start_days, count_weekday_changes
from booking.series.planning.days import CostBounds
from booking.series.planning.grid import UNREACHABLE, IntArray, PlanGrid
from booking.series.planning.paths import (
    ChangePoints,
    SessionLayer,
    SlotIndex,
    compute_forward_points,
    trace_back,
)
from booking.series.planning.patterns import list_weekday_patterns
from booking.series.planning.requests import Plan, PlanInfeasible, PlannedSession, PlanRequest
from booking.series.rules import GRID

SLACK = 2_000  # points above the bound that a first search looks at: most plans lie within


def find_plan(request: PlanRequest) -> Plan:
    """Return the best plan there is.

    Raises `PlanInfeasible` when not every session has a place, and `ValueError` for a request without
    sessions or days.
    """
    return PlanSearch(request).find_best()


def price_plan(
    request: PlanRequest,
    sessions: Sequence[PlannedSession],
    weekdays: Sequence[int],
    earliest_start: date,
) -> PlanCost:
    """Return what sessions cost that keep to `weekdays`, added up one by one as costs are defined."""
    counts = dict.fromkeys(PlanCost.__dataclass_fields__, 0)
    rather, previous = request.preferences.rather, request.previous
    first, last = rather.minutes
    for session in sessions:
        slot, gap = session.slot, request.phases[session.phase].gap
        if previous is not None:
            days = (slot.day - previous.day).days
            counts["gap_days"] += gap.days_from_ideal(days)
            counts["weekday_changes"] += count_weekday_changes(gap, days)
            counts["time_change"] += abs(slot.minute // GRID - previous.minute // GRID)
            counts["location_changes"] += slot.location != previous.location
        counts["moved"] += bool(request.held) and slot not in request.held
        counts["unwanted"] += slot.day.weekday() not in rather.weekdays
        counts["unwanted"] += not first <= slot.minute <= last
        counts["exceptions"] += slot.day.weekday() not in weekdays
        counts["away"] += request.home not in (None, slot.location)
        counts["lateness_days"] += (slot.day - request.first_day).days
        counts["price"] += request.price_of(session.phase, slot)
        previous = slot
    if sessions and request.previous is None:
        counts["start_delay_days"] = (sessions[0].day - earliest_start).days
        counts["late_start_days"] = count_late_start_days(counts["start_delay_days"])
    return PlanCost(**counts)


class PlanSearch:
    """One request laid out for the search: its slots, its patterns of weekdays, and their bounds."""

    def __init__(self, request: PlanRequest) -> None:
        if not request.numbers or request.day_count < 1:
            raise ValueError("expected one session or more, and one day or more")
        self.request = request
        self.grid = PlanGrid(request)
        self.patterns = list_weekday_patterns(request)
        self.bounds = CostBounds(self.grid, self.patterns)
        self.change = ChangePoints(self.grid.time_points(), request.rates.location_changes)

    def find_best(self) -> Plan:
        """Return the best plan of all patterns. Raises `PlanInfeasible`."""
        if self.bounds.earliest is None:
            raise self._explain_infeasible()
        best, limit = None, UNREACHABLE
        for pattern in np.argsort(self.bounds.least, kind="stable").tolist():
            if self.bounds.least[pattern] >= limit:
                break
            points, path = self._search(pattern, limit - 1)
            if points < limit:
                best, limit = self.plan_of(path, pattern), points
        assert best is not None  # noqa: S101 - where days make a path, slots make one
        return best

    def find_best_of(self, pattern: int) -> Plan:
        """Return the best plan that keeps to one of the search's patterns. Raises `PlanInfeasible`."""
        if self.bounds.earliest is None:
            raise self._explain_infeasible()
        return self.plan_of(self._search(pattern, UNREACHABLE - 1)[1], pattern)

    def price(self, sessions: tuple[PlannedSession, ...]) -> Plan:
        """Return sessions as a plan that keeps to the pattern of weekdays at which it costs least."""
        earliest = self.grid.day(self.bounds.earliest or 0)
        plans = [
            Plan(sessions, weekdays, price_plan(self.request, sessions, weekdays, earliest))
            for weekdays in self.patterns
        ]
        return min(plans, key=lambda plan: plan.cost.points(self.request.rates))

    def _search(self, pattern: int, limit: int) -> tuple[int, list[SlotIndex]]:
        """Return the cheapest path of a pattern if it costs `limit` at most, else any that costs more."""
        within = min(int(self.bounds.least[pattern]) + SLACK, limit)
        points, path = self._shortest_path(pattern, within)
        if points > within and within < limit:
            points, path = self._shortest_path(pattern, min(points, limit))
        return points, path

    def _shortest_path(self, pattern: int, limit: int) -> tuple[int, list[SlotIndex]]:
        """Return the cheapest path over the days that plans within `limit` can pass, and its points."""
        layers = self.layers(pattern, limit)
        values = compute_forward_points(layers, self.start_points(layers[0]), self.change)
        return int(values[-1].min()), trace_back(values, layers, self.change)

    def layers(self, pattern: int, limit: int = UNREACHABLE - 1) -> list[SessionLayer]:
        """Return each session's slots on the days that plans within `limit` points can pass."""
        layers = []
        for index, phase in enumerate(self.grid.phases):
            days = np.flatnonzero(self.bounds.through(index, pattern) <= limit)
            points = self.grid.slot_points[phase][:, :, days]
            points = points + self.bounds.day_points(index, pattern)[days]
            layers.append(SessionLayer(days, points, self.bounds.steps[phase]))
        return layers

    def start_points(self, first: SessionLayer) -> IntArray:
        """Return what it costs to begin in each slot: late, or after the session that stands."""
        start = np.broadcast_to(self.bounds.start[first.days], first.points.shape)
        previous = self.request.previous
        if previous is None:
            return start
        steps = np.abs(self.grid.minutes // GRID - previous.minute // GRID)
        moved = np.array([slug != previous.location for slug in self.grid.locations])
        changes = moved[:, None] * self.change.location + steps * self.request.rates.time_change
        return np.asarray(start + changes[:, :, None])

    def plan_of(self, path: Sequence[SlotIndex], pattern: int) -> Plan:
        """Return a path of slots as a plan that keeps to one of the search's patterns."""
        sessions = self._sessions(path)
        weekdays, earliest = self.patterns[pattern], self.grid.day(self.bounds.earliest or 0)
        return Plan(sessions, weekdays, price_plan(self.request, sessions, weekdays, earliest))

    def _sessions(self, path: Sequence[SlotIndex]) -> tuple[PlannedSession, ...]:
        slots = [self.grid.slot_at(*index) for index in path]
        days = [self.request.previous.day if self.request.previous else None]
        days += [slot.day for slot in slots]
        return tuple(
            PlannedSession(number, phase, slot, (slot.day - before).days if before else None)
            for number, phase, slot, before in zip(
                self.request.numbers, self.grid.phases, slots, days, strict=False
            )
        )

    def _explain_infeasible(self) -> PlanInfeasible:
        """Say which session has no place, and the days its gap would have allowed."""
        count, request = self.bounds.reached_count(), self.request
        number, gap = request.numbers[count], request.phases[self.grid.phases[count]].gap
        earliest, latest = request.first_day, request.last_day
        if count:
            reached = self.bounds.reached_days(count - 1)
            latest = min(latest, earliest + timedelta(days=int(reached[-1]) + gap.max_days))
            earliest += timedelta(days=int(reached[0]) + gap.min_days)
        elif request.previous:
            latest = min(latest, request.previous.day + timedelta(days=gap.max_days))
            earliest = max(earliest, request.previous.day + timedelta(days=gap.min_days))
        return PlanInfeasible(number, earliest, latest, self._best_of_first(count))

    def _best_of_first(self, count: int) -> tuple[PlannedSession, ...]:
        """Return the best plan of the first sessions alone, which have a place."""
        if not count:
            return ()
        return find_plan(replace(self.request, numbers=self.request.numbers[:count])).sessions
