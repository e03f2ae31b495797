"""What a schedule is: phases, the gaps between sessions, and when a change breaks them.

[D] The numbers in templates need a medical director's signature (CLINICAL §1); gaps are whole days
between local dates. No minimum or maximum is published; trials on Mondays, Wednesdays and Fridays
imply two days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

AHEAD = timedelta(weeks=6)  # an open-ended phase is kept booked this far ahead,
AHEAD_SESSIONS = 4  # and at least so many sessions (CLINICAL §5)
GRID = 5  # minutes
MOST_SESSIONS = 60  # in the phases that end
LONGEST = 3 * 366  # days that a schedule may take at its slowest ideal pace


class BadSchedule(ValueError):
    """A schedule can't be right; the message names the place and what was expected there."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Days from one session to the next: `least` to `most` allowed, best from low to high."""

    least: int
    ideal_low: int
    ideal_high: int
    most: int

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.ideal_low <= self.ideal_high <= self.most <= 366:
            raise BadSchedule(
                "gap: expected least ≤ ideal low ≤ ideal high ≤ most, from 1 to 366 days"
            )

    def allows(self, days: int) -> bool:
        """Tell whether so many days between two sessions are allowed."""
        return self.least <= days <= self.most

    def away_from_ideal(self, days: int) -> int:
        """Return how many days `days` lies outside the ideal range."""
        return max(self.ideal_low - days, days - self.ideal_high, 0)


@dataclass(frozen=True, slots=True)
class Phase:
    """Sessions of one kind. `gap` stands before each of them, also the first after another phase.

    `sessions` None means open-ended: the last phase only. `setup`, `infusion` and `recovery` are
    minutes.
    With `review_every` a practitioner looks at the series after so many sessions.
    """

    name: str
    sessions: int | None
    gap: Gap
    setup: int
    infusion: int
    recovery: int
    review_every: int | None = None

    def __post_init__(self) -> None:
        if self.sessions is not None and not 1 <= self.sessions <= MOST_SESSIONS:
            raise BadSchedule(f"sessions: expected 1 to {MOST_SESSIONS}, or none for open-ended")
        minutes = (self.setup, self.infusion, self.recovery)
        if any(m < 0 or m % GRID for m in minutes) or not 0 < sum(minutes) <= 12 * 60:
            raise BadSchedule("minutes: expected setup, infusion, recovery in multiples of 5")
        if self.review_every is not None and self.review_every < 1:
            raise BadSchedule("review_every: expected 1 or more sessions")

    @property
    def visit_minutes(self) -> int:
        """How long a visit is, from setup to the end of recovery."""
        return self.setup + self.infusion + self.recovery

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Phase":
        """Read a phase from plain data; raises `BadSchedule`."""
        data = _table(data)
        try:
            setup, infusion, recovery = _whole(data["minutes"], 3, "minutes")
            gap = Gap(*_whole(data["gap"], 4, "gap"))
            name, sessions = str(data["name"]), _count(data, "sessions")
        except KeyError as error:
            raise BadSchedule(f"{error.args[0]}: expected, but missing") from error
        every = _count(data, "review_every")
        return cls(name, sessions, gap, setup, infusion, recovery, every)

    def as_data(self) -> dict[str, Any]:
        """Return the phase as plain data."""
        gap = self.gap
        return {
            "name": self.name,
            "sessions": self.sessions,
            "gap": [gap.least, gap.ideal_low, gap.ideal_high, gap.most],
            "minutes": [self.setup, self.infusion, self.recovery],
            "review_every": self.review_every,
        }


