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
    violations = []
    if [session.number for session in sessions] != list(request.numbers):
        violations.append(Violation(sessions[0].number if sessions else 0, PlanRule.NUMBERS))
    last = request.previous[0] if request.previous else None
    for planned in sessions:
        if planned.day < request.first_day:
            violations.append(Violation(planned.number, PlanRule.TOO_EARLY))
        if planned.phase != _phase_by_counting(request, planned.number):
            violations.append(Violation(planned.number, PlanRule.PHASE))
            continue
        if planned.minute not in request.free.get(planned.phase, {}).get(planned.day, ()):
            violations.append(Violation(planned.number, PlanRule.NOT_FREE))
        gap = request.phases[planned.phase].gap
        if (
            last is not None
            and not gap.min_days <= planned.day.toordinal() - last.toordinal() <= gap.max_days
        ):
            violations.append(Violation(planned.number, PlanRule.GAP))
        last = planned.day
    return violations


def _phase_by_counting(request: PlanRequest, number: int) -> int:
    """Lay the phases' sessions out one by one and look which phase the number-th belongs to."""
    phase_indexes: list[int] = []
    for index, phase in enumerate(request.phases):
        phase_indexes += [index] * (number if phase.sessions is None else phase.sessions)
    return phase_indexes[number - 1] if number <= len(phase_indexes) else -1
