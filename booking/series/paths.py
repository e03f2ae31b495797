"""The shortest path through layers of (time of day, day), one layer a session.

    V[k, t, d] = node(k, t, d) + min over gaps g of
                 (step_k(g) + min over t' of (V[k-1, t', d-g] + |slope(t) - slope(t')|))

The inner minimum is an L1 distance transform: two running minima, for all days at once. So a layer
takes O(times × days × gaps) instead of O(times² × days × gaps). Times come first in the arrays
because a running minimum along the first axis works on whole rows of days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.int64]  # times × days
Place = tuple[int, int]  # time and day, as places in a grid
NEVER = 1 << 61  # no path costs as much; twice this still fits into 64 bits


@dataclass(frozen=True, slots=True)
class Layer:
    """One session: what each place costs (NEVER where it can't be), and each gap in days."""

    nodes: Grid
    steps: Mapping[int, int]


def forward(layers: Sequence[Layer], start: Grid, slope: Grid) -> list[Grid]:
    """Return V of each layer in turn, up to the last that can be reached at all.

    `start` is the cost of arriving at each place of the first layer; `slope` rises with the time.
    """
    values: list[Grid] = []
    for layer in layers:
        arriving = _arriving(values[-1], layer.steps, slope) if values else start
        value = np.minimum(layer.nodes + arriving, NEVER)
        if value.min() == NEVER:
            break
        values.append(value)
    return values


def _arriving(before: Grid, steps: Mapping[int, int], slope: Grid) -> Grid:
    near = _nearest(before, slope)
    found = np.full_like(near, NEVER)
    for days, cost in steps.items():
        if days < near.shape[1]:
            np.minimum(found[:, days:], near[:, :-days] + cost, out=found[:, days:])
    return found


def _nearest(value: Grid, slope: Grid) -> Grid:
    """Return, for each time, the least of value + change of time over all times of that day."""
    rising = slope[:, None]
    ahead = np.minimum.accumulate(value - rising) + rising
    back = np.minimum.accumulate((value + rising)[::-1])[::-1] - rising
    return np.minimum(ahead, back)


def backward(values: Sequence[Grid], layers: Sequence[Layer], slope: Grid) -> list[Place]:
    """Walk back from the best end, at each step to a place from which it was reached."""
    if not values:
        return []
    time, day = divmod(int(values[-1].argmin()), values[-1].shape[1])
    places = [(time, day)]
    for index in range(len(values) - 1, 0, -1):
        target = int(values[index][time, day] - layers[index].nodes[time, day])
        time, day = _came_from(values[index - 1], layers[index].steps, slope, (time, day), target)
        places.append((time, day))
    return places[::-1]


def _came_from(
    before: Grid, steps: Mapping[int, int], slope: Grid, place: Place, target: int
) -> Place:
    time, day = place
    changes = np.abs(slope - slope[time])
    for days, cost in steps.items():
        if days <= day:
            found = np.flatnonzero(before[:, day - days] + changes + cost == target)
            if len(found):
                return int(found[0]), day - days
    raise AssertionError("no way back to the session before")
