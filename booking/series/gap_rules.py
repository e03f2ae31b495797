"""Which gaps between the sessions of a series a schedule doesn't allow."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from booking.series.rules import Gap, Phase


@dataclass(frozen=True, slots=True)
class StandingSession:
    """A session that stands on a local date: booked or done. `phase` is an index."""

    number: int
    phase: int
    day: date


@dataclass(frozen=True, slots=True)
class GapViolation:
    """A gap that is not allowed: between which sessions, how many days, and what is allowed."""

    before: StandingSession
    after: StandingSession
    days: int
    allowed: Gap

    @property
    def rule(self) -> str:
        """Return which way it is wrong, as a code."""
        return "gap_too_short" if self.days < self.allowed.min_days else "gap_too_long"

    def is_no_worse_than(self, other: "GapViolation") -> bool:
        """Tell whether this is what is left of `other`: wrong the same way, with an end in common."""
        together = (
            other.before.number == self.before.number or other.after.number == self.after.number
        )
        if self.rule != other.rule or not together:
            return False
        return self.days >= other.days if self.rule == "gap_too_short" else self.days <= other.days


def find_gap_violations(
    phases: Sequence[Phase], held: Sequence[StandingSession]
) -> list[GapViolation]:
    """Return the gaps between successive sessions that the phases don't allow.

    The gap before a session is its own phase's. Sessions that are missing in between leave one
    longer gap, judged as it is: the time without treatment is what counts.
    """
    standing = sorted(held, key=lambda one: one.day)
    found = []
    for before, after in pairwise(standing):
        days, allowed = (after.day - before.day).days, phases[after.phase].gap
        if not allowed.allows(days):
            found.append(GapViolation(before, after, days, allowed))
    return found


def find_new_gap_violations(
    phases: Sequence[Phase], held: Sequence[StandingSession], changed: Sequence[StandingSession]
) -> list[GapViolation]:
    """Return the gap problems of `changed` that `held` did not have: what the change causes.

    One that was there and got no worse, though one of its ends be another session now, is not new.
    """
    known = find_gap_violations(phases, held)
    return [
        problem
        for problem in find_gap_violations(phases, changed)
        if not any(problem.is_no_worse_than(one) for one in known)
    ]


def with_session_moved(
    held: Sequence[StandingSession], number: int, day: date
) -> list[StandingSession]:
    """Return the sessions with one on another day."""
    return [replace(one, day=day) if one.number == number else one for one in held]


def without_session(held: Sequence[StandingSession], number: int) -> list[StandingSession]:
    """Return the sessions without one of them."""
    return [one for one in held if one.number != number]
