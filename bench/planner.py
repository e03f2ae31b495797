"""Planning a 14-session series as a ratio to OR-Tools' min-cost flow on the same graph.

Run with `make bench BENCH=planner`. One process, alternately, on a clinic of 8 chairs about 70 % full
and a grid of 15 minutes; in processor time, so that a busy machine doesn't lengthen the longer run.
OR-Tools gets a graph for each pattern of weekdays, in the form that suits it best (`flow.py`); both are
counted from the request to the plan. Its time grows faster than the graph, so the ratio depends on how free
the start is: both ends are printed. A round in which the two find different optima fails.

Then what history costs: the claims of 120 days read from a database, their starts reckoned with an
empty memory, and a series planned, with the scenario's past and with 20 times as much.
"""

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np

from bench.exact import flow_optimum
from bench.scenario import build
from bench.servers import databases
from booking import clock, create_app
from booking.calendars import availability
from booking.calendars.local_days import iter_bits
from booking.calendars.slot_cache import get_slot_cache as slot_memory
from booking.extensions import db
from booking.series.planning.planner import PlanSearch, find_plan
from booking.series.planning.requests import PlanRequest, PlanSlot
from booking.series.rules import Gap, Phase

ROUNDS, AIM, AIM_OF_SIX, SIX = 7, 20, 10, 6
READ_DAYS = 120  # the slowest pace ends within
MONDAY, DAYS = date(2026, 11, 30), 26 * 7
HOME = "ahwatukee"
CHAIRS, FULL = 8, 0.7
OPENS, CLOSES, APPOINTMENT, GRID = 8 * 60, 18 * 60, 90, 15  # minutes
PHASES = (
    Phase("First weeks", 6, Gap(2, 3, 4, 5), 15, 45, 30),
    Phase("Ongoing", 8, Gap(5, 7, 7, 9), 15, 45, 30),
)


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
    anywhere = PlanRequest(
        PHASES, tuple(range(1, 15)), MONDAY, last, {0: {HOME: free}, 1: {HOME: free}}
    )
    request = replace(anywhere, previous=PlanSlot(HOME, MONDAY - timedelta(days=3), 10 * 60))
    six = replace(request, numbers=tuple(range(1, 7)))
    return {"the start given": six, "a start given": request, "any start in 26 weeks": anywhere}


def timed(request: PlanRequest) -> tuple[float, float]:
    """Return the milliseconds that both took for the same optimum, each from the request on."""
    started = process_time()
    ours = find_plan(request)
    between = process_time()
    theirs = flow_optimum(PlanSearch(request))
    ended = process_time()
    if ours.cost.points(request.rates) != theirs:
        raise RuntimeError(f"not the same optimum: {ours.cost}, theirs {theirs}")
    return 1000 * (between - started), 1000 * (ended - between)


def measure(name: str, request: PlanRequest) -> None:
    """Print how many times as fast the planner is."""
    timed(request)  # both warm
    rounds = [timed(request) for _ in range(ROUNDS)]
    ratio = median(theirs / ours for ours, theirs in rounds)
    ours, theirs = (median(column) for column in zip(*rounds, strict=True))
    aim = AIM_OF_SIX if len(request.numbers) <= SIX else AIM
    print(
        f"planning {len(request.numbers)} sessions, {name}: {ratio:.1f} x OR-Tools min-cost flow "
        f"(aim {aim}; ours {ours:.1f} ms, theirs {theirs:.0f} ms)",
        flush=True,
    )


def read_and_ask() -> PlanRequest:
    """Read what is free from the database, nothing remembered, and return what is planned with it."""
    slot_memory().days.clear()
    catalogue, now = availability.current_catalogue(), clock.now()
    location = catalogue.locations[HOME]
    first = now.astimezone(location.zone).date() + timedelta(days=1)
    last = first + timedelta(days=READ_DAYS - 1)
    answers = availability.list_starts_by_day(
        [(location, catalogue.services["consultation"].demand)], first, last, now
    )
    free = {
        starts.free.day.local_date: [cell * 5 for cell in iter_bits(starts.starts)]
        for _, starts in answers
    }
    start, days = PlanSlot(HOME, first - timedelta(days=3), 10 * 60), {HOME: free}
    return PlanRequest(PHASES, tuple(range(1, 15)), first, last, {0: days, 1: days}, previous=start)


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
