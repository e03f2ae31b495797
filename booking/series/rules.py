"""What a schedule is: phases, the gaps between sessions, and when a change breaks them.

[D] The numbers in templates need a medical director's signature (CLINICAL §1); gaps are whole days
between local dates. No minimum or maximum is published; trials on Mondays, Wednesdays and Fridays
imply two days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

BOOKED_AHEAD = timedelta(weeks=6)  # an open-ended phase is kept booked this far ahead,
MIN_SESSIONS_AHEAD = 4  # and at least so many sessions (CLINICAL §5)
GRID = 5  # minutes
MAX_SESSIONS = 60  # in the phases that end
MAX_SCHEDULE_DAYS = 3 * 366  # days that a schedule may take at its slowest ideal pace


class MissRule(StrEnum):
    """What follows a session that was missed, by its phase; a practitioner may decide otherwise."""

    REPEAT = "repeat"  # made up at its place in the series, as soon as the gaps allow
    ADD_AT_END = "add_at_end"  # made up after the phase's last session
    GO_ON = "go_on"  # not made up: the phase has one session less


class InvalidSchedule(ValueError):
    """A schedule can't be right; the message names the place and what was expected there."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Days from one session to the next: `least` to `most` allowed, best from low to high."""

    min_days: int
    ideal_min_days: int
    ideal_max_days: int
    max_days: int

    def __post_init__(self) -> None:
        if (
            not 1
            <= self.min_days
            <= self.ideal_min_days
            <= self.ideal_max_days
            <= self.max_days
            <= 366
        ):
            raise InvalidSchedule(
                "gap: expected least ≤ ideal low ≤ ideal high ≤ most, from 1 to 366 days"
            )

    def allows(self, days: int) -> bool:
        """Tell whether so many days between two sessions are allowed."""
        return self.min_days <= days <= self.max_days

    def days_from_ideal(self, days: int) -> int:
        """Return how many days `days` lies outside the ideal range."""
        return max(self.ideal_min_days - days, days - self.ideal_max_days, 0)


@dataclass(frozen=True, slots=True)
class Phase:
    """Sessions of one kind. `gap` stands before each of them, also the first after another phase.

    `sessions` None means open-ended: the last phase only. `setup`, `infusion` and `recovery` are
    minutes.
    With `review_every` a practitioner looks at the series after so many sessions. `after_miss` is what
    follows a missed one.
    """

    name: str
    sessions: int | None
    gap: Gap
    setup: int
    infusion: int
    recovery: int
    review_every: int | None = None
    after_miss: MissRule = MissRule.REPEAT

    def __post_init__(self) -> None:
        if self.sessions is not None and self.sessions < 1:
            raise InvalidSchedule("sessions: expected 1 or more, or none for open-ended")
        if any(m < 0 or m % GRID for m in self.parts) or not 0 < sum(self.parts) <= 12 * 60:
            raise InvalidSchedule("minutes: expected setup, infusion, recovery in multiples of 5")
        if self.review_every is not None and self.review_every < 1:
            raise InvalidSchedule("review_every: expected 1 or more sessions")

    @property
    def parts(self) -> tuple[int, int, int]:
        """The minutes of setup, infusion and recovery."""
        return self.setup, self.infusion, self.recovery

    @property
    def appointment_minutes(self) -> int:
        """How long an appointment is, from setup to the end of recovery."""
        return sum(self.parts)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Phase":
        """Read a phase from plain data; raises `InvalidSchedule`."""
        data = require_mapping(data)
        try:
            setup, infusion, recovery = _whole(data["minutes"], 3, "minutes")
            gap = Gap(*_whole(data["gap"], 4, "gap"))
            name, sessions = str(data["name"]), _count(data, "sessions")
        except KeyError as error:
            raise InvalidSchedule(f"{error.args[0]}: expected, but missing") from error
        interval, after_miss = _count(data, "review_every"), _miss_rule(data)
        return cls(name, sessions, gap, setup, infusion, recovery, interval, after_miss)

    def to_dict(self) -> dict[str, Any]:
        """Return the phase as plain data; the usual rule for a miss is left out, so that old digests hold."""
        gap, after_miss = self.gap, self.after_miss
        return {
            "name": self.name,
            "sessions": self.sessions,
            "gap": [gap.min_days, gap.ideal_min_days, gap.ideal_max_days, gap.max_days],
            "minutes": list(self.parts),
            "review_every": self.review_every,
            **({} if after_miss is MissRule.REPEAT else {"after_miss": after_miss.value}),
        }


