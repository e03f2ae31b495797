"""Planning a 14-session series as a ratio to OR-Tools' min-cost flow on the same graph.

Run with `make bench BENCH=planner`. One process, alternately, on a clinic of 8 chairs about 70 % full
and a grid of 15 minutes; in processor time, so that a busy machine doesn't lengthen the longer run.
OR-Tools gets the graph in the form that suits it best of three tried: changing the time of day is
walking a ladder of times (faster than an arc for each pair, or a ladder each way), and no node is in
it that no plan can pass. Laying out its arrays is not counted; ours is counted from the request to
the plan. Its time grows faster than the graph, so the ratio depends on how free the start is: both
ends are printed, the smaller first. A round in which the two find different optima fails.

Then what history costs: the claims of 120 days read from a database, their starts reckoned with an
empty memory, and a series planned, with the scenario's past and with 20 times as much.
"""

import tempfile
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Self

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from bench.scenario import build
from bench.servers import databases
from booking import clock, create_app
from booking.calendars import availability
from booking.calendars.local_days import iter_bits
from booking.calendars.slot_cache import slot_cache as slot_memory
from booking.extensions import db
from booking.series.planning.paths import UNREACHABLE, Grid, SessionLayer
from booking.series.planning.planner import PlanSearch, find_plan
from booking.series.planning.requests import PlanRequest
from booking.series.rules import Gap, Phase

ROUNDS, AIM = 7, 20
READ_DAYS = 120  # the slowest pace ends within
MONDAY, DAYS = date(2026, 11, 30), 26 * 7
CHAIRS, FULL = 8, 0.7
OPENS, CLOSES, APPOINTMENT, GRID = 8 * 60, 18 * 60, 90, 15  # minutes
PHASES = (
    Phase("First weeks", 6, Gap(2, 3, 4, 5), 15, 45, 30),
    Phase("Ongoing", 8, Gap(5, 7, 7, 9), 15, 45, 30),
)

Places = npt.NDArray[np.int64]


def free_starts() -> dict[date, list[int]]:
    """Return the starts at which a chair stays free for an appointment, on each weekday."""
    random = np.random.default_rng(14)
    days = (MONDAY + timedelta(days=n) for n in range(DAYS))
    return {day: _starts(random) for day in days if day.weekday() < 5}


def _starts(random: np.random.Generator) -> list[int]:
    cells, needed = (CLOSES - OPENS) // GRID, APPOINTMENT // GRID
    taken = np.zeros((CHAIRS, cells), dtype=bool)
    while taken.mean() < FULL:
        chair, cell = random.integers(CHAIRS), random.integers(cells - needed + 1)
        taken[chair, cell : cell + needed] = True
    windows = np.lib.stride_tricks.sliding_window_view(taken, needed, axis=1)
    free = ~windows.any(axis=2).all(axis=0)
    return [OPENS + GRID * int(cell) for cell in np.flatnonzero(free)]


def requests() -> dict[str, PlanRequest]:
    """Return what is planned: a start given by a session that stands, and one anywhere at all."""
    free, last = free_starts(), MONDAY + timedelta(days=DAYS - 1)
    anywhere = PlanRequest(PHASES, tuple(range(1, 15)), MONDAY, last, {0: free, 1: free})
    request = replace(anywhere, previous=(MONDAY - timedelta(days=3), 10 * 60))
    return {"the start given": request, "any start in 26 weeks": anywhere}


@dataclass(frozen=True, slots=True)
class Graph:
    """The arcs of a unit flow from `source` to the node after it; costs are the planner's own."""

    tails: Places
    heads: Places
    costs: Places
    source: int

    def pruned(self) -> Self:
        """Return the graph without the nodes that no plan can pass, numbered anew."""
        kept = _reached(self.tails, self.heads, self.source)
        kept &= _reached(self.heads, self.tails, self.source + 1)
        arcs, numbers = kept[self.tails] & kept[self.heads], np.cumsum(kept) - 1
        tails, heads = numbers[self.tails[arcs]], numbers[self.heads[arcs]]
        return type(self)(tails, heads, self.costs[arcs], int(numbers[self.source]))


def _reached(tails: Places, heads: Places, start: int) -> npt.NDArray[np.bool_]:
    found = np.zeros(max(tails.max(), heads.max()) + 1, dtype=bool)
    found[start], before = True, 0
    while before < (now := int(found.sum())):
        found[heads[found[tails]]], before = True, now
    return found


def graph_of(search: PlanSearch) -> Graph:
    """Return the planner's graph: a node for each session, time and day, and arcs that cost."""
    layers, nodes, source = search.layers, [], 0
    for layer in layers:
        nodes.append(np.arange(source, source + layer.nodes.size).reshape(layer.nodes.shape))
        source += layer.nodes.size
    first = layers[0].nodes + search.start_costs()
    arcs = [_from_source(nodes[0], first, source), _to_sink(nodes[-1], source + 1)]
    for index, layer in enumerate(layers[1:], 1):
        arcs += _ladder(nodes[index - 1], search.slope)
        arcs += [
            _step(nodes[index - 1], nodes[index], layer, days, layers[index - 1].first)
            for days in layer.steps
        ]
    tails, heads, costs = (np.concatenate(column) for column in zip(*arcs, strict=True))
    return Graph(tails, heads, costs, source).pruned()


