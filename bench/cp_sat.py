"""What a general solver makes of it: CP-SAT with the whole problem and a minute, by the planner's optimum.

Run with `make bench BENCH=cp_sat`, on an idle machine: CP-SAT gets two workers and 60 seconds a series. The
clinic is that of `planner.py`, the start anywhere in 26 weeks. Days, times, weekdays and the pattern kept to
are whole numbers that tables tie together.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from time import process_time

from ortools.sat.python import cp_model

from bench.planner import HOME, PHASES, requests
from booking.series.planning.costs import MAX_USUAL_DELAY
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import PlanRequest
from booking.series.rules import GRID, Phase

SECONDS, WORKERS = 60, 2
LENGTHS = (6, 14, 40)  # sessions


@dataclass(frozen=True, slots=True)
class Session:
    """One session as variables: the day from the first, the time in steps of 5 minutes, the weekday."""

    phase: Phase
    day: cp_model.IntVar
    time: cp_model.IntVar
    weekday: cp_model.IntVar


class WholeModel:
    """A request as one CP-SAT model; `points` are those of the planner's own costs."""

    def __init__(self, search: PlanSearch) -> None:
        self.search, self.request = search, search.request
        self.model = cp_model.CpModel()
        self.points: list[cp_model.LinearExprT] = []
        self.keeps = [self.model.new_bool_var(f"keeps {weekday}") for weekday in range(7)]
        patterns = [[int(day in kept) for day in range(7)] for kept in search.patterns]
        self.model.add_allowed_assignments(self.keeps, patterns)
        sessions = [self._session(number) for number in self.request.numbers]
        for before, after in pairwise(sessions):
            self._step(before, after)
        self._start(sessions[0])
        self.model.minimize(sum(self.points))

    def _session(self, number: int) -> Session:
        phase, request = self.request.phase_index(number), self.request
        slots = [
            ((day - request.first_day).days, minute // GRID, day.weekday())
            for day, minutes in request.free[phase][HOME].items()
            for minute in minutes
        ]
        columns = [
            cp_model.Domain.from_values(list(set(column))) for column in zip(*slots, strict=True)
        ]
        names = (f"{name} {number}" for name in ("day", "time", "weekday"))
        day, time, weekday = (
            self.model.new_int_var_from_domain(column, name)
            for column, name in zip(columns, names, strict=True)
        )
        self.model.add_allowed_assignments([day, time, weekday], slots)
        keeps = self.model.new_bool_var(f"in the pattern {number}")
        self.model.add_element(weekday, self.keeps, keeps)
        rates = request.rates
        self.points += [(1 - keeps) * rates.exceptions, day * rates.lateness_days]
        return Session(request.phases[phase], day, time, weekday)

    def _step(self, before: Session, after: Session) -> None:
        """Tie two sessions: the gap is allowed and costs its points, and so does another time."""
        gap, rates = after.phase.gap, self.request.rates
        costs = [
            (days, rates.step_points(gap, days)) for days in range(gap.min_days, gap.max_days + 1)
        ]
        points = self.model.new_int_var(0, max(cost for _, cost in costs), "gap points")
        days = self.model.new_int_var(gap.min_days, gap.max_days, "gap")
        self.model.add(days == after.day - before.day)
        self.model.add_allowed_assignments([days, points], costs)
        change = self.model.new_int_var(0, 24 * 60 // GRID, "change of time")
        self.model.add_abs_equality(change, after.time - before.time)
        self.points += [points, change * rates.time_change]

    def _start(self, first: Session) -> None:
        delay = first.day - (self.search.bounds.earliest or 0)
        late = self.model.new_int_var(0, self.request.day_count, "late start")
        self.model.add(late >= delay - MAX_USUAL_DELAY)
        rates = self.request.rates
        self.points += [delay * rates.start_delay_days, late * rates.late_start_days]


def compare(request: PlanRequest, seconds: float) -> str:
    """Say what both find, in points, and the processor time of the planner's."""
    began = process_time()
    optimum = PlanSearch(request).find_best().cost.points(request.rates)
    milliseconds = 1000 * (process_time() - began)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, WORKERS
    status = solver.solve(WholeModel(PlanSearch(request)).model)
    ours = (
        f"{len(request.numbers)} sessions: the planner's optimum {optimum} in {milliseconds:.0f} ms"
    )
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return f"{ours}; CP-SAT has no plan after {seconds:.0f} s"
    points = round(solver.objective_value)
    if points < optimum or (status == cp_model.OPTIMAL and points > optimum):
        raise RuntimeError(f"{ours}; CP-SAT says {points}")
    proof = (
        f"proven in {solver.wall_time:.1f} s"
        if status == cp_model.OPTIMAL
        else f"not proven in {seconds:.0f} s"
    )
    return f"{ours}; CP-SAT {points}, {proof}"


def with_sessions(request: PlanRequest, count: int) -> PlanRequest:
    """Return the request with a series of so many sessions: twice a week, the last of more than 6 weekly."""
    first, weekly = PHASES
    twice_a_week = replace(first, sessions=max(6, count - 8))
    return replace(request, phases=(twice_a_week, weekly), numbers=tuple(range(1, count + 1)))


def main() -> None:
    """Print the comparison for each length of series."""
    anywhere = requests()["any start in 26 weeks"]
    for count in LENGTHS:
        print(compare(with_sessions(anywhere, count), SECONDS), flush=True)
