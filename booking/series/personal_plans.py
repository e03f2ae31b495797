"""What a series' own phases, changed from a session on, make of the appointments to come; books nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.appointments.lengths import can_have_demand, has_demand
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.rules import ResourceDemand
from booking.screening.rules import Clearance
from booking.series.personal_basis import PhasesFrom, slot_of
from booking.series.personal_filling import fill_after, fill_between
from booking.series.queries import get_phases
from booking.series.remaining_rules import RemainingDays, choose_remaining
from booking.series.series_calendars import INFUSION
from booking.series.tails import Tail, list_needless


@dataclass(frozen=True, slots=True)
class LengthChange:
    """An appointment that stays and takes another time than before; `is_free` tells whether it can."""

    appointment: Appointment
    demand: ResourceDemand
    is_free: bool


@dataclass(frozen=True, slots=True)
class TailWithLengths:
    """The re-planned tail of a series, and which of the appointments that stay have another length."""

    tail: Tail
    lengths: Sequence[LengthChange]

    @property
    def key(self) -> str:
        """A text that is the same for the same tail and lengths: a form sends what it showed."""
        lengths = [
            f"l{each.appointment.id}-{each.demand.minutes}-{int(each.is_free)}"
            for each in self.lengths
        ]
        return ",".join([self.tail.key, *lengths])


def plan_personal_tail(change: PhasesFrom, now: datetime) -> TailWithLengths:
    """Return which appointments stay, which are cancelled, and what is booked. Raises `UnknownSlug`."""
    remaining_days = RemainingDays(
        [slot_of(each).day for each in change.coming],
        change.previous.day if change.previous else None,
        change.numbers,
        change.gap_of,
        _list_misplaced(change),
    )
    number_by_index = choose_remaining(remaining_days)
    remaining = [change.coming[index] for index in number_by_index]
    filled = fill_between(change, list(number_by_index.values()), remaining, now)
    ahead, after = fill_after(change, remaining, filled, now)
    every = filled.plus(after)
    numbers = change.numbers[: len(remaining) + every.count]
    tail = Tail(
        change.phases,
        change.first_number,
        numbers,
        remaining,
        [each for each in change.coming if each not in remaining],
        every.added,
        every.holes,
        list_needless(change.sessions, change.first_number, numbers),
        ahead.clearance if ahead else Clearance.CLEARED,
    )
    return TailWithLengths(tail, _list_length_changes(change, number_by_index, now))


def _list_length_changes(
    change: PhasesFrom, number_by_index: Mapping[int, int], now: datetime
) -> list[LengthChange]:
    """Return which of the appointments that stay take another time than before."""
    catalogue = availability.current_catalogue()
    changes = []
    for index, number in number_by_index.items():
        appointment = change.coming[index].appointment
        phase = change.phases[change.phase_of(number)]
        if appointment is None:
            continue
        demand = catalogue.services[INFUSION].infusion_demand(
            *phase.parts,
            catalogue.locations_by_id[appointment.location_id],
        )  # fmt: skip
        if not has_demand(appointment, demand):
            is_free = can_have_demand(appointment, demand, now)
            changes.append(LengthChange(appointment, demand, is_free))
    return changes


def _list_misplaced(change: PhasesFrom) -> set[int]:
    """Return the indexes of coming sessions whose gap is against the rules as they are."""
    phases, previous = get_phases(change.series), change.previous
    misplaced: set[int] = set()
    for index, each in enumerate(change.coming):
        slot, gap = slot_of(each), phases[each.session.phase].gap
        if previous and not gap.allows((slot.day - previous.day).days):
            misplaced.add(index)
        previous = slot
    return misplaced
