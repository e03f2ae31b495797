"""What proves that a plan is the best: potentials of the shortest path, for a checker to add up.

A potential says what it costs at least to reach a slot as session k. If no step raises it by more than the
step costs, no path to the end costs less than the end's potential: that of the plan. Given are, for each
pattern of weekdays, what remains at least after each day (a slot's potential is the plan's points less that),
and the slots that can be reached for less, one by one. `bench/certificate.py` checks it, and shares no code.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from booking.series.planning.grid import UNREACHABLE
from booking.series.planning.paths import compute_forward_points
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import Plan


def make_certificate(search: PlanSearch, plan: Plan) -> dict[str, Any]:
    """Return a certificate that `plan` is the best for a search's request, as plain data."""
    points = plan.cost.points(search.request.rates)
    return {
        "points": points,
        "earliest_start": search.grid.day(search.bounds.earliest or 0).isoformat(),
        "patterns": [_pattern(search, pattern, points) for pattern in range(len(search.patterns))],
    }


def _pattern(search: PlanSearch, pattern: int, points: int) -> dict[str, Any]:
    remaining = [
        {
            search.grid.day(day).isoformat(): int(least[pattern][day])
            for day in np.flatnonzero(least[pattern] < UNREACHABLE).tolist()
        }
        for least in search.bounds.remaining
    ]
    return {
        "weekdays": list(search.patterns[pattern]),
        "remaining": remaining,
        "reached": list(_reached(search, pattern, points)),
    }


def _reached(search: PlanSearch, pattern: int, points: int) -> Iterator[list[Any]]:
    """Yield the slots that cost less than the plan leaves for them: session, location, start, points."""
    if search.bounds.least[pattern] >= points:
        return
    layers = search.layers(pattern, points - 1)
    values = compute_forward_points(layers, search.start_points(layers[0]), search.change)
    for index, (layer, value) in enumerate(zip(layers, values, strict=True)):
        promising = value + search.bounds.remaining[index][pattern][layer.days] < points
        for location, time, column in np.argwhere(promising).tolist():
            slot = search.grid.slot_at(location, time, int(layer.days[column]))
            start = f"{slot.day.isoformat()}T{slot.minute // 60:02}:{slot.minute % 60:02}"
            yield [index + 1, slot.location, start, int(value[location, time, column])]
