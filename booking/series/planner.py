"""The series planner: an exact shortest path over (session, day, time of day).

What the state is, and why it suffices: once session k stands on day d at time t, every cost and rule of what
follows looks at (d, t) and at nothing before it. The gap, the change of time of day and, in phases of once a
week or rarer, the change of weekday are all between one session and the next. (A change of weekday in a phase
of several a week is a matter of the whole pattern, not of one step; `alternatives` runs the planner once for
each pattern instead.) So

    V[k, d, t] = node(k, d, t) + min over gaps g of (gapcost(g) + min over t' of (V[k-1, d-g, t'] + |t - t'|))

and the inner minimum is an L1 distance transform: two running minima, for all days at once. Costs are integers
in tiers that can't reach into one another, so the plan is the lexicographic optimum:

    cadence away from ideal → sessions moved from where they are → changes from one to the next
    → outside the preferred times → lateness
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from booking.series.rules import GRID, Gap, Phase, Preferences, phase_of

Grid = npt.NDArray[np.int64]  # days × times

# One step of each tier outweighs all that the tiers below can sum up to in MOST sessions.
MOST = 64
LATE, OUTSIDE, CHANGE, MOVED, CADENCE = 1, 1 << 16, 1 << 24, 1 << 39, 1 << 46
NEVER = np.int64(1 << 62)
WEEKDAY_CHANGE = 12  # as bad as an hour's change of time, in steps of 5 minutes
WEEKLY = 5  # a phase whose ideal gap is this or longer has one weekday


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session of a plan: local date, minute of that day, days since the one before."""

    number: int
    phase: int
    day: date
    minute: int
    gap: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan costs against the ideal, the gravest first; days, sessions, 5-minute steps."""

    cadence: int = 0
    moved: int = 0
    changes: int = 0
    outside: int = 0
    lateness: int = 0

    @property
    def total(self) -> int:
        """Return the sum in which a graver tier outweighs all below it."""
        return (
            self.cadence * CADENCE
            + self.moved * MOVED
            + self.changes * CHANGE
            + self.outside * OUTSIDE
            + self.lateness * LATE
        )


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is to be planned.

    `free` gives, for each phase, the minutes of each local day at which a visit can start. `numbers` are the
    sessions to place; `previous` is where the one before them stands, if there is one. `held` is where
    sessions stand now: each new place that isn't among them counts as moved.
    """

    phases: tuple[Phase, ...]
    numbers: tuple[int, ...]
    first_day: date
    last_day: date
    free: Mapping[int, Mapping[date, Sequence[int]]]
    preferences: Preferences = field(default_factory=Preferences)
    previous: tuple[date, int] | None = None
    held: frozenset[tuple[date, int]] = frozenset()

    def phase(self, number: int) -> int:
        """Return the index of a session's phase."""
        index = phase_of(self.phases, number)
        if index is None:
            raise ValueError(f"the schedule has no session {number}")
        return index


@dataclass(frozen=True, slots=True)
class Plan:
    """A place for every session, and what it costs."""

    sessions: tuple[PlannedSession, ...]
    cost: Cost


class Infeasible(Exception):  # noqa: N818 - says what is so
    """Session `number` has no place: in [earliest, latest] nothing is free that its gap allows.

    `placed` is the best that can be done with the sessions before it.
    """

    def __init__(
        self, number: int, earliest: date, latest: date, placed: tuple[PlannedSession, ...]
    ) -> None:
        super().__init__(f"session {number}: nothing free from {earliest} to {latest}")
        self.number, self.earliest, self.latest, self.placed = number, earliest, latest, placed


def plan(request: PlanRequest) -> Plan:
    """Return the best plan there is; raise `Infeasible` when not every session has a place."""
    if not 0 < len(request.numbers) <= MOST:
        raise ValueError(f"expected 1 to {MOST} sessions")
    search = _Search(request)
    values = search.forward()
    placed = search.backward(values)
    if len(values) < len(request.numbers):
        raise search.why_not(values, placed)
    return Plan(placed, price(request, placed))


def price(request: PlanRequest, sessions: Sequence[PlannedSession]) -> Cost:
    """Return what sessions cost, added up one by one as the tiers are defined."""
    cadence = moved = changes = outside = lateness = 0
    before = request.previous
    for one in sessions:
        gap = request.phases[one.phase].gap
        if before is not None:
            days = (one.day - before[0]).days
            cadence += gap.away_from_ideal(days)
            changes += abs(one.minute - before[1]) // GRID + _weekday_change(gap, days)
        moved += bool(request.held) and (one.day, one.minute) not in request.held
        outside += _outside(request.preferences, one.day.weekday(), one.minute)
        lateness += (one.day - request.first_day).days
        before = (one.day, one.minute)
    return Cost(cadence, moved, changes, outside, lateness)


def _weekday_change(gap: Gap, days: int) -> int:
    return WEEKDAY_CHANGE if gap.ideal_low >= WEEKLY and days % 7 else 0


def _outside(wanted: Preferences, weekday: int, minute: int) -> int:
    """Return 1 for a day that doesn't suit, and 1 for a time that doesn't."""
    earliest = wanted.earliest.hour * 60 + wanted.earliest.minute
    latest = wanted.latest.hour * 60 + wanted.latest.minute
    return (weekday not in wanted.weekdays) + (not earliest <= minute <= latest)


