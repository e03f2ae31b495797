"""What the series planner is asked and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from booking.series.authorisations import AuthorisedSessions
from booking.series.planning.costs import PlanCost, PlanRates
from booking.series.preferences import Preferences
from booking.series.rules import GRID, Phase, find_phase
from booking.series.spacing import Infusion

DaySlots = Mapping[
    date, Sequence[int]
]  # local day → the local minutes at which a session can start
DayPrices = npt.NDArray[np.int64]  # points by each five local minutes, `PRICED_CELLS` of them
SlotPrices = Mapping[int, Mapping[str, Mapping[date, DayPrices]]]  # by phase and location
PRICED_CELLS = 24 * 60 // GRID


class PlanSlot(NamedTuple):
    """Where a session can be: a location's slug, its local date, and the minute of that day."""

    location: str
    day: date
    minute: int


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session of a plan: its slot, and the days since the session before it."""

    number: int
    phase: int
    slot: PlanSlot
    gap: int | None

    @property
    def day(self) -> date:
        """The local date of the session."""
        return self.slot.day

    @property
    def minute(self) -> int:
        """The minute of the local day at which the session starts."""
        return self.slot.minute


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is to be planned, from `first_day` to `last_day`, both included.

    `free` gives, by phase and location, the minutes of each local day at which a session can start, all
    multiples of 5; `blocked` the days on which the patient can't be treated in a phase, and why as a code.
    `infusions` are the patient's others: with another gap, other days would be blocked by them.
    `numbers` are the sessions to place; `previous` is where the session before them stands, if there is one.
    `home` is the location that costs nothing; None if all are alike. `held` is where sessions stand now: each
    new slot not among them counts as moved; without any, none does. `prices` are points that a slot costs
    beyond the usual: what others would lose by it (`prices.py`). `authorisations`, if there are any, cover
    every session.
    """

    phases: tuple[Phase, ...]
    numbers: tuple[int, ...]
    first_day: date
    last_day: date
    free: Mapping[int, Mapping[str, DaySlots]]
    blocked: Mapping[int, Mapping[date, str]] = field(default_factory=dict)
    infusions: tuple[Infusion, ...] = ()
    preferences: Preferences = field(default_factory=Preferences)
    home: str | None = None
    previous: PlanSlot | None = None
    held: frozenset[PlanSlot] = frozenset()
    prices: SlotPrices = field(default_factory=dict, compare=False)
    authorisations: tuple[AuthorisedSessions, ...] = ()
    rates: PlanRates = field(default_factory=PlanRates)

    def phase_index(self, number: int) -> int:
        """Return the index of a session's phase; raise `ValueError` past the schedule's end."""
        index = find_phase(self.phases, number)
        if index is None:
            raise ValueError(f"the schedule has no session {number}")
        return index

    def price_of(self, phase: int, slot: PlanSlot) -> int:
        """Return the points that a slot costs a session of a phase beyond the usual."""
        points = self.prices.get(phase, {}).get(slot.location, {}).get(slot.day)
        return 0 if points is None else int(points[slot.minute // GRID])

    @property
    def day_count(self) -> int:
        """How many days the plan may use, from the first to the last."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True, slots=True)
class Plan:
    """A slot for every session, the weekdays they keep to (Monday is 0), and what the plan costs."""

    sessions: tuple[PlannedSession, ...]
    weekdays: tuple[int, ...]
    cost: PlanCost


class PlanInfeasible(Exception):
    """Session `number` has no place: in [earliest, latest] nothing is free that its gap allows.

    `placed` is the best that can be done with the sessions before it. When even the longest gap
    ends before the plan may begin, `latest` is before `earliest`.
    """

    def __init__(
        self, number: int, earliest: date, latest: date, sessions: tuple[PlannedSession, ...]
    ) -> None:
        super().__init__(f"session {number}: nothing free from {earliest} to {latest}")
        self.number, self.earliest, self.latest, self.placed = number, earliest, latest, sessions
