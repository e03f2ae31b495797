"""Is the optimum the optimum? Generated clinics, planned and solved by OR-Tools' min-cost flow as well.

`make bench BENCH=exact` (CLINICS=500 for as many; 20 unless told). A clinic has 8 chairs, 3 nurses who watch
4 patients each, starts every 15 minutes and 26 weeks, and is 30 to 90 % as full as it gets when people book
as it comes; a series has 6 to 40 sessions. The flow is solved for every pattern of weekdays, over every day.
The smaller ones are solved a third time, by a plain recursion over all pairs of slots that shares no code.
"""

import json
import os
import random
from collections import Counter
from typing import Any

from bench.flow import build_graph, solve
from bench.generated import KETAMINE, MONDAY, free_starts, ketamine
from bench.instance_rules import InstanceRules, find_optimum
from booking.series.instance_requests import parse_instance
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import PlanInfeasible, PlanRequest

WEEKS, SMALL = 26, 8  # sessions that the plain recursion ends for


def an_instance(seed: int) -> dict[str, Any]:
    """Return a clinic's instance of half a year."""
    rng = random.Random(seed)  # noqa: S311 - invented clinics
    sessions, load = rng.randint(6, 40), rng.uniform(0.3, 0.9)
    return {
        "time_zone": "America/Phoenix",
        "first_day": MONDAY.isoformat(),
        "phases": ketamine(rng, sessions),
        "free": {"ahwatukee": free_starts(rng, WEEKS * 7, load, KETAMINE)},
    }


def flow_optimum(search: PlanSearch) -> int | None:
    """Return what OR-Tools finds to be the fewest points over all patterns; None if there is no plan."""
    graphs = (build_graph(search, pattern) for pattern in range(len(search.patterns)))
    points = [solve(graph) for graph in graphs]
    return min((each for each in points if each is not None), default=None)


def planned_points(request: PlanRequest) -> int | None:
    """Return what the planner finds; None if there is no plan."""
    try:
        return PlanSearch(request).find_best().cost.points(request.rates)
    except PlanInfeasible:
        return None


def main() -> None:
    """Compare them clinic by clinic; fail at the first that differs."""
    counts: Counter[str] = Counter()
    for seed in range(int(os.environ.get("CLINICS", "20"))):
        instance = an_instance(seed)
        request = parse_instance(json.dumps(instance))
        points = planned_points(request)
        if points != (flow := flow_optimum(PlanSearch(request))):
            raise RuntimeError(f"clinic {seed}: {points} points, by min-cost flow {flow}")
        counts["clinics"] += 1
        counts["without a plan"] += points is None
        if len(request.numbers) <= SMALL:
            optimum = find_optimum(InstanceRules(instance))
            if points != (optimum and optimum["points"]):
                raise RuntimeError(f"clinic {seed}: {points} points, by recursion {optimum}")
            counts["solved three times"] += 1
    print(", ".join(f"{count} {name}" for name, count in counts.items()) + ": no difference")
