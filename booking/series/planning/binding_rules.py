"""A rule that leaves sessions without a place, and how it may give way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from booking.series.planning.days import CostBounds
from booking.series.planning.grid import PlanGrid
from booking.series.planning.patterns import EVERY_WEEKDAY
from booking.series.planning.requests import PlanRequest

Change = Callable[[PlanRequest], PlanRequest]


class BindingRule(StrEnum):
    """A rule that leaves a session without a place."""

    ONLY_WEEKDAYS = "only_weekdays"
    ONLY_TIMES = "only_times"
    GAP_TOO_LONG = "gap_too_long"  # nothing free before the most days a gap may have
    GAP_TOO_SHORT = "gap_too_short"
    AUTHORISED_COUNT = "authorised_count"
    AUTHORISED_UNTIL = "authorised_until"
    BLOCKED = "blocked"  # the patient can't be treated; `reason` says why
    NOT_FREE = "not_free"  # neither chair nor nurse; only time made free helps


@dataclass(frozen=True, slots=True)
class Relaxation:
    """How little one rule has to give way: weekdays more (Monday is 0), minutes, days, or sessions more.

    `phase` names the phase whose gap it is, `reason` what blocks, `days` the days on which time is to be
    freed, or the day until which something is authorised.
    """

    rule: BindingRule
    amount: int
    weekdays: tuple[int, ...] = ()
    phase: str = ""
    reason: str = ""
    days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class RelaxableRule:
    """One rule: `drop` makes a request without it, `search` says with how little of it there is a plan.

    `search` returns that as words and as a change of any request; None where the rule alone doesn't help.
    """

    drop: Change
    search: Callable[[PlanRequest], tuple[Relaxation, Change] | None]


def has_plan(request: PlanRequest) -> bool:
    """Tell whether there is any plan for a request; patterns and prices don't matter."""
    return CostBounds(PlanGrid(request), [EVERY_WEEKDAY]).earliest is not None


def used_phases(request: PlanRequest) -> list[int]:
    """Return the indexes of the phases that a request plans sessions of."""
    return sorted({request.phase_index(number) for number in request.numbers})
