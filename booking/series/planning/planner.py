"""The series planner: an exact shortest path over (session, day, time of day).

What the state is, and why it suffices: once session k stands on day d at time t, every cost and
rule of what follows looks at (d, t) and at nothing before it. The gap, the change of time of day
and, in phases of once a week or rarer, the change of weekday (a gap that 7 doesn't divide) are all
between one session and the next. A change of weekday in a phase of several a week is a matter of
the whole pattern, not of one step; `alternatives` runs the planner once for each pattern instead.
`paths` has the recursion. The tiers of `costs` can't reach into one another, so that the plan found
is the lexicographic optimum:

    cadence away from ideal → sessions moved from where they are → changes from one to the next
    → outside the preferred times → lateness
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import chain

import numpy as np

from booking.series.planning.costs import (
    CostWeights,
    PlanCost,
    count_unsuitable,
    preferred_hours,
    weekday_change_cost,
)
from booking.series.planning.paths import (
    UNREACHABLE,
    Grid,
    GridIndex,
    SessionLayer,
    forward_costs,
    trace_back,
)
from booking.series.planning.requests import Plan, PlanInfeasible, PlannedSession, PlanRequest
from booking.series.rules import GRID

DAY = 24 * 60  # minutes
Places = tuple[Grid, Grid]  # the minute and the day of each


def find_plan(request: PlanRequest) -> Plan:
    """Return the best plan there is.

    Raises `PlanInfeasible` when not every session has a place, and `ValueError` for a request without
    sessions or days, or with so many that their costs don't fit into 64 bits.
    """
    if not request.numbers or request.day_count < 1:
        raise ValueError("expected one session or more, and one day or more")
    search = PlanSearch(request)
    values = forward_costs(search.layers, search.start_costs(), search.slope)
    sessions = search.to_sessions(trace_back(values, search.layers, search.slope))
    if len(values) < len(request.numbers):
        raise search.explain_infeasible(values, sessions)
    return Plan(sessions, price_plan(request, sessions))


def price_plan(request: PlanRequest, sessions: Sequence[PlannedSession]) -> PlanCost:
    """Return what sessions cost, added up one by one as the tiers are defined."""
    cadence = moved_count = changes = unsuitable_count = lateness = 0
    previous = request.previous
    for session in sessions:
        gap = request.phases[session.phase].gap
        if previous is not None:
            days = (session.day - previous[0]).days
            cadence += gap.days_from_ideal(days)
            changes += abs(session.minute - previous[1]) // GRID + weekday_change_cost(gap, days)
        moved_count += bool(request.held) and (session.day, session.minute) not in request.held
        unsuitable_count += count_unsuitable(
            request.preferences, session.day.weekday(), session.minute
        )
        lateness += (session.day - request.first_day).days
        previous = (session.day, session.minute)
    return PlanCost(cadence, moved_count, changes, unsuitable_count, lateness)


class PlanSearch:
    """One request as layers of arrays: rows are the minutes that occur, columns the days."""

    def __init__(self, request: PlanRequest) -> None:
        self.request = request
        self.weights = CostWeights.for_size(len(request.numbers), request.day_count)
        self.indexes = [request.phase_index(number) for number in request.numbers]
        reach = self._reach()
        free = {index: self._free(index, days) for index, days in self._spans(reach).items()}
        # As np.unique does, which would import all of numpy.ma to ask whether any are masked.
        every_minute = np.concatenate([minutes for minutes, _ in free.values()])
        self.minutes = np.flatnonzero(np.bincount(every_minute))
        self.slope = self.minutes // GRID * self.weights.changes
        self.layers = self._layers(free, reach)

    def _reach(self) -> list[range]:
        """Return the days, counted from the first, on which the gaps let each session stand."""
        gaps, days = (
            [self.request.phases[index].gap for index in self.indexes],
            self.request.day_count,
        )
        ranges = [range(days)]
        if self.request.previous is not None:
            previous_day = (self.request.previous[0] - self.request.first_day).days
            ranges = [
                _within(days, previous_day + gaps[0].min_days, previous_day + gaps[0].max_days + 1)
            ]
        for gap in gaps[1:]:
            ranges.append(
                _within(days, ranges[-1].start + gap.min_days, ranges[-1].stop + gap.max_days)
            )
        return ranges

    def _spans(self, reach: Sequence[range]) -> dict[int, range]:
        """Return the days of each phase: from its first session's earliest to its last's latest."""
        last = dict(zip(self.indexes, reach, strict=True))
        first = dict(zip(reversed(self.indexes), reversed(reach), strict=True))
        return {index: range(first[index].start, last[index].stop) for index in last}

    def _layers(self, free: Mapping[int, Places], reach: Sequence[range]) -> list[SessionLayer]:
        steps = {index: self._steps(index) for index in free}
        if (
            sum(max(steps[index].values()) for index in self.indexes) + self.weights.cadence
            >= UNREACHABLE
        ):
            raise ValueError("too many sessions or days to be planned at once")
        nodes = {index: self._nodes(*grid_places) for index, grid_places in free.items()}
        return [
            SessionLayer(nodes[index][:, days.start : days.stop], steps[index], days.start)
            for index, days in zip(self.indexes, reach, strict=True)
        ]

    def _steps(self, phase: int) -> dict[int, int]:
        gap = self.request.phases[phase].gap
        return {
            days: self.weights.step_cost(gap, days)
            for days in range(gap.min_days, gap.max_days + 1)
        }

    def _free(self, phase: int, days: range) -> Places:
        """Return the minute and the day of each place that is free for a phase on these days."""
        begin, free = self.request.first_day.toordinal(), self.request.free.get(phase, {})
        free_minutes = [free.get(date.fromordinal(begin + day), ()) for day in days]
        minutes = np.fromiter(chain.from_iterable(free_minutes), dtype=np.int64)
        return minutes, np.repeat(np.arange(days.start, days.stop), [*map(len, free_minutes)])

    def _nodes(self, minutes: Grid, days: Grid) -> Grid:
        """Return what each place costs by itself, NEVER where nothing can start."""
        nodes = np.full((len(self.minutes), self.request.day_count), UNREACHABLE, dtype=np.int64)
        nodes[np.searchsorted(self.minutes, minutes), days] = self._costs(minutes, days)
        return nodes

    def _costs(self, minutes: Grid, days: Grid) -> Grid:
        """Return what free places cost by themselves: late, outside what suits, moved."""
        preferences, (first, last) = (
            self.request.preferences,
            preferred_hours(self.request.preferences),
        )
        begin = self.request.first_day.weekday()
        unwanted = np.array([(begin + n) % 7 not in preferences.weekdays for n in range(7)])
        misfits = unwanted[days % 7].astype(np.int64) + ((minutes < first) | (minutes > last))
        costs = days + misfits * self.weights.unsuitable_count
        return costs + self._is_moved(minutes, days) * self.weights.moved_count

    def _is_moved(self, minutes: Grid, days: Grid) -> Grid:
        if not self.request.held:
            return np.zeros_like(days)
        moved_flags = [
            (day - self.request.first_day).days * DAY + minute for day, minute in self.request.held
        ]
        return np.isin(days * DAY + minutes, moved_flags, invert=True).astype(np.int64)

    def start_costs(self) -> Grid:
        """Return what it costs to begin at each place: after `previous`, if a session stands."""
        first = self.layers[0]
        if self.request.previous is None:
            return np.zeros_like(first.nodes)
        day, minute = self.request.previous
        previous_day = (day - self.request.first_day).days - first.first
        values = np.full_like(first.nodes, UNREACHABLE)
        changes = np.abs(self.minutes - minute) // GRID * self.weights.changes
        for days, cost in first.steps.items():
            column = previous_day + days
            if 0 <= column < values.shape[1]:
                values[:, column] = changes + cost
        return values

    def to_sessions(self, positions: Sequence[GridIndex]) -> tuple[PlannedSession, ...]:
        """Return places as planned sessions."""
        previous_day = self.request.previous[0] if self.request.previous else None
        sessions = []
        for number, (row, days) in zip(self.request.numbers, positions, strict=False):
            day = self.request.first_day + timedelta(days=days)
            gap = (day - previous_day).days if previous_day else None
            minute, phase = int(self.minutes[row]), self.request.phase_index(number)
            sessions.append(PlannedSession(number, phase, day, minute, gap))
            previous_day = day
        return tuple(sessions)

    def explain_infeasible(
        self, values: Sequence[Grid], sessions: tuple[PlannedSession, ...]
    ) -> PlanInfeasible:
        """Say which session has no place, and the days its gap would have allowed."""
        number = self.request.numbers[len(values)]
        earliest, latest = self.request.first_day, self.request.last_day
        gap = self.request.phases[self.request.phase_index(number)].gap
        if values:
            reached_days = np.flatnonzero((values[-1] < UNREACHABLE).any(axis=0))
            reached_days += self.layers[len(values) - 1].first
            latest = min(latest, earliest + timedelta(days=int(reached_days[-1]) + gap.max_days))
            earliest += timedelta(days=int(reached_days[0]) + gap.min_days)
        elif self.request.previous:
            latest = min(latest, self.request.previous[0] + timedelta(days=gap.max_days))
            earliest = max(earliest, self.request.previous[0] + timedelta(days=gap.min_days))
        return PlanInfeasible(number, earliest, latest, sessions)


def _within(days: int, first: int, end: int) -> range:
    """Return [first, end) as far as it lies within so many days; empty when none of it does."""
    first = min(max(0, first), days)
    return range(first, max(first, min(end, days)))
