"""An independent look at a plan before it is booked: shares values with the planner, and no code.

Every plan passes here, whoever made it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from booking.series.planning.requests import PlannedSession, PlanRequest


class PlanRule(StrEnum):
    """What a plan can break."""

    NUMBERS = "numbers"  # not the sessions asked for, in their order
    PHASE = "phase"  # a session in another phase than its number says
    NOT_FREE = "not_free"  # a time at which nothing can start
    TOO_EARLY = "too_early"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that session `number` breaks."""

    number: int
    rule: PlanRule


def check_plan(request: PlanRequest, sessions: Sequence[PlannedSession]) -> list[Violation]:
    """Return every rule that the sessions break; an empty list means they may be booked."""
    broken = []
    if [one.number for one in sessions] != list(request.numbers):
        broken.append(Violation(sessions[0].number if sessions else 0, PlanRule.NUMBERS))
    last = request.previous[0] if request.previous else None
    for one in sessions:
        if one.day < request.first_day:
            broken.append(Violation(one.number, PlanRule.TOO_EARLY))
        if one.phase != _phase_by_counting(request, one.number):
            broken.append(Violation(one.number, PlanRule.PHASE))
            continue
        if one.minute not in request.free.get(one.phase, {}).get(one.day, ()):
            broken.append(Violation(one.number, PlanRule.NOT_FREE))
        gap = request.phases[one.phase].gap
        if (
            last is not None
            and not gap.min_days <= one.day.toordinal() - last.toordinal() <= gap.max_days
        ):
            broken.append(Violation(one.number, PlanRule.GAP))
        last = one.day
    return broken


def _phase_by_counting(request: PlanRequest, number: int) -> int:
    """Lay the phases' sessions out one by one and look which phase the number-th belongs to."""
    laid_out: list[int] = []
    for index, phase in enumerate(request.phases):
        laid_out += [index] * (number if phase.sessions is None else phase.sessions)
    return laid_out[number - 1] if number <= len(laid_out) else -1
