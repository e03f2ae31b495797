"""New sessions of a series whose phases change: between those that stay, and after them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from booking.screening.rules import Clearance
from booking.series.ahead_plans import AheadOrder, AheadPlan, plan_ahead, plan_between, with_phases
from booking.series.personal_basis import PhasesFrom, slot_of
from booking.series.phase_groups import find_phase_group
from booking.series.planning.requests import PlanSlot
from booking.series.queries import ScheduledSession
from booking.series.standing_slots import list_usual_slots
from booking.series.tails import NewSession


@dataclass(frozen=True, slots=True)
class Filled:
    """Sessions that are to be booked, and days after which one has no place."""

    added: tuple[NewSession, ...] = ()
    holes: tuple[date, ...] = ()

    @property
    def count(self) -> int:
        """How many sessions they are."""
        return len(self.added) + len(self.holes)

    def plus(self, other: "Filled") -> "Filled":
        """Return both together."""
        return Filled((*self.added, *other.added), (*self.holes, *other.holes))


def fill_between(
    change: PhasesFrom,
    numbers: Sequence[int],
    remaining: Sequence[ScheduledSession],
    now: datetime,
) -> Filled:
    """Plan the sessions before and between those that stay, of which `numbers` are."""
    filled, used, previous = Filled(), 0, change.previous
    for number, each in zip(numbers, remaining, strict=True):
        slot, position = slot_of(each), change.numbers.index(number)
        missing = change.numbers[used:position]
        if missing:
            filled = filled.plus(_fill(change, [*missing, number], previous, slot, now))
        used, previous = position + 1, slot
    return filled


def _fill(
    change: PhasesFrom,
    numbers: Sequence[int],
    previous: PlanSlot | None,
    until: PlanSlot,
    now: datetime,
) -> Filled:
    """Plan these sessions but the last, which stands at `until`; else a person looks for their times."""
    count, plan = len(numbers) - 1, None
    is_one_phase = len({change.phase_of(number) for number in numbers}) == 1
    if previous is not None and is_one_phase and numbers[-1] == numbers[0] + count:
        order = _order(change, numbers[0], previous)
        plan = plan_between(with_phases(change.series, change.phases), order, until, count, now)
    if plan is None:
        return Filled(holes=(previous.day if previous else until.day,) * count)
    return Filled(tuple(NewSession(session, plan) for session in plan.sessions))


def fill_after(
    change: PhasesFrom, used: int, previous: PlanSlot | None, now: datetime
) -> tuple[AheadPlan | None, Filled]:
    """Plan on after the first `used` numbers, to the end or as far ahead as is kept booked."""
    numbers = change.numbers[used:]
    if not numbers:
        return None, Filled()
    order = replace(_order(change, numbers[0], previous), ahead=_count_ahead(change, used, now))
    plan = plan_ahead(with_phases(change.series, change.phases), order, now)
    added = tuple(NewSession(session, plan) for session in plan.sessions)
    day = max(
        [each.planned.day for each in added] + ([previous.day] if previous else []), default=None
    )
    unplanned = plan.request.numbers[len(added) :]
    holes = [number for number in unplanned if _is_due(change, number, plan)]
    return plan, Filled(added, (day or plan.request.first_day,) * len(holes))


def _count_ahead(change: PhasesFrom, used: int, now: datetime) -> int:
    """Return how many sessions of the phase without an end are to come: of all its parts, if it is split."""
    last = len(change.phases) - 1
    if change.phases[last].sessions is not None:
        return 0
    group = find_phase_group(change.phases, last)
    coming = [each.session.number for each in change.sessions if each.is_coming(now)]
    before = [number for number in coming if number < change.first_number]
    return sum(change.phase_of(number) in group for number in (*before, *change.numbers[:used]))


def _is_due(change: PhasesFrom, number: int, plan: AheadPlan) -> bool:
    """Tell whether a session that has no place is kept waiting; of a phase without an end, the next alone."""
    if change.phases[change.phase_of(number)].sessions is not None:
        return True
    return (
        plan.refusal is not None
        and number == plan.refusal.number
        and plan.clearance is Clearance.CLEARED
    )


def _order(change: PhasesFrom, number: int, previous: PlanSlot | None) -> AheadOrder:
    return AheadOrder(number, previous, usual=list_usual_slots(change.series, change.sessions))