class _Search:
    """One request as arrays: rows are days from `first_day`, columns the minutes that occur at all."""

    def __init__(self, request: PlanRequest) -> None:
        self.request = request
        self.days = (request.last_day - request.first_day).days + 1
        minutes = {
            m for by_day in request.free.values() for found in by_day.values() for m in found
        }
        self.minutes = np.array(sorted(minutes or {0}), dtype=np.int64)
        self.slope = self.minutes // GRID * CHANGE
        self.nodes = {phase: self._nodes(phase) for phase in {*map(request.phase, request.numbers)}}

    def _nodes(self, phase: int) -> Grid:
        """Return what each place costs by itself, NEVER where nothing can start."""
        nodes = np.full((self.days, len(self.minutes)), NEVER, dtype=np.int64)
        column = {int(minute): place for place, minute in enumerate(self.minutes)}
        wanted, held = self.request.preferences, self.request.held
        outside = np.array(
            [[_outside(wanted, day, int(m)) for m in self.minutes] for day in range(7)]
        )
        for day, minutes in self.request.free.get(phase, {}).items():
            row = (day - self.request.first_day).days
            if 0 <= row < self.days and minutes:
                places = [column[minute] for minute in minutes]
                nodes[row, places] = outside[day.weekday(), places] * OUTSIDE + row * LATE
                if held:
                    nodes[row, places] += [MOVED * ((day, m) not in held) for m in minutes]
        return nodes

    def forward(self) -> list[Grid]:
        """Return V for each session in turn, as far as sessions can be placed."""
        values: list[Grid] = []
        for number in self.request.numbers:
            phase = self.request.phase(number)
            arriving = self._arriving(phase, values[-1] if values else None)
            value = np.where(self.nodes[phase] == NEVER, NEVER, self.nodes[phase] + arriving)
            value[arriving >= NEVER] = NEVER
            if not (value < NEVER).any():
                break
            values.append(value)
        return values

    def _arriving(self, phase: int, before: Grid | None) -> Grid:
        """Return the least cost of getting to each place from the session before."""
        if before is None and self.request.previous is None:
            return np.zeros((self.days, len(self.minutes)), dtype=np.int64)
        if before is None:
            return self._after_previous(phase)
        near = self._nearest_time(before)
        found = np.full_like(near, NEVER)
        gap = self.request.phases[phase].gap
        for days in range(gap.least, min(gap.most, self.days - 1) + 1):
            step = _step_cost(gap, days)
            np.minimum(found[days:], near[:-days] + step, out=found[days:])
        return np.minimum(found, NEVER)

    def _after_previous(self, phase: int) -> Grid:
        """Return the cost of following a session that stands already."""
        assert self.request.previous is not None  # noqa: S101 - the caller has looked
        day, minute = self.request.previous
        found = np.full((self.days, len(self.minutes)), NEVER, dtype=np.int64)
        gap = self.request.phases[phase].gap
        changes = np.abs(self.minutes - minute) // GRID * CHANGE
        for days in range(gap.least, gap.most + 1):
            row = (day + timedelta(days=days) - self.request.first_day).days
            if 0 <= row < self.days:
                found[row] = changes + _step_cost(gap, days)
        return found

    def _nearest_time(self, value: Grid) -> Grid:
        """Return, for each place, the least of value + |change of time| over its day's times."""
        ahead = np.minimum.accumulate(value - self.slope, axis=1) + self.slope
        back = np.minimum.accumulate((value + self.slope)[:, ::-1], axis=1)[:, ::-1] - self.slope
        return np.minimum(ahead, back)

    def backward(self, values: list[Grid]) -> tuple[PlannedSession, ...]:
        """Walk back from the best end, at each step to a place from which it was reached."""
        if not values:
            return ()
        row, column = divmod(int(np.argmin(values[-1])), len(self.minutes))
        places = [(row, column)]
        for index in range(len(values) - 1, 0, -1):
            row, column = self._came_from(index, values, row, column)
            places.append((row, column))
        return self._sessions(places[::-1])

    def _came_from(self, index: int, values: list[Grid], row: int, column: int) -> tuple[int, int]:
        phase = self.request.phase(self.request.numbers[index])
        gap = self.request.phases[phase].gap
        target = values[index][row, column] - self.nodes[phase][row, column]
        changes = np.abs(self.slope - self.slope[column])
        for days in range(gap.least, min(gap.most, row) + 1):
            reached = values[index - 1][row - days] + changes + _step_cost(gap, days)
            found = np.flatnonzero(reached == target)
            if len(found):
                return row - days, int(found[0])
        raise AssertionError("no way back to the session before")

    def _sessions(self, places: list[tuple[int, int]]) -> tuple[PlannedSession, ...]:
        before = self.request.previous[0] if self.request.previous else None
        found = []
        for number, (row, column) in zip(self.request.numbers, places, strict=False):
            day = self.request.first_day + timedelta(days=row)
            gap = (day - before).days if before else None
            found.append(
                PlannedSession(
                    number, self.request.phase(number), day, int(self.minutes[column]), gap
                )
            )
            before = day
        return tuple(found)

    def why_not(self, values: list[Grid], placed: tuple[PlannedSession, ...]) -> Infeasible:
        """Say which session has no place, and the days its gap would have allowed."""
        number = self.request.numbers[len(values)]
        earliest, latest = self.request.first_day, self.request.last_day
        gap = self.request.phases[self.request.phase(number)].gap
        if values:
            rows = np.flatnonzero((values[-1] < NEVER).any(axis=1))
            latest = min(latest, earliest + timedelta(days=int(rows[-1]) + gap.most))
            earliest += timedelta(days=int(rows[0]) + gap.least)
        elif self.request.previous:
            latest = min(latest, self.request.previous[0] + timedelta(days=gap.most))
            earliest = max(earliest, self.request.previous[0] + timedelta(days=gap.least))
        return Infeasible(number, earliest, latest, placed)


def _step_cost(gap: Gap, days: int) -> np.int64:
    return np.int64(gap.away_from_ideal(days) * CADENCE + _weekday_change(gap, days) * CHANGE)
