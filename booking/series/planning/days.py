"""What a plan costs at least, from its days alone: the bound that spares the search most of its slots.

Time of day and location only ever add to what days cost, and never forbid a step. So the shortest
path over days, each at the price of its cheapest slot, is a lower bound of every plan that passes that day,
and there is a plan exactly if there is a path of days.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from booking.series.planning.costs import MAX_USUAL_DELAY
from booking.series.planning.grid import UNREACHABLE, IntArray, PlanGrid


class CostBounds:
    """The least points of plans by pattern of weekdays and day; arrays are patterns × days.

    `arriving[k]` is what a plan costs at least up to session k on that day, with the day itself;
    `remaining[k]` what it costs at least after it. `earliest` is the first day, counted from the request's
    first, on which a plan of every session can start; None if there is no plan.
    """

    def __init__(self, grid: PlanGrid, patterns: Sequence[Sequence[int]]) -> None:
        self.grid = grid
        self.steps = {phase: _steps(grid, phase) for phase in set(grid.phases)}
        self.exceptions = self._exceptions(patterns)
        self.nodes = self._nodes()
        self.remaining = self._remaining()
        self.earliest = self._earliest()
        self.start = self._start()
        self.arriving = self._arriving()
        self.least = self.arriving[-1].min(axis=1, initial=UNREACHABLE)

    def through(self, index: int, pattern: int) -> IntArray:
        """Return the least points of a plan whose session `index` is on each day."""
        return np.asarray(self.arriving[index][pattern] + self.remaining[index][pattern])

    def reached_days(self, index: int) -> IntArray:
        """Return the days on which session `index` can be, whatever follows it."""
        return np.flatnonzero((self.arriving[index] < UNREACHABLE).any(axis=0))

    def reached_count(self) -> int:
        """Return how many sessions, from the first on, have a day."""
        return sum(len(self.reached_days(index)) > 0 for index in range(len(self.arriving)))

    def day_points(self, index: int, pattern: int) -> IntArray:
        """Return what each day costs session `index` of a pattern, whatever the slot."""
        return np.asarray(self.exceptions[pattern] + self.grid.day_points[index])

    def _exceptions(self, patterns: Sequence[Sequence[int]]) -> IntArray:
        weekdays = (self.grid.request.first_day.weekday() + np.arange(self.grid.day_count)) % 7
        exceptions = np.stack([~np.isin(weekdays, pattern) for pattern in patterns])
        return np.asarray(exceptions * self.grid.request.rates.exceptions)

    def _nodes(self) -> list[IntArray]:
        """Return what each day costs each session, UNREACHABLE where nothing is free."""
        cheapest = {
            phase: slots.min(axis=(0, 1), initial=UNREACHABLE)
            for phase, slots in self.grid.slot_points.items()
        }
        return [
            np.minimum(self.exceptions + days + cheapest[phase], UNREACHABLE)
            for phase, days in zip(self.grid.phases, self.grid.day_points, strict=True)
        ]

    def _remaining(self) -> list[IntArray]:
        remaining = [np.zeros_like(self.nodes[-1])]
        for index in range(len(self.nodes) - 1, 0, -1):
            leaving = self.nodes[index] + remaining[-1]
            steps = self.steps[self.grid.phases[index]]
            remaining.append(_arrive(leaving[:, ::-1], steps)[:, ::-1])
        return remaining[::-1]

    def _earliest(self) -> int | None:
        beginning = self._gap_points() if self.grid.request.previous else 0
        least = (self.nodes[0] + self.remaining[0]).min(axis=0)
        possible = np.minimum(least, UNREACHABLE) + beginning < UNREACHABLE
        return int(possible.argmax()) if possible.any() else None

    def _start(self) -> IntArray:
        """Return what it costs to begin on each day: late, or so long after the session before."""
        if self.grid.request.previous is not None:
            return self._gap_points()
        delays, rates = (
            np.arange(self.grid.day_count) - (self.earliest or 0),
            self.grid.request.rates,
        )
        late = (delays - MAX_USUAL_DELAY).clip(min=0) * rates.late_start_days
        return np.asarray(delays.clip(min=0) * rates.start_delay_days + late)

    def _gap_points(self) -> IntArray:
        """Return what the gap after the session that stands costs on each day, UNREACHABLE if not allowed."""
        points, previous = np.full(self.grid.day_count, UNREACHABLE), self.grid.request.previous
        previous_day = (previous.day - self.grid.request.first_day).days if previous else 0
        for gap, step in self.steps[self.grid.phases[0]].items():
            if 0 <= previous_day + gap < len(points):
                points[previous_day + gap] = step
        return points

    def _arriving(self) -> list[IntArray]:
        arriving = [np.minimum(self.nodes[0] + self.start, UNREACHABLE)]
        for index, nodes in enumerate(self.nodes[1:], 1):
            reached = _arrive(arriving[-1], self.steps[self.grid.phases[index]])
            arriving.append(np.minimum(reached + nodes, UNREACHABLE))
        return arriving


def _steps(grid: PlanGrid, phase: int) -> dict[int, int]:
    gap, rates = grid.request.phases[phase].gap, grid.request.rates
    return {days: rates.step_points(gap, days) for days in range(gap.min_days, gap.max_days + 1)}


def _arrive(points: IntArray, steps: Mapping[int, int]) -> IntArray:
    """Return the least that each day costs to arrive at, from the days a step before it."""
    arriving = np.full_like(points, UNREACHABLE)
    for days, step in steps.items():
        later = arriving[:, days:]
        np.minimum(later, points[:, : later.shape[1]] + step, out=later)
    return arriving
