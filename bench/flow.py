"""One shortest path as OR-Tools' min-cost flow: the oracle and the peer of the series planner.

The graph is in the form that suits it best of three tried: changing the time of day is walking a ladder of
times (faster than an arc for each pair, or a ladder each way), changing the location an arc, and no node is
in it that no plan can pass.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from booking.series.planning.grid import UNREACHABLE, IntArray
from booking.series.planning.paths import SessionLayer
from booking.series.planning.planner import PlanSearch

Arcs = tuple[IntArray, IntArray, IntArray]  # tails, heads, costs


@dataclass(frozen=True, slots=True)
class Graph:
    """The arcs of a unit flow from `source` to the node after it; costs are the planner's own."""

    tails: IntArray
    heads: IntArray
    costs: IntArray
    source: int

    def pruned(self) -> Self:
        """Return the graph without the nodes that no plan can pass, numbered anew."""
        sink = self.source + 1
        kept = _reached(self.tails, self.heads, self.source, sink + 1)
        kept &= _reached(self.heads, self.tails, sink, sink + 1)
        kept[[self.source, sink]] = True
        arcs, numbers = kept[self.tails] & kept[self.heads], np.cumsum(kept) - 1
        tails, heads = numbers[self.tails[arcs]], numbers[self.heads[arcs]]
        return type(self)(tails, heads, self.costs[arcs], int(numbers[self.source]))


def build_graph(search: PlanSearch, pattern: int) -> Graph:
    """Return the planner's graph of one pattern of weekdays: a node a session and slot, arcs that cost."""
    layers, nodes, source = search.layers(pattern), [], 0
    for layer in layers:
        nodes.append(np.arange(source, source + layer.points.size).reshape(layer.points.shape))
        source += layer.points.size
    first = layers[0].points + search.start_points(layers[0])
    arcs = [_from_source(nodes[0], first, source), _to_sink(nodes[-1], source + 1)]
    for index, layer in enumerate(layers[1:], 1):
        before = nodes[index - 1]
        arcs += _ladder(before, search.change.times) + _crossings(before, search.change.location)
        days = layers[index - 1].days
        arcs += [_step(before, days, nodes[index], layer, gap) for gap in layer.steps]
    tails, heads, costs = (np.concatenate(column) for column in zip(*arcs, strict=True))
    return Graph(tails, heads, costs, source).pruned()


def solve(graph: Graph) -> int | None:
    """Return the cost of OR-Tools' cheapest unit flow; None if there is none."""
    if not len(graph.tails):
        return None
    flow = min_cost_flow.SimpleMinCostFlow()
    ones = np.ones(len(graph.tails), dtype=np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(graph.tails, graph.heads, ones, graph.costs)
    flow.set_node_supply(graph.source, 1)
    flow.set_node_supply(graph.source + 1, -1)
    return int(flow.optimal_cost()) if flow.solve() == flow.OPTIMAL else None


def _reached(tails: IntArray, heads: IntArray, start: int, nodes: int) -> npt.NDArray[np.bool_]:
    reached = np.zeros(nodes, dtype=bool)
    reached[start], before = True, 0
    while before < (now := int(reached.sum())):
        reached[heads[reached[tails]]], before = True, now
    return reached


def _from_source(first: IntArray, costs: IntArray, source: int) -> Arcs:
    free = costs < UNREACHABLE
    return np.full(int(free.sum()), source), first[free], costs[free]


def _to_sink(last: IntArray, sink: int) -> Arcs:
    return last.ravel(), np.full(last.size, sink), np.zeros(last.size, dtype=np.int64)


def _ladder(layer: IntArray, times: IntArray) -> list[Arcs]:
    """Return the arcs from each time of a day to the next and back."""
    lower, upper = layer[:, :-1].ravel(), layer[:, 1:].ravel()
    rungs = np.broadcast_to(np.diff(times)[None, :, None], layer[:, 1:].shape).ravel()
    return [(lower, upper, rungs), (upper, lower, rungs)]


def _crossings(layer: IntArray, cost: int) -> list[Arcs]:
    """Return the arcs from each location to each other at the same time."""
    pairs = [(a, b) for a in range(len(layer)) for b in range(len(layer)) if a != b]
    costs = np.full(layer[:1].size, cost, dtype=np.int64)
    return [(layer[a].ravel(), layer[b].ravel(), costs) for a, b in pairs]


def _step(before: IntArray, days: IntArray, after: IntArray, layer: SessionLayer, gap: int) -> Arcs:
    """Return the arcs to each free slot from the same location and time, `gap` days before."""
    columns = np.searchsorted(days, layer.days - gap).clip(max=len(days) - 1)
    reached = np.flatnonzero(days[columns] == layer.days - gap)
    heads, costs = after[:, :, reached], layer.points[:, :, reached]
    free = costs < UNREACHABLE
    return before[:, :, columns[reached]][free], heads[free], costs[free] + layer.steps[gap]
