"""The visits of a series at another frequency: which stay, and what comes between them and after."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from booking.screening.rules import Clearance
from booking.series.ahead_plans import AheadOrder, AheadPlan, plan_ahead, plan_between, with_phases
from booking.series.models import InfusionSeries
from booking.series.phase_revisions import (
    with_end,
)
from booking.series.planning.requests import PlanSlot
from booking.series.queries import ScheduledSession
from booking.series.rules import Gap, Phase
from booking.series.standing_slots import list_usual_slots
from booking.series.tail_rules import choose_kept_days, count_steps
from booking.series.tails import (
    NewSession,
    Tail,
    compute_session_numbers,
    list_needless,
)


@dataclass(frozen=True, slots=True)
class PlacedSession:
    """A session that stands, and where."""

    scheduled: ScheduledSession
    slot: PlanSlot


@dataclass(frozen=True, slots=True)
class FrequencyChange:
    """What a change of frequency begins with: what stands before the day, and what is to come from it on."""

    series: InfusionSeries
    sessions: Sequence[ScheduledSession]
    before: Sequence[PlacedSession]
    coming: Sequence[PlacedSession]
    old_gap: Gap
    phases: tuple[Phase, ...]
    first_number: int
    first_day: date
    left: int | None  # sessions, until an end that it was given


def plan_frequency_tail(change: FrequencyChange, now: datetime) -> Tail:
    """Return what a change of frequency makes of the visits to come; books nothing. Raises `UnknownSlug`."""
    previous = change.before[-1].slot if change.before else None
    gap = change.phases[-1].gap
    indexes = choose_kept_days(
        gap,
        [each.slot.day for each in change.coming],
        previous.day if previous else None,
        change.old_gap,
    )
    remaining = [change.coming[index] for index in indexes]
    filled = _fill_between(change, previous, [each.slot for each in remaining], now)
    slots = [each.slot for each in remaining]
    ahead = _plan_after(change, slots[-1] if slots else previous, filled, slots, now)
    added = [*filled.added, *(NewSession(session, ahead) for session in ahead.sessions)]
    holes = list(filled.holes)
    if ahead.refusal is not None and ahead.clearance is Clearance.CLEARED:
        holes.append(max(ahead.refusal.earliest, change.first_day))
    kept_sessions = [each.scheduled for each in remaining]
    count = len(remaining) + len(added) + len(holes)
    numbers = compute_session_numbers(change.sessions, change.first_number, kept_sessions, count)
    return Tail(
        _with_given_end(change, numbers),
        change.first_number,
        numbers,
        kept_sessions,
        [each.scheduled for each in change.coming if each not in remaining],
        added,
        holes,
        list_needless(change.sessions, change.first_number, numbers),
        ahead.clearance,
    )


def _with_given_end(change: FrequencyChange, numbers: Sequence[int]) -> tuple[Phase, ...]:
    """Return the phases with the end that the series was given, as many sessions away as it was."""
    if change.left is None:
        return change.phases
    last_number = max([len(change.sessions), *numbers]) + max(change.left - len(numbers), 0)
    return with_end(change.phases, last_number)


@dataclass(frozen=True, slots=True)
class FilledGaps:
    """What comes between visits that stay: sessions to be booked, and days after which one has no place."""

    added: tuple[NewSession, ...] = ()
    holes: tuple[date, ...] = ()

    @property
    def count(self) -> int:
        """How many sessions they are."""
        return len(self.added) + len(self.holes)


def _fill_between(
    change: FrequencyChange, previous: PlanSlot | None, slots: Sequence[PlanSlot], now: datetime
) -> FilledGaps:
    """Plan the sessions that the new gaps ask for between those that stay.

    Before the first of them none has to be where the gap stands as it was: the frequency counts from a day.
    """
    filled = FilledGaps()
    for index, slot in enumerate(slots):
        count = _count_between(change, previous, slot)
        if previous is not None and count:
            number = change.first_number + index + filled.count
            plan = plan_between(
                with_phases(change.series, change.phases),
                _order(change, number, previous, _other_days(change, slots, filled, slot)),
                slot, count, now,
            )  # fmt: skip
            filled = _with_plan(filled, plan, previous, count, is_first=index == 0)
        previous = slot
    return filled


def _count_between(change: FrequencyChange, previous: PlanSlot | None, slot: PlanSlot) -> int:
    if previous is None:
        return 0
    return (count_steps(change.phases[-1].gap, (slot.day - previous.day).days) or 1) - 1


def _with_plan(
    filled: FilledGaps, plan: AheadPlan | None, previous: PlanSlot, count: int, *, is_first: bool
) -> FilledGaps:
    if plan is not None:
        added = tuple(NewSession(session, plan) for session in plan.sessions)
        return replace(filled, added=(*filled.added, *added))
    if is_first:
        return filled
    return replace(filled, holes=(*filled.holes, *[previous.day] * count))


def _plan_after(
    change: FrequencyChange,
    previous: PlanSlot | None,
    filled: FilledGaps,
    slots: Sequence[PlanSlot],
    now: datetime,
) -> AheadPlan:
    """Plan on after the visits that stay, as far ahead as the phase is kept booked."""
    count = len(slots) + filled.count
    if previous and (change.first_day - previous.day).days > change.phases[-1].gap.max_days:
        previous = None  # it stood further off than the new gaps allow, and nothing is to come
    other_days = _other_days(change, slots, filled)
    order = _order(change, change.first_number + count, previous, other_days)
    if change.left is not None:
        order = replace(order, last_number=change.first_number + change.left - 1)
    series = with_phases(change.series, change.phases)
    return plan_ahead(series, replace(order, ahead=count), now)


def _order(
    change: FrequencyChange, number: int, previous: PlanSlot | None, other_days: Sequence[date]
) -> AheadOrder:
    usual = list_usual_slots(change.series, change.sessions)
    return AheadOrder(
        number, previous, usual=usual, first_day=change.first_day, other_days=other_days
    )


def _other_days(
    change: FrequencyChange,
    slots: Sequence[PlanSlot],
    filled: FilledGaps,
    until: PlanSlot | None = None,
) -> list[date]:
    """Return the days of all that stands or is planned already, but for `until`, which a plan itself has."""
    standing = [each.slot for each in change.before] + [each for each in slots if each != until]
    return [*(each.day for each in standing), *(each.planned.day for each in filled.added)]
