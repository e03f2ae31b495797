"""What the series planner is asked and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from booking.series.planning.costs import (
    PlanCost,
)
from booking.series.rules import Phase, find_phase
from booking.series.templates import Preferences


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session of a plan: local date, minute of that day, days since the one before."""

    number: int
    phase: int
    day: date
    minute: int
    gap: int | None


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is to be planned, from `first_day` to `last_bookable_day`, both included.

    `free` gives, for each phase, the minutes of each local day at which an appointment can start, all
    multiples of 5. `numbers` are the sessions to place; `previous` is where the one before them
    stands, if there is one. `held` is where sessions stand now: each new place not among them
    counts as moved; without any, none does.
    """

    phases: tuple[Phase, ...]
    numbers: tuple[int, ...]
    first_day: date
    last_day: date
    free: Mapping[int, Mapping[date, Sequence[int]]]
    preferences: Preferences = field(default_factory=Preferences)
    previous: tuple[date, int] | None = None
    held: frozenset[tuple[date, int]] = frozenset()

    def phase_index(self, number: int) -> int:
        """Return the index of a session's phase; raise `ValueError` past the schedule's end."""
        index = find_phase(self.phases, number)
        if index is None:
            raise ValueError(f"the schedule has no session {number}")
        return index

    @property
    def day_count(self) -> int:
        """How many days the plan may use, from the first to the last."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, slots=True)
class Plan:
    """A place for every session, and what it costs."""

    sessions: tuple[PlannedSession, ...]
    cost: PlanCost


class PlanInfeasible(Exception):
    """Session `number` has no place: in [earliest, latest] nothing is free that its gap allows.

    `sessions` is the best that can be done with the sessions before it. When even the longest gap
    ends before the plan may begin, `latest` is before `earliest`.
    """

    def __init__(
        self, number: int, earliest: date, latest: date, sessions: tuple[PlannedSession, ...]
    ) -> None:
        super().__init__(f"session {number}: nothing free from {earliest} to {latest}")
        self.number, self.earliest, self.latest, self.placed = number, earliest, latest, sessions