def _table(found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise BadSchedule("expected a table of names and values")
    return found


def _whole(found: Any, count: int, name: str) -> list[int]:
    if not isinstance(found, list) or len(found) != count or any(type(n) is not int for n in found):
        raise BadSchedule(f"{name}: expected {count} whole numbers")
    return list(found)


def _count(data: Mapping[str, Any], name: str) -> int | None:
    found = data.get(name)
    if found is None or type(found) is int:
        return found
    raise BadSchedule(f"{name}: expected a whole number, or none")


def check_phases(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return the phases if they make a schedule that can be planned; raise `BadSchedule`."""
    if not phases:
        raise BadSchedule("phases: expected at least one")
    if any(phase.sessions is None for phase in phases[:-1]):
        raise BadSchedule("phases: expected only the last to be open-ended")
    if sum(phase.sessions or 0 for phase in phases) > MOST_SESSIONS:
        raise BadSchedule(f"phases: expected {MOST_SESSIONS} sessions at most, all together")
    if sum(map(_longest, phases)) > LONGEST:
        raise BadSchedule(f"phases: expected {LONGEST} days at most, all together")
    return tuple(phases)


def _longest(phase: Phase) -> int:
    """Return how many days a phase takes at its slowest ideal pace, as far as it is booked."""
    ahead = AHEAD.days // phase.gap.ideal_low + AHEAD_SESSIONS
    return phase.gap.ideal_high * (phase.sessions or ahead)


def phases_from_data(data: Sequence[Mapping[str, Any]]) -> tuple[Phase, ...]:
    """Read phases from plain data, naming the phase at fault; raises `BadSchedule`."""
    if not isinstance(data, list | tuple):
        raise BadSchedule("phases: expected a list")
    phases = []
    for number, one in enumerate(data):
        try:
            phases.append(Phase.from_data(one))
        except BadSchedule as error:
            raise BadSchedule(f"phases.{number}.{error}") from error
    return check_phases(phases)


@dataclass(frozen=True, slots=True)
class Template:
    """A schedule template: one version, approved by someone, to be personalised for a patient."""

    slug: str
    names: Mapping[str, str]
    version: int
    approved_by: str
    phases: tuple[Phase, ...]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Template":
        """Read a template from plain data; raises `BadSchedule`."""
        data = _table(data)
        try:
            names = data["names"]
            if not isinstance(names, Mapping) or not names.get("en"):
                raise BadSchedule('names: expected a text for "en"')
            if type(data["version"]) is not int:
                raise BadSchedule("version: expected a whole number")
            phases = phases_from_data(data["phases"])
            return cls(data["slug"], dict(names), data["version"], data["approved_by"], phases)
        except KeyError as error:
            raise BadSchedule(f"{error.args[0]}: expected, but missing") from error

    def as_data(self) -> dict[str, Any]:
        """Return the template as plain data."""
        return {
            "slug": self.slug,
            "names": dict(self.names),
            "version": self.version,
            "approved_by": self.approved_by,
            "phases": [phase.as_data() for phase in self.phases],
        }

    def name(self, language: str) -> str:
        """Return the template's name in `language`, or in English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """Days of the week (Monday is 0) and local hours that suit the patient; none is a rule."""

    weekdays: frozenset[int] = frozenset(range(7))
    earliest: time = time(0)
    latest: time = time(23, 59)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Preferences":
        """Read preferences from plain data."""
        return cls(
            frozenset(data["weekdays"]),
            time.fromisoformat(data["earliest"]),
            time.fromisoformat(data["latest"]),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the preferences as plain data."""
        return {
            "weekdays": sorted(self.weekdays),
            "earliest": self.earliest.isoformat("minutes"),
            "latest": self.latest.isoformat("minutes"),
        }


def phase_of(phases: Sequence[Phase], number: int) -> int | None:
    """Return the index of the phase of session `number` (from 1), None past the end."""
    before = 0
    for index, phase in enumerate(phases):
        if phase.sessions is None or number <= before + phase.sessions:
            return index
        before += phase.sessions
    return None


def last_number(phases: Sequence[Phase]) -> int | None:
    """Return the number of the last session, None when the schedule is open-ended."""
    if phases[-1].sessions is None:
        return None
    return sum(phase.sessions or 0 for phase in phases)


def sessions_to_book(
    phases: Sequence[Phase], first_number: int, start: date, today: date, *, ahead: int = 0
) -> list[int]:
    """Return the phase of each session to book, from `first_number` on, beginning about `start`.

    Every session of the phases that end; of an open-ended one, those that fall before six weeks
    from `today` at the ideal pace, and four at least; `ahead` of them stand already.
    """
    found: list[int] = []
    day = start
    while (index := phase_of(phases, first_number + len(found))) is not None:
        if phases[index].sessions is None:
            if ahead >= AHEAD_SESSIONS and day > today + AHEAD:
                break
            ahead += 1
        found.append(index)
        day += timedelta(days=phases[index].gap.ideal_low)
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """A session that stands on a local date: booked or done. `phase` is an index."""

    number: int
    phase: int
    day: date


@dataclass(frozen=True, slots=True)
class GapProblem:
    """A gap that is not allowed: between which sessions, how many days, and what is allowed."""

    before: Held
    after: Held
    days: int
    allowed: Gap

    @property
    def rule(self) -> str:
        """Return which way it is wrong, as a code."""
        return "gap_too_short" if self.days < self.allowed.least else "gap_too_long"

    def is_no_worse_than(self, other: "GapProblem") -> bool:
        """Tell whether this is what is left of `other`: wrong the same way, with an end in common."""
        together = (
            other.before.number == self.before.number or other.after.number == self.after.number
        )
        if self.rule != other.rule or not together:
            return False
        return self.days >= other.days if self.rule == "gap_too_short" else self.days <= other.days


def gap_problems(phases: Sequence[Phase], held: Sequence[Held]) -> list[GapProblem]:
    """Return the gaps between successive sessions that the phases don't allow.

    The gap before a session is its own phase's. Sessions that are missing in between leave one
    longer gap, judged as it is: the time without treatment is what counts.
    """
    standing = sorted(held, key=lambda one: one.day)
    found = []
    for before, after in pairwise(standing):
        days, allowed = (after.day - before.day).days, phases[after.phase].gap
        if not allowed.allows(days):
            found.append(GapProblem(before, after, days, allowed))
    return found


def new_problems(
    phases: Sequence[Phase], held: Sequence[Held], changed: Sequence[Held]
) -> list[GapProblem]:
    """Return the gap problems of `changed` that `held` did not have: what the change causes.

    One that was there and got no worse, though one of its ends be another session now, is not new.
    """
    known = gap_problems(phases, held)
    return [
        problem
        for problem in gap_problems(phases, changed)
        if not any(problem.is_no_worse_than(one) for one in known)
    ]


def moved(held: Sequence[Held], number: int, day: date) -> list[Held]:
    """Return the sessions with one on another day."""
    return [replace(one, day=day) if one.number == number else one for one in held]


def without(held: Sequence[Held], number: int) -> list[Held]:
    """Return the sessions without one of them."""
    return [one for one in held if one.number != number]