def require_mapping(value: Any) -> Mapping[str, Any]:
    """Return a table of names and values as it was read; raise `InvalidSchedule` for anything else."""
    if not isinstance(value, Mapping):
        raise InvalidSchedule("expected a table of names and values")
    return value


def _whole(value: Any, count: int, name: str) -> list[int]:
    if not isinstance(value, list) or len(value) != count or any(type(n) is not int for n in value):
        raise InvalidSchedule(f"{name}: expected {count} whole numbers")
    return list(value)


def _count(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value is None or type(value) is int:
        return value
    raise InvalidSchedule(f"{name}: expected a whole number, or none")


def _miss_rule(data: Mapping[str, Any]) -> MissRule:
    value = data.get("after_miss", MissRule.REPEAT)
    if value not in list(MissRule):
        raise InvalidSchedule('after_miss: expected one of "repeat", "add_at_end", "go_on"')
    return MissRule(value)


def require_ordered_phases(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return the phases if they are in order, though they be long by now; raise `InvalidSchedule`."""
    if not phases:
        raise InvalidSchedule("phases: expected at least one")
    if any(phase.sessions is None for phase in phases[:-1]):
        raise InvalidSchedule("phases: expected only the last to be open-ended")
    return tuple(phases)


def require_valid_phases(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """Return the phases if they make a schedule that can be prescribed; raise `InvalidSchedule`."""
    require_ordered_phases(phases)
    if sum(phase.sessions or 0 for phase in phases) > MAX_SESSIONS:
        raise InvalidSchedule(f"phases: expected {MAX_SESSIONS} sessions at most, all together")
    if sum(map(_longest, phases)) > MAX_SCHEDULE_DAYS:
        raise InvalidSchedule(f"phases: expected {MAX_SCHEDULE_DAYS} days at most, all together")
    return tuple(phases)


def _longest(phase: Phase) -> int:
    """Return how many days a phase takes at its slowest ideal pace, as far as it is booked."""
    ahead = BOOKED_AHEAD.days // phase.gap.ideal_min_days + MIN_SESSIONS_AHEAD
    return phase.gap.ideal_max_days * (phase.sessions or ahead)


def parse_phases(data: Sequence[Mapping[str, Any]]) -> tuple[Phase, ...]:
    """Read phases to be prescribed from plain data, naming the one at fault; raises `InvalidSchedule`."""
    return require_valid_phases(read_phases(data))


def read_phases(data: Sequence[Mapping[str, Any]]) -> tuple[Phase, ...]:
    """Read phases from plain data, those of a series that has run for long, too; raises `InvalidSchedule`."""
    if not isinstance(data, list | tuple):
        raise InvalidSchedule("phases: expected a list")
    phases = []
    for number, entry in enumerate(data):
        try:
            phases.append(Phase.from_dict(entry))
        except InvalidSchedule as error:
            raise InvalidSchedule(f"phases.{number}.{error}") from error
    return require_ordered_phases(phases)


def find_phase(phases: Sequence[Phase], number: int) -> int | None:
    """Return the index of the phase of session `number` (from 1), None past the end."""
    booked_before = 0
    for index, phase in enumerate(phases):
        if phase.sessions is None or number <= booked_before + phase.sessions:
            return index
        booked_before += phase.sessions
    return None


def require_past_unchanged(
    before: Sequence[Phase], after: Sequence[Phase], first_number: int
) -> None:
    """Raise `InvalidSchedule` unless sessions before `first_number` stay as they were, lengths apart."""
    for number in range(1, first_number):
        index = find_phase(before, number)
        unchanged = index is None or (
            index == find_phase(after, number)
            and replace(before[index], sessions=after[index].sessions) == after[index]
        )
        if not unchanged:
            raise InvalidSchedule(f"phases: session {number} would change, which came before")


def last_session_number(phases: Sequence[Phase]) -> int | None:
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
    numbers: list[int] = []
    day = start
    while (index := find_phase(phases, first_number + len(numbers))) is not None:
        if phases[index].sessions is None:
            if ahead >= MIN_SESSIONS_AHEAD and day > today + BOOKED_AHEAD:
                break
            ahead += 1
        numbers.append(index)
        day += timedelta(days=phases[index].gap.ideal_min_days)
    return numbers
