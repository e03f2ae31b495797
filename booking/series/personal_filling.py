"""New sessions of a series whose phases change: between those that stay, and after them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from booking.screening.rules import Clearance
from booking.series.ahead_plans import AheadOrder, AheadPlan, plan_ahead, plan_between, with_phases
from booking.series.personal_basis import PhasesFrom, slot_of
from booking.series.phase_groups import get_phase_group
from booking.series.planning.requests import PlanSlot
from booking.series.queries import ScheduledSession, list_standing_sessions
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
            others = _other_days(change, [each for each in remaining if slot_of(each) != slot])
            others += [each.planned.day for each in filled.added]
            order = _order(change, missing[0], previous, others)
            filled = filled.plus(_fill(change, [*missing, number], order, slot, now))
        used, previous = position + 1, slot
    return filled


def _fill(
    change: PhasesFrom,
    numbers: Sequence[int],
    order: AheadOrder,
    until: PlanSlot,
    now: datetime,
) -> Filled:
    """Plan these sessions but the last, which stands at `until`; else a person looks for their times."""
    count, plan, previous = len(numbers) - 1, None, order.previous
    is_one_phase = len({change.phase_of(number) for number in numbers}) == 1
    if previous is not None and is_one_phase and numbers[-1] == numbers[0] + count:
        plan = plan_between(with_phases(change.series, change.phases), order, until, count, now)
    if plan is None:
        return Filled(holes=(previous.day if previous else until.day,) * count)
    return Filled(tuple(NewSession(session, plan) for session in plan.sessions))


def fill_after(
    change: PhasesFrom, remaining: Sequence[ScheduledSession], filled: Filled, now: datetime
) -> tuple[AheadPlan | None, Filled]:
    """Plan on after what stays and was filled in, to the end or as far ahead as is kept booked."""
    used = len(remaining) + filled.count
    previous = slot_of(remaining[-1]) if remaining else change.previous
    numbers = change.numbers[used:]
    if not numbers:
        return None, Filled()
    others = _other_days(change, remaining) + [each.planned.day for each in filled.added]
    order = _order(change, numbers[0], previous, others)
    order = replace(order, ahead=_count_ahead(change, used, now))
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
    group = get_phase_group(change.phases, last)
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


def _order(
    change: PhasesFrom, number: int, previous: PlanSlot | None, other_days: Sequence[date]
) -> AheadOrder:
    usual = list_usual_slots(change.series, change.sessions)
    return AheadOrder(number, previous, usual=usual, other_days=other_days)


def _other_days(change: PhasesFrom, remaining: Sequence[ScheduledSession]) -> list[date]:
    """Return the days of what stands before the change, and of what stays."""
    before = list_standing_sessions([each for each in change.sessions if each not in change.coming])
    return [*(each.day for each in before), *(slot_of(each).day for each in remaining)]
