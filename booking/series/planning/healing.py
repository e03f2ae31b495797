"""What is to come of a series, planned anew: the fewest sessions move, then cadence decides. Pure.

A request's `held` are the slots of sessions that may stay. A gap that no plan can keep is left too long, and
said so: only a practitioner lets it stand.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from booking.series.authorisations import less_used
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import PlanInfeasible, PlannedSession, PlanRequest, PlanSlot
from booking.series.rules import Phase

MOST_OVER_LIMIT = 7  # days that a gap may be over its limit for fewer sessions to move


@dataclass(frozen=True, slots=True)
class LongGap:
    """A gap before session `number`, of so many days, longer than its phase allows."""

    number: int
    days: int
    max_days: int


@dataclass(frozen=True, slots=True)
class HealedPlan:
    """The sessions that have a place, in order; those that have none, and the gaps that are too long."""

    sessions: tuple[PlannedSession, ...] = ()
    unplaced: tuple[int, ...] = ()
    long_gaps: tuple[LongGap, ...] = ()


def plan_healing(request: PlanRequest) -> HealedPlan:
    """Return the plan with the fewest sessions outside `request.held`; a gap is too long where it must be.

    It is no longer than to the next slot held: the safe limit comes before what moves.
    """
    sessions: list[PlannedSession] = []
    while len(sessions) < len(request.numbers):
        part = _part_after(request, sessions)
        tries = (part, _part_past_limit(part), replace(part, previous=None))
        planned = next(filter(None, map(_plan_as_far, tries)), ())
        if not planned:
            break
        sessions += planned
    gaps = tuple(list_long_gaps(request, sessions))
    return HealedPlan(tuple(sessions), request.numbers[len(sessions) :], gaps)


def plan_fewest_moves(request: PlanRequest) -> HealedPlan:
    """Return the plan with the fewest sessions outside `request.held`, though gaps be over their limits.

    By a week at most, and no longer than they have to be for so few.
    """
    phases = [
        replace(phase, gap=replace(phase.gap, max_days=phase.gap.max_days + MOST_OVER_LIMIT))
        for phase in request.phases
    ]
    plan = plan_healing(replace(request, phases=tuple(phases)))
    return replace(plan, long_gaps=tuple(list_long_gaps(request, plan.sessions)))


def _part_after(request: PlanRequest, sessions: Sequence[PlannedSession]) -> PlanRequest:
    """Return what is still to be planned after some sessions, which have used up what a payer covers."""
    numbers = request.numbers[len(sessions) :]
    left = less_used(request.authorisations, [session.day for session in sessions])
    request = replace(request, authorisations=left)
    previous = sessions[-1].slot if sessions else request.previous
    if previous is None:
        return request
    gap = request.phases[request.phase_index(numbers[0])].gap
    first_day = max(request.first_day, previous.day + timedelta(days=gap.min_days))
    return replace(
        request, numbers=numbers, previous=previous, first_day=min(first_day, request.last_day)
    )


def _part_past_limit(request: PlanRequest) -> PlanRequest:
    """Return a request whose first session is by the next slot held, as if its gap were the longest then."""
    most = request.phases[request.phase_index(request.numbers[0])].gap.max_days
    days = [slot.day for slot in request.held if slot.day >= request.first_day]
    if request.previous is None or not days:
        return request
    return replace(
        request, previous=request.previous._replace(day=min(days) - timedelta(days=most))
    )


def _plan_as_far(request: PlanRequest) -> tuple[PlannedSession, ...]:
    """Return the best plan of all the sessions, or of the first of them, as many as have a place."""
    try:
        return find_plan(request).sessions
    except PlanInfeasible as refusal:
        return refusal.placed


def list_long_gaps(request: PlanRequest, sessions: Sequence[PlannedSession]) -> Iterator[LongGap]:
    """Yield the gaps before sessions, in order of day, that are longer than their phases allow."""
    previous = request.previous.day if request.previous else None
    for session in sessions:
        most = request.phases[session.phase].gap.max_days
        if previous is not None and (days := (session.day - previous).days) > most:
            yield LongGap(session.number, days, most)
        previous = session.day


def with_allowed_gaps(
    phases: Sequence[Phase], allowed_days: Mapping[int, Collection[int]]
) -> tuple[Phase, ...]:
    """Return phases whose limits span the gaps, by phase, that a practitioner has let stand."""
    return tuple(
        _with_limits(phase, [*allowed_days.get(index, ())]) for index, phase in enumerate(phases)
    )


def _with_limits(phase: Phase, days: Sequence[int]) -> Phase:
    gap = phase.gap
    least, most = min([gap.min_days, *days]), max([gap.max_days, *days])
    return replace(phase, gap=replace(gap, min_days=max(least, 1), max_days=most))


def without_new_slots_until(request: PlanRequest, phase: int, day: date) -> PlanRequest:
    """Return a request in which up to `day` a phase has the slots held alone: what is added comes after."""
    held = request.held
    free = {
        location: {
            each: [m for m in minutes if each > day or PlanSlot(location, each, m) in held]
            for each, minutes in days.items()
        }
        for location, days in request.free[phase].items()
    }
    return replace(request, free={**request.free, phase: free})


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """What becomes of one visit: it stays, moves, is new (nothing before), or has no place (nothing after).

    `number` is the session that it is afterwards; `old_number` the session that it was, None of a new one.
    """

    old_number: int | None
    number: int | None
    before: PlanSlot | None
    after: PlanSlot | None

    @property
    def is_kept(self) -> bool:
        """Whether it stays where it is."""
        return self.before == self.after


def match_appointments(
    request: PlanRequest, coming: Mapping[int, PlanSlot], sessions: Sequence[PlannedSession]
) -> list[PlannedChange]:
    """Return what becomes of each visit to come (session number → slot), and which are new, by day.

    A visit moves to the nearest new slot of sessions as long as it is; those that move keep their order.
    """
    by_slot = {slot: number for number, slot in coming.items()}
    rest = {number: slot for number, slot in coming.items() if slot not in _slots(sessions)}
    new = [session for session in sessions if session.slot not in by_slot]
    pairs = _pair_by_length(request, rest, new)
    changes = [
        PlannedChange(
            old_number := by_slot.get(session.slot, pairs.get(session.number)),
            session.number,
            coming[old_number] if old_number is not None else None,
            session.slot,
        )
        for session in sessions
    ]
    left = [number for number in rest if number not in pairs.values()]
    changes += [PlannedChange(number, None, coming[number], None) for number in left]
    return sorted(changes, key=lambda change: (change.after or change.before or ("",))[1:])


def _slots(sessions: Sequence[PlannedSession]) -> set[PlanSlot]:
    return {session.slot for session in sessions}


def _pair_by_length(
    request: PlanRequest, rest: Mapping[int, PlanSlot], new: Sequence[PlannedSession]
) -> dict[int, int]:
    """Return session number of a new slot → which visit moves there, among sessions equally long."""
    pairs: dict[int, int] = {}
    lengths = {number: request.phases[request.phase_index(number)].parts for number in rest}
    for length in dict.fromkeys(lengths.values()):
        days = {number: rest[number].day for number in rest if lengths[number] == length}
        slots = {
            session.number: session.day
            for session in new
            if request.phases[session.phase].parts == length
        }
        pairs |= _pair_nearest(days, slots)
    return pairs


def _pair_nearest(days: Mapping[int, date], slots: Mapping[int, date]) -> dict[int, int]:
    """Return slot → what moves there: each takes the nearest that is left, then all are put in order."""
    chosen: list[int] = []
    in_order = sorted(days, key=lambda number: days[number])
    for number in in_order:
        left = [each for each in slots if each not in chosen]
        chosen += sorted(left, key=lambda each: abs((slots[each] - days[number]).days))[:1]
    by_day = sorted(chosen, key=lambda each: slots[each])
    return dict(zip(by_day, in_order, strict=False))
