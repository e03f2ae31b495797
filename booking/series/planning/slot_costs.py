"""What choosing a slot costs: the best whole plan through each slot of one session, and the one through some.

What a plan costs through a slot is what it costs at least to arrive there, and at least from there on: a
forward and a backward pass for each pattern of weekdays price every slot at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from booking.series.planning.costs import PlanRates
from booking.series.planning.grid import UNREACHABLE
from booking.series.planning.paths import (
    SessionLayer,
    compute_backward_points,
    compute_forward_points,
    trace_back,
)
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import Plan, PlanSlot

NEAR_DAYS = 3  # of waiting: what a slot may cost and be near the best
Pins = Mapping[int, PlanSlot]  # slots that sessions have to have, by their numbers


class SlotNotPossible(Exception):
    """No plan goes through the slots that were chosen."""


def price_slots(search: PlanSearch, number: int, pins: Pins) -> dict[PlanSlot, int]:
    """Return the points of the best whole plan through each slot that session `number` can have.

    Other sessions keep the slots of `pins`. Empty where there is no plan.
    """
    index = search.request.numbers.index(number)
    others = {pinned: slot for pinned, slot in pins.items() if pinned != number}
    shape = len(search.grid.locations), len(search.grid.minutes), search.grid.day_count
    least = np.full(shape, UNREACHABLE)
    for pattern in range(len(search.patterns)):
        layers = _pinned_layers(search, pattern, others)
        start, days = search.start_points(layers[0]), layers[index].days
        arriving = compute_forward_points(layers[: index + 1], start, search.change)[-1]
        remaining = compute_backward_points(layers[index:], search.change)[0]
        least[:, :, days] = np.minimum(least[:, :, days], arriving + remaining)
    return {
        search.grid.slot_at(location, time, day): int(least[location, time, day])
        for location, time, day in np.argwhere(least < UNREACHABLE).tolist()
    }


def find_plan_through(search: PlanSearch, pins: Pins) -> Plan:
    """Return the best plan in which sessions have the slots of `pins`. Raises `SlotNotPossible`."""
    best, least = None, UNREACHABLE
    for pattern in range(len(search.patterns)):
        layers = _pinned_layers(search, pattern, pins)
        values = compute_forward_points(layers, search.start_points(layers[0]), search.change)
        points = int(values[-1].min(initial=UNREACHABLE))
        if points < least:
            path = trace_back(values, layers, search.change)
            best, least = search.plan_of(path, pattern), points
    if best is None:
        raise SlotNotPossible
    return best


def _pinned_layers(search: PlanSearch, pattern: int, pins: Pins) -> Sequence[SessionLayer]:
    """Return the layers of a pattern, with nothing free for a pinned session but its slot."""
    layers = search.layers(pattern)
    for index, number in enumerate(search.request.numbers):
        if number in pins:
            layers[index] = _only(search, layers[index], pins[number])
    return layers


def _only(search: PlanSearch, layer: SessionLayer, slot: PlanSlot) -> SessionLayer:
    points = np.full_like(layer.points, UNREACHABLE)
    index = search.grid.index_of(slot)
    if index is not None:
        location, time, day = index
        columns = np.flatnonzero(layer.days == day)
        points[location, time, columns] = layer.points[location, time, columns]
    return replace(layer, points=points)


class CostLevel(StrEnum):
    """How much worse a slot makes the whole plan."""

    BEST = "best"
    NEAR = "near"  # no more than some days of waiting would
    FAR = "far"
    GAP = "gap"  # it takes gaps away from ideal


@dataclass(frozen=True, slots=True)
class SlotCost:
    """What a slot costs the whole plan beyond the best, in points.

    `days` of waiting are worth as much, or it takes so many days off gaps.
    """

    level: CostLevel
    points: int = 0
    days: float = 0


def classify_points(points: int, rates: PlanRates) -> SlotCost:
    """Return what so many points beyond the best plan amount to, by a clinic's rates.

    A day off a gap is one still where it saves a little of the rest.
    """
    if points <= 0:
        return SlotCost(CostLevel.BEST)
    if rates.gap_days and 2 * points >= rates.gap_days:
        return SlotCost(
            CostLevel.GAP, points, (2 * points + rates.gap_days) // (2 * rates.gap_days)
        )
    days = points / max(rates.start_delay_days, 1)
    return SlotCost(CostLevel.NEAR if days <= NEAR_DAYS else CostLevel.FAR, points, days)
