"""Which gaps between the sessions of a series a schedule doesn't allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from booking.series.rules import Gap, Phase


class SeriesRule(StrEnum):
    """The code of a rule of a series that a start or plan breaks; beside it, the facts of its blocker."""

    GAP_TOO_SHORT = "gap_too_short"  # days; least, most; before, after: numbers; their days
    GAP_TOO_LONG = "gap_too_long"  # the same
    INFUSION_TOO_CLOSE = "infusion_too_close"  # days, least, other_day
    PAUSED = "paused"  # first_day, last_day: of the pause; no last day until further notice
    BEFORE_START = "before_start"  # first_day: of the series
    AFTER_END = "after_end"  # last_day: of the series
    OTHER_WEEKDAY = "other_weekday"  # weekdays: the only ones asked for
    OTHER_TIME = "other_time"  # earliest, latest: of the only starts asked for; at: this one
    OTHER_LOCATION = "other_location"  # than the patient goes to
    AWAY = "away"  # the patient said so
    NOT_AUTHORISED = "not_authorised"  # windows: first day, last day and sessions left of each
    OUT_OF_ORDER = "out_of_order"  # before, after: numbers; of a plan, whose sessions are in order
    BEYOND_PLAN = "beyond_plan"  # last_day: up to which a plan is made
    CLOCK_REPEATED = (
        "clock_repeated"  # the clock shows the time a second time; plans name local times
    )
    NOT_PLACEABLE = "not_placeable"  # the session has a time, or its series doesn't go on


@dataclass(frozen=True, slots=True)
class StandingSession:
    """A session that stands on a local date: booked or done. `phase` is an index."""

    number: int
    phase: int
    day: date


@dataclass(frozen=True, slots=True)
class GapViolation:
    """A gap that is not allowed: between which sessions, how many days, and what is allowed."""

    earlier: StandingSession
    later: StandingSession
    days: int
    allowed: Gap

    @property
    def rule(self) -> SeriesRule:
        """Return which way it is wrong."""
        is_short = self.days < self.allowed.min_days
        return SeriesRule.GAP_TOO_SHORT if is_short else SeriesRule.GAP_TOO_LONG

    def is_no_worse_than(self, other: "GapViolation") -> bool:
        """Tell whether this is what is left of `other`: wrong the same way, with an end in common."""
        both_share = (
            other.earlier.number == self.earlier.number or other.later.number == self.later.number
        )
        if self.rule != other.rule or not both_share:
            return False
        return (
            self.days >= other.days
            if self.rule is SeriesRule.GAP_TOO_SHORT
            else self.days <= other.days
        )


def list_gap_violations(
    phases: Sequence[Phase], sessions: Sequence[StandingSession]
) -> list[GapViolation]:
    """Return the gaps between successive sessions that the phases don't allow.

    The gap before a session is its own phase's. Sessions that are missing in between leave one
    longer gap, judged as it is: the time without treatment is what counts.
    """
    by_day = sorted(sessions, key=lambda session: session.day)
    violations = []
    for earlier, later in pairwise(by_day):
        days, allowed = (later.day - earlier.day).days, phases[later.phase].gap
        if not allowed.allows(days):
            violations.append(GapViolation(earlier, later, days, allowed))
    return violations


def list_new_gap_violations(
    phases: Sequence[Phase],
    sessions: Sequence[StandingSession],
    changed_sessions: Sequence[StandingSession],
) -> list[GapViolation]:
    """Return the gap problems of `changed_sessions` that `sessions` did not have: what the change causes.

    One that was there and got no worse, though one of its ends be another session now, is not new.
    """
    violations = list_gap_violations(phases, sessions)
    return [
        problem
        for problem in list_gap_violations(phases, changed_sessions)
        if not any(problem.is_no_worse_than(violation) for violation in violations)
    ]


def list_gaps_let_stand(
    phases: Sequence[Phase],
    sessions: Sequence[StandingSession],
    changed_sessions: Sequence[StandingSession],
    allowed: Mapping[int, int],
) -> dict[int, int]:
    """Return, by its later session's number, the days of each gap that is left of one that was let stand.

    `allowed` are the days let stand before, by number. A gap that a change makes no worse stays allowed.
    """
    let_stand = [
        violation
        for violation in list_gap_violations(phases, sessions)
        if allowed.get(violation.later.number) == violation.days
    ]
    return {
        problem.later.number: problem.days
        for problem in list_gap_violations(phases, changed_sessions)
        if any(problem.is_no_worse_than(violation) for violation in let_stand)
    }


def with_session_moved(
    sessions: Sequence[StandingSession], number: int, day: date
) -> list[StandingSession]:
    """Return the sessions with one on another day."""
    return [
        replace(session, day=day) if session.number == number else session for session in sessions
    ]


def without_session(sessions: Sequence[StandingSession], number: int) -> list[StandingSession]:
    """Return the sessions without one of them."""
    return [session for session in sessions if session.number != number]
