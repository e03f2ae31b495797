"""A plan request as arrays: what every slot costs by itself, and every day."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

import numpy as np
import numpy.typing as npt

from booking.series.authorisations import allowed_windows
from booking.series.planning.requests import PRICED_CELLS, DaySlots, PlanRequest, PlanSlot
from booking.series.rules import GRID

IntArray = npt.NDArray[np.int64]
UNREACHABLE = 1 << 61  # no plan costs as much; twice this still fits into 64 bits
MAX_PRICE = 1 << 44  # points that one slot may cost beyond the usual


@dataclass(frozen=True, slots=True)
class FreeSlots:
    """The free slots of one phase as three columns: place of the location, minute, day from the first."""

    locations: IntArray
    minutes: IntArray
    days: IntArray


class PlanGrid:
    """What a request's slots cost by themselves: locations × times of the day × days from the first."""

    def __init__(self, request: PlanRequest) -> None:
        self.request = request
        self.day_count = request.day_count
        self.phases = [request.phase_index(number) for number in request.numbers]
        self.locations = sorted({slug for free in request.free.values() for slug in free})
        slots = {phase: self._free_slots(phase) for phase in sorted(set(self.phases))}
        all_minutes = np.concatenate([each.minutes for each in slots.values()])
        self.minutes = np.flatnonzero(np.bincount(all_minutes))
        self.slot_points = {phase: self._slot_points(phase, each) for phase, each in slots.items()}
        self.day_points = self._authorised_day_points(self._day_points())

    def slot_at(self, location: int, time: int, day: int) -> PlanSlot:
        """Return the slot at a place in the arrays."""
        return PlanSlot(self.locations[location], self.day(day), int(self.minutes[time]))

    def day(self, index: int) -> date:
        """Return the local date so many days from the first."""
        return self.request.first_day + timedelta(days=int(index))

    def _free_slots(self, phase: int) -> FreeSlots:
        """Lay out what is free for a phase and not against what is asked for only."""
        columns = [
            self._columns(index, self.request.free.get(phase, {}).get(slug, {}))
            for index, slug in enumerate(self.locations)
        ]
        locations, minutes, days = (
            np.concatenate([column[each] for column in columns] or [np.zeros(0, np.int64)])
            for each in range(3)
        )
        first, last = self.request.preferences.only.minutes
        allowed = (minutes >= first) & (minutes <= last) & self._is_open(phase)[days]
        return FreeSlots(locations[allowed], minutes[allowed], days[allowed])

    def _columns(self, location: int, free: DaySlots) -> tuple[IntArray, IntArray, IntArray]:
        begin = self.request.first_day.toordinal()
        of_day = [
            free.get(date.fromordinal(begin + day), ()) for day in range(self.request.day_count)
        ]
        minutes = np.fromiter(chain.from_iterable(of_day), dtype=np.int64)
        days = np.repeat(np.arange(len(of_day)), [*map(len, of_day)])
        return np.full_like(minutes, location), minutes, days

    def _is_open(self, phase: int) -> npt.NDArray[np.bool_]:
        """Tell of each day whether the patient can be treated in a phase, on a weekday asked for."""
        weekdays = self.request.preferences.only.weekdays
        blocked = self.request.blocked.get(phase, {})
        days = map(self.day, range(self.request.day_count))
        return np.array([day.weekday() in weekdays and day not in blocked for day in days], bool)

    def _slot_points(self, phase: int, slots: FreeSlots) -> IntArray:
        """Return what the slots of a phase cost by time and place, UNREACHABLE where none is free."""
        shape = len(self.locations), len(self.minutes), self.request.day_count
        points = np.full(shape, UNREACHABLE, dtype=np.int64)
        times = np.searchsorted(self.minutes, slots.minutes)
        rates, (first, last) = self.request.rates, self.request.preferences.rather.minutes
        cost = ((slots.minutes < first) | (slots.minutes > last)) * rates.unwanted
        cost = cost + self._away[slots.locations] * rates.away
        if self.request.held:
            cost = cost + rates.moved
        points[slots.locations, times, slots.days] = cost + self._prices(phase, slots)
        for slot in self.request.held:
            self._add(points, slot, -rates.moved)
        return points

    def _prices(self, phase: int, slots: FreeSlots) -> IntArray:
        """Return what each slot of a phase costs beyond the usual; raise `ValueError` for no price."""
        by_location = self.request.prices.get(phase, {})
        if not by_location:
            return np.zeros_like(slots.minutes)
        table = np.zeros((len(self.locations), self.day_count, PRICED_CELLS), dtype=np.int64)
        for index, location in enumerate(self.locations):
            for day, points in by_location.get(location, {}).items():
                number = (day - self.request.first_day).days
                if 0 <= number < self.day_count:
                    table[index, number] = points
        prices = table[slots.locations, slots.days, slots.minutes // GRID]
        if prices.min(initial=0) < 0 or prices.max(initial=0) > MAX_PRICE:
            raise ValueError("expected the price of a slot from 0 to 2^44 points")
        return np.asarray(prices)

    @property
    def _away(self) -> IntArray:
        home = self.request.home
        return np.array([home not in (None, slug) for slug in self.locations], dtype=np.int64)

    def _add(self, points: IntArray, slot: PlanSlot, addition: int) -> None:
        """Add to what a slot costs, if it is one of the grid's."""
        index = self.index_of(slot)
        if index is not None and points[index] < UNREACHABLE:
            points[index] += addition

    def index_of(self, slot: PlanSlot) -> tuple[int, int, int] | None:
        """Return where in the arrays a slot is; None if nowhere."""
        day = (slot.day - self.request.first_day).days
        time = int(np.searchsorted(self.minutes, slot.minute))
        is_inside = slot.location in self.locations and 0 <= day < self.request.day_count
        if not is_inside or time == len(self.minutes) or self.minutes[time] != slot.minute:
            return None
        return self.locations.index(slot.location), time, day

    def _day_points(self) -> IntArray:
        """Return what each day costs: late, and outside what is rather had."""
        days = np.arange(self.request.day_count)
        rather, begin = self.request.preferences.rather.weekdays, self.request.first_day.weekday()
        unwanted = np.array([(begin + n) % 7 not in rather for n in range(7)], dtype=np.int64)
        rates = self.request.rates
        return days * rates.lateness_days + unwanted[days % 7] * rates.unwanted

    def _authorised_day_points(self, day_points: IntArray) -> list[IntArray]:
        """Return, for each session, what each day costs, UNREACHABLE where no payer covers it."""
        count, authorisations = len(self.phases), self.request.authorisations
        if not authorisations:
            return [day_points] * count
        days = [self.day(n) for n in range(self.request.day_count)]
        return [
            np.where(
                [any(window.covers(day) for window in windows) for day in days],
                day_points,
                UNREACHABLE,
            )
            for windows in allowed_windows(authorisations, count)
        ]

    def time_points(self) -> IntArray:
        """Return how far along each time of day is, in points for a change of time."""
        return self.minutes // GRID * self.request.rates.time_change