Arcs = tuple[Places, Places, Places]


def _from_source(first: Places, costs: Grid, source: int) -> Arcs:
    free = costs < UNREACHABLE
    return np.full(int(free.sum()), source), first[free], costs[free]


def _to_sink(last: Places, sink: int) -> Arcs:
    return last.ravel(), np.full(last.size, sink), np.zeros(last.size, dtype=np.int64)


def _ladder(layer: Places, slope: Grid) -> list[Arcs]:
    """Return the arcs from each time of a day to the next and back."""
    lower, upper = layer[:-1].ravel(), layer[1:].ravel()
    costs = np.repeat(np.diff(slope), layer.shape[1])
    return [(lower, upper, costs), (upper, lower, costs)]


def _step(before: Places, after: Places, layer: SessionLayer, days: int, first: int) -> Arcs:
    """Return the arcs to each free place from the same time, so many days before.

    `first` is the day of the first column of `before`.
    """
    reached = after[:, first + days - layer.first :][:, : before.shape[1]]
    costs = layer.nodes[:, first + days - layer.first :][:, : before.shape[1]]
    free = costs < UNREACHABLE
    left = before[:, : reached.shape[1]]
    return left[free], reached[free], costs[free] + layer.steps[days]


def solve(graph: Graph) -> int:
    """Return the cost of OR-Tools' cheapest unit flow."""
    flow = min_cost_flow.SimpleMinCostFlow()
    ones = np.ones(len(graph.tails), dtype=np.int64)
    flow.add_arcs_with_capacity_and_unit_cost(graph.tails, graph.heads, ones, graph.costs)
    flow.set_node_supply(graph.source, 1)
    flow.set_node_supply(graph.source + 1, -1)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"OR-Tools found no flow: status {status}")
    return int(flow.optimal_cost())


def timed(request: PlanRequest, graph: Graph, search: PlanSearch) -> tuple[float, float]:
    """Return the milliseconds that both took, one after the other, for the same optimum."""
    started = process_time()
    ours = find_plan(request)
    between = process_time()
    theirs = solve(graph)
    ended = process_time()
    if search.weights.total_cost(ours.cost) != theirs:
        raise RuntimeError(f"not the same optimum: {ours.cost}, theirs {theirs}")
    return 1000 * (between - started), 1000 * (ended - between)


def measure(name: str, request: PlanRequest) -> None:
    """Print how many times as fast the planner is."""
    search = PlanSearch(request)
    graph = graph_of(search)
    timed(request, graph, search)  # both warm
    rounds = [timed(request, graph, search) for _ in range(ROUNDS)]
    ratio = median(theirs / ours for ours, theirs in rounds)
    ours, theirs = (median(column) for column in zip(*rounds, strict=True))
    print(
        f"planning 14 sessions, {name}: {ratio:.1f} x OR-Tools min-cost flow "
        f"(aim {AIM}; ours {ours:.1f} ms, theirs {theirs:.0f} ms, {len(graph.tails)} arcs)",
        flush=True,
    )


def read_and_ask() -> PlanRequest:
    """Read what is free from the database, nothing remembered, and return what is planned with it."""
    slot_memory().days.clear()
    catalogue, now = availability.current_catalogue(), clock.now()
    location = catalogue.locations["ahwatukee"]
    first = now.astimezone(location.zone).date() + timedelta(days=1)
    last = first + timedelta(days=READ_DAYS - 1)
    answers = availability.list_starts_by_day(
        [(location, catalogue.services["consultation"].demand)], first, last, now
    )
    free = {
        starts.free.day.local_date: [cell * 5 for cell in iter_bits(starts.starts)]
        for _, starts in answers
    }
    start = (first - timedelta(days=3), 10 * 60)
    return PlanRequest(PHASES, tuple(range(1, 15)), first, last, {0: free, 1: free}, previous=start)


def reading_and_planning(kind: str, past: int) -> float:
    """Return the milliseconds by the clock, from an empty memory, after `past` lengths of history."""
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder), kind) as url:
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": "bench"})
        build(app, past)
        with app.app_context():
            find_plan(read_and_ask())  # warm
            rounds = [_by_the_clock() for _ in range(ROUNDS)]
            db.session.remove()
            db.engine.dispose()
    return median(rounds)


def _by_the_clock() -> float:
    started = perf_counter()
    find_plan(read_and_ask())
    return 1000 * (perf_counter() - started)


def main() -> None:
    """Measure both requests against the peer; then reading and planning with a long history."""
    for name, request in requests().items():
        measure(name, request)
    for kind in ("sqlite", "postgresql"):
        short, long = (reading_and_planning(kind, past) for past in (1, 20))
        print(
            f"{kind}: 20 times the history costs reading and planning {1 - short / long:.0%} "
            f"(limit 10%; {short:.0f} ms, {long:.0f} ms)",
            flush=True,
        )
