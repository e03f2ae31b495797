"""The shortest path through layers of slots (location, time of day, day), one layer a session.

    V[k, l, t, d] = slot(k, l, t, d) + min over gaps g of
        (step_k(g) + min over l', t' of (V[k-1, l', t', d-g] + |time(t) - time(t')| + [l ≠ l'] · change))

The inner minimum is an L1 distance transform: two running minima a location, for all days at once,
then the best of the other locations. So a layer takes O(locations × times × days × gaps).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from booking.series.planning.grid import UNREACHABLE, IntArray


class SlotIndex(NamedTuple):
    """A slot as places in the arrays: location, time of day, and the day from the first."""

    location: int
    time: int
    day: int


@dataclass(frozen=True, slots=True)
class SessionLayer:
    """One session: the days it may be on (rising), what each slot of them costs, and each gap in days.

    `points` is locations × times × days, UNREACHABLE where nothing is free.
    """

    days: IntArray
    points: IntArray
    steps: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ChangePoints:
    """What a change costs between two sessions: `times` rises with the time of day."""

    times: IntArray
    location: int

    def nearest(self, points: IntArray) -> IntArray:
        """Return, for each slot, the least of points and change over all slots of that day."""
        rising = self.times[:, None]
        ahead = np.minimum.accumulate(points - rising, axis=1) + rising
        behind = np.minimum.accumulate((points + rising)[:, ::-1], axis=1)[:, ::-1] - rising
        near = np.minimum(ahead, behind)
        if len(near) > 1:
            near = np.minimum(near, near.min(axis=0) + self.location)
        return near

    def between(self, index: SlotIndex, shape: tuple[int, int]) -> IntArray:
        """Return what a change costs from each location and time to those of one slot."""
        moved = np.arange(shape[0]) != index.location
        times = np.abs(self.times - self.times[index.time])
        return np.asarray(moved[:, None] * self.location + times)


def compute_forward_points(
    layers: Sequence[SessionLayer], start: IntArray, change: ChangePoints
) -> list[IntArray]:
    """Return V of each layer; `start` is the cost of arriving at each slot of the first."""
    values = [np.minimum(layers[0].points + start, UNREACHABLE)]
    for layer, following in pairwise(layers):
        near = change.nearest(values[-1])
        arriving = _carry(near, layer.days, following.days, following.steps)
        values.append(np.minimum(following.points + arriving, UNREACHABLE))
    return values


def compute_backward_points(layers: Sequence[SessionLayer], change: ChangePoints) -> list[IntArray]:
    """Return what follows each slot of each layer at the least: nothing after the last."""
    values = [np.zeros_like(layers[-1].points)]
    for layer, following in zip(layers[-2::-1], layers[:0:-1], strict=True):
        near = change.nearest(np.minimum(following.points + values[-1], UNREACHABLE))
        steps = {-days: points for days, points in following.steps.items()}
        values.append(_carry(near, following.days, layer.days, steps))
    return values[::-1]


def _carry(
    near: IntArray, days: IntArray, target_days: IntArray, steps: Mapping[int, int]
) -> IntArray:
    """Return the least points at each slot of `target_days`, one step from `near` on `days`."""
    points = np.full((*near.shape[:2], len(target_days)), UNREACHABLE, dtype=np.int64)
    columns, targets = _columns(days), target_days.tolist()
    for gap, step in steps.items():
        reached = [column for column, day in enumerate(targets) if day - gap in columns]
        if reached:
            arriving = near[:, :, [columns[targets[column] - gap] for column in reached]] + step
            points[:, :, reached] = np.minimum(points[:, :, reached], arriving)
    return points


def _columns(days: IntArray) -> dict[int, int]:
    """Return where each day is; few are left once days are bounded, and a dict finds them faster."""
    return {day: column for column, day in enumerate(days.tolist())}


def trace_back(
    values: Sequence[IntArray], layers: Sequence[SessionLayer], change: ChangePoints
) -> list[SlotIndex]:
    """Walk back from the best end, at each session to a slot from which it was reached."""
    location, time, column = np.unravel_index(int(values[-1].argmin()), values[-1].shape)
    indexes = [SlotIndex(int(location), int(time), int(layers[-1].days[column]))]
    for number in range(len(layers) - 1, 0, -1):
        layer, index = layers[number], indexes[-1]
        position = (*index[:2], np.searchsorted(layer.days, index.day))
        target = int(values[number][position] - layer.points[position])
        indexes.append(
            _came_from(
                values[number - 1], layers[number - 1].days, layer.steps, change, index, target
            )
        )
    return indexes[::-1]


def _came_from(
    values: IntArray,
    days: IntArray,
    steps: Mapping[int, int],
    change: ChangePoints,
    index: SlotIndex,
    target: int,
) -> SlotIndex:
    changes, columns = change.between(index, (values.shape[0], values.shape[1])), _columns(days)
    for gap, step in steps.items():
        if index.day - gap not in columns:
            continue
        leaving = values[:, :, columns[index.day - gap]] + changes
        cheapest = int(leaving.argmin())
        if leaving.flat[cheapest] + step == target:
            location, time = divmod(cheapest, leaving.shape[1])
            return SlotIndex(location, time, index.day - gap)
    raise AssertionError("no way back to the session before")
