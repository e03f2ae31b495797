"""How long a new series waits for its start, and how often a running one finds no time.

`make bench BENCH=capacity`: 75 and 100 series run in the clinic of `running_clinic.py`, the same patients
for both planners. Who can't be booked asks again on the next day of opening. "As it was": slots cost nothing.
"With prices": as the service has it (`series/planning/prices.py`, `series/slot_prices.py`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bench.running_clinic import (
    DEMAND,
    HOME,
    MEAN_WEEKS,
    MONDAY,
    PHASES,
    ClinicDays,
    SimulatedSeries,
    Tally,
    draw_series,
)
from booking.calendars.local_days import iter_bits
from booking.series.planning.costs import PlanRates
from booking.series.planning.planner import find_plan
from booking.series.planning.prices import cap_rate, count_displaced, price_day
from booking.series.planning.requests import (
    DayPrices,
    Plan,
    PlanInfeasible,
    PlannedSession,
    PlanRequest,
    PlanSlot,
)
from booking.series.proposals import LONGEST_DELAY, MAX_DELAY
from booking.series.rules import GRID, sessions_to_book
from booking.series.usual_slots import foresee_slots, keep_usual_slots, select_usual_slots

WARM_UP = 60  # weeks
A_DAY = timedelta(days=1)
SEEDS = (1, 2)


@dataclass(frozen=True, slots=True)
class Jam:
    """So many series run in a clinic that closes at a minute; measured for so many weeks."""

    running: int
    closes: int
    weeks: int


JAMS = (Jam(75, 15 * 60 + 45, 26), Jam(100, 17 * 60 + 30, 20))
FREE_OF_CHARGE = PlanRates(displaced=0, destroyed_starts=0)


class Simulation:
    """One clinic, day by day, with one planner."""

    def __init__(self, jam: Jam, seed: int, rates: PlanRates) -> None:
        self.random, self.rates = Random(seed), rates  # noqa: S311 - the same patients each time
        self.rhythm = jam.running / MEAN_WEEKS / 7  # prescriptions a day
        self.days, self.tally, self.today = ClinicDays(jam.closes), Tally(), MONDAY
        self.waiting: list[SimulatedSeries] = []
        self.active: list[SimulatedSeries] = []
        self.prescribed, self.weeks = 0, jam.weeks

    def run(self) -> Tally:
        """Live through all weeks; return what the last of them came to."""
        for number in range((WARM_UP + self.weeks) * 7):
            self.today = MONDAY + timedelta(days=number)
            self._end_series()
            if self.today.weekday() < 6:
                self._open(number)
            if self._is_measured:
                begun = [each for each in self.active if each.slots[0].day <= self.today]
                self.tally.series_days += len(begun)
        return self.tally

    @property
    def _is_measured(self) -> bool:
        return self.today >= MONDAY + timedelta(weeks=WARM_UP)

    def _open(self, number: int) -> None:
        """Book running series ahead, then who is new or waits."""
        for series in self.active:
            self._book_ahead(series)
        while self.prescribed < self.rhythm * (number + 1):
            self.prescribed += 1
            self.waiting.append(draw_series(self.random, self.today))
        for series in [*self.waiting]:
            if (plan := self._plan_new(series)) is not None:
                self._begin(series, plan)

    def _begin(self, series: SimulatedSeries, plan: Plan) -> None:
        self._book(series, plan.sessions)
        self.waiting.remove(series)
        self.active.append(series)
        if self._is_measured:
            self.tally.waits.append((series.slots[0].day - series.prescribed).days)
            self.tally.gap_days.append(plan.cost.gap_days)

    def _end_series(self) -> None:
        """Let go who had the last session, and free what was booked beyond."""
        for series in [*self.active]:
            if sum(slot.day <= self.today for slot in series.slots) >= series.length:
                self.active.remove(series)
                for slot in series.slots:
                    if slot.day > self.today:
                        self.days.release(slot)

    def _book(self, series: SimulatedSeries, sessions: Sequence[PlannedSession]) -> None:
        for session in sessions:
            self.days.book(session.slot)
            series.slots.append(session.slot)

    def _plan_new(self, series: SimulatedSeries) -> Plan | None:
        """Return the best plan; with prices one that begins later, if none keeps off the slots of others."""
        request = self._request(series, MAX_DELAY)
        plan = _find(request)
        if request and self.rates.displaced and (plan is None or count_displaced(request, plan)):
            plan = _find(self._request(series, LONGEST_DELAY))
        return plan

    def _book_ahead(self, series: SimulatedSeries) -> None:
        request = self._request(series, MAX_DELAY)
        if request is None:
            return
        usual = select_usual_slots(series.weekly_slots, PHASES[-1].gap)
        try:
            sessions = find_plan(keep_usual_slots(request, usual)).sessions
        except PlanInfeasible as refusal:
            sessions = refusal.placed
            if refusal.number not in series.failed:
                series.failed.add(refusal.number)
                self.tally.failures += self._is_measured
            if refusal.latest <= self.today + A_DAY:
                self._place_late(series)
                return
        self._book(series, sessions)

    def _place_late(self, series: SimulatedSeries) -> None:
        """Give a session the next time there is, past its gap: the desk asks the practitioner."""
        day = max(self.today, series.slots[-1].day) + A_DAY
        while not self.days.starts(day):
            day += A_DAY
        slot = PlanSlot(HOME, day, next(iter_bits(self.days.starts(day))) * GRID)
        self.days.book(slot)
        series.slots.append(slot)

    def _request(self, series: SimulatedSeries, delay: timedelta) -> PlanRequest | None:
        """Return what the service would ask the planner for; None if all is booked ahead."""
        first, previous = self.today + A_DAY, series.slots[-1] if series.slots else None
        number, ahead = len(series.slots) + 1, sum(s.day > self.today for s in series.weekly_slots)
        start = max(first, previous.day + timedelta(days=7)) if previous else first
        indexes = sessions_to_book(PHASES, number, start, self.today, ahead=ahead)
        if not indexes:
            return None
        ideal = sum((timedelta(days=PHASES[i].gap.ideal_max_days) for i in indexes), delay)
        if previous:  # no gap allows more; so nothing else is looked at
            first = max(first, previous.day + A_DAY)
            ideal = min(ideal, timedelta(days=9 * len(indexes)))
        last = start + ideal
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        free = {day: [cell * GRID for cell in iter_bits(self.days.starts(day))] for day in days}
        prices = self._prices(series, days, len(indexes))
        return PlanRequest(
            PHASES, tuple(range(number, number + len(indexes))), first, last,
            {phase: {HOME: free} for phase in indexes}, preferences=series.preferences,
            home=HOME, previous=previous, rates=self.rates,
            prices={phase: {HOME: prices} for phase in indexes},
        )  # fmt: skip

    def _prices(
        self, series: SimulatedSeries, days: Sequence[date], session_count: int
    ) -> dict[date, DayPrices]:
        if self.rates == FREE_OF_CHARGE:
            return {}
        rate, needed = cap_rate(self.rates, session_count), self._foresee(series, days[-1])
        return {
            day: price_day(
                DEMAND, self.days.starts(day), self.days.counted(day),
                tuple((DEMAND, slot.minute // GRID) for slot in sorted(needed[day])),
                rate, self.rates.displaced,
            )
            for day in days
            if self.days.starts(day)
        }  # fmt: skip

    def _foresee(self, series: SimulatedSeries, last: date) -> dict[date, list[PlanSlot]]:
        """Return the slots that the other running series will need, by day."""
        needed: dict[date, list[PlanSlot]] = defaultdict(list)
        for other in self.active:
            if other is not series:
                coming = [slot for slot in other.weekly_slots if slot.day > self.today]
                for slot in foresee_slots(coming, PHASES[-1].gap, last):
                    needed[slot.day].append(slot)
        return needed


def _find(request: PlanRequest | None) -> Plan | None:
    try:
        return find_plan(request) if request else None
    except PlanInfeasible:
        return None


def main(seeds: Sequence[int] = SEEDS) -> None:
    """Print what both planners come to where 75 and 100 series run."""
    for jam in JAMS:
        for name, rates in (("as it was", FREE_OF_CHARGE), ("with prices", PlanRates())):
            tally = Tally()
            for seed in seeds:
                tally += Simulation(jam, seed, rates).run()
            print(f"{jam.running} series, {name}: {tally}", flush=True)
