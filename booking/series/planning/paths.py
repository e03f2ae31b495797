"""The shortest path through layers of (time of day, day), one layer a session.

    V[k, t, d] = node(k, t, d) + min over gaps g of
                 (step_k(g) + min over t' of (V[k-1, t', d-g] + |slope(t) - slope(t')|))

The inner minimum is an L1 distance transform: two running minima, for all days at once. So a layer
takes O(times × days × gaps) instead of O(times² × days × gaps). Times come first in the arrays
because a running minimum along the first axis works on whole rows of days. A layer has only the
days that the gaps before it can reach.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

Grid = npt.NDArray[np.int64]  # times × days
GridIndex = tuple[int, int]  # time and day, as places in a grid
UNREACHABLE = 1 << 61  # no path costs as much; twice this still fits into 64 bits


@dataclass(frozen=True, slots=True)
class SessionLayer:
    """One session: what each place costs (NEVER where it can't be), and each gap in days.

    Its grids begin at the day `first`, no later than the smallest gap after the layer before.
    """

    nodes: Grid
    steps: Mapping[int, int]
    first: int = 0


def forward_costs(layers: Sequence[SessionLayer], start: Grid, slope: Grid) -> list[Grid]:
    """Return V of each layer in turn, up to the last that can be reached at all.

    `start` is the cost of arriving at each place of the first layer; `slope` rises with the time.
    """
    values: list[Grid] = []
    arriving = start
    for layer, next_layer in zip_longest(layers, layers[1:]):
        value = np.minimum(layer.nodes + arriving, UNREACHABLE)
        if value.min(initial=UNREACHABLE) == UNREACHABLE:
            break
        values.append(value)
        if next_layer is not None:
            arriving = _arriving(_nearest(value, slope), layer.first, next_layer)
    return values


def _arriving(near_values: Grid, first: int, layer: SessionLayer) -> Grid:
    """Return the least that each place of `layer` costs from `near_values`, which begins at `first`."""
    values, width = np.full_like(layer.nodes, UNREACHABLE), near_values.shape[1]
    for days, cost in layer.steps.items():
        column = first + days - layer.first
        reached_days = values[:, column : column + width]
        np.minimum(reached_days, near_values[:, : reached_days.shape[1]] + cost, out=reached_days)
    return values


def _nearest(value: Grid, slope: Grid) -> Grid:
    """Return, for each time, the least of value + change of time over all times of that day."""
    rising = slope[:, None]
    ahead = np.minimum.accumulate(value - rising) + rising
    backward = np.minimum.accumulate((value + rising)[::-1])[::-1] - rising
    return np.minimum(ahead, backward)


def trace_back(
    values: Sequence[Grid], layers: Sequence[SessionLayer], slope: Grid
) -> list[GridIndex]:
    """Walk back from the best end, at each step to a place from which it was reached."""
    if not values:
        return []
    last = len(values) - 1
    time, column = divmod(int(values[last].argmin()), values[last].shape[1])
    positions = [(time, column + layers[last].first)]
    for index in range(last, 0, -1):
        (time, day), layer = positions[-1], layers[index]
        column = day - layer.first
        target = int(values[index][time, column] - layer.nodes[time, column])
        previous = values[index - 1], layers[index - 1].first
        positions.append(_came_from(*previous, layer.steps, slope, positions[-1], target))
    return positions[::-1]


def _came_from(
    previous: Grid,
    first: int,
    steps: Mapping[int, int],
    slope: Grid,
    position: GridIndex,
    target: int,
) -> GridIndex:
    time, day = position
    changes = np.abs(slope - slope[time])
    for days, cost in steps.items():
        column = day - days - first
        if 0 <= column < previous.shape[1]:
            leaving = previous[:, column] + changes
            index = int(leaving.argmin())
            if leaving[index] + cost == target:
                return index, day - days
    raise AssertionError("no way back to the session before")
