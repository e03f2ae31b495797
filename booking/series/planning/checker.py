"""An independent look at a plan before it is booked: shares values with the planner, and no code.

Every plan passes here, whoever made it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from booking.series.planning.requests import PlannedSession, PlanRequest


class PlanRule(StrEnum):
    """What a plan can break."""

    NUMBERS = "numbers"  # not the sessions asked for, in their order
    PHASE = "phase"  # a session in another phase than its number says
    NOT_FREE = "not_free"  # a time at which nothing can start
    BLOCKED = "blocked"  # a day on which the patient can't be treated
    UNWANTED = "unwanted"  # outside the days and times asked for only
    TOO_EARLY = "too_early"
    GAP = "gap"
    NOT_AUTHORISED = "not_authorised"  # outside what a payer authorised


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
    last = request.previous.day if request.previous else None
    for planned in sessions:
        rules = _broken_rules(request, planned, last)
        violations += [Violation(planned.number, rule) for rule in rules]
        last = planned.day
    return violations + list(_unauthorised(request, sessions))


def _broken_rules(
    request: PlanRequest, planned: PlannedSession, last: date | None
) -> Iterator[PlanRule]:
    """Yield the rules that a session breaks by itself, and by the day of the one before it."""
    location, day, minute = planned.slot
    if day < request.first_day:
        yield PlanRule.TOO_EARLY
    if planned.phase != _phase_by_counting(request, planned.number):
        yield PlanRule.PHASE
        return
    if minute not in request.free.get(planned.phase, {}).get(location, {}).get(day, ()):
        yield PlanRule.NOT_FREE
    if day in request.blocked.get(planned.phase, {}):
        yield PlanRule.BLOCKED
    only = request.preferences.only
    first, latest = (at.hour * 60 + at.minute for at in (only.earliest, only.latest))
    if day.weekday() not in only.weekdays or minute < first or minute > latest:
        yield PlanRule.UNWANTED
    gap = request.phases[planned.phase].gap
    if last is not None and not gap.min_days <= day.toordinal() - last.toordinal() <= gap.max_days:
        yield PlanRule.GAP


def _unauthorised(request: PlanRequest, sessions: Sequence[PlannedSession]) -> Iterator[Violation]:
    """Yield the sessions that no authorisation covers, or the count of the one that does is used up."""
    if not request.authorisations:
        return
    left = {(each.first_day, each.last_day): each.sessions for each in request.authorisations}
    for planned in sessions:
        window = next((w for w in left if w[0] <= planned.day <= w[1] and left[w] > 0), None)
        if window is None:
            yield Violation(planned.number, PlanRule.NOT_AUTHORISED)
        else:
            left[window] -= 1


def _phase_by_counting(request: PlanRequest, number: int) -> int:
    """Lay the phases' sessions out one by one and look which phase the number-th belongs to."""
    phase_indexes: list[int] = []
    for index, phase in enumerate(request.phases):
        phase_indexes += [index] * (number if phase.sessions is None else phase.sessions)
    return phase_indexes[number - 1] if number <= len(phase_indexes) else -1
