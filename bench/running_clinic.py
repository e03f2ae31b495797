"""A clinic in which series run, for `capacity.py`: its days, its patients, and what is measured.

One location like the demo's: chairs, nurses who are alone with a patient for 15 minutes and then watch up to
four, starts each quarter of an hour. Series begin twice a week and go on weekly; how long, the draw knows.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, time
from random import Random
from statistics import mean, median, quantiles

from booking.calendars.counted_cells import CountedCells
from booking.calendars.rules import ResourceDemand, infusion_needs
from booking.locations.rules import ResourceKind
from booking.series.planning.requests import PlanSlot
from booking.series.preferences import Preferences, TimeWindow
from booking.series.rules import GRID, Gap, Phase

HOME, MONDAY = "home", date(2026, 11, 30)
CHAIRS, NURSES, SEATS = 4, 2, 4
OPENS, CLOSES_SATURDAY = 8 * 60, 13 * 60  # minutes
PHASES = (
    Phase("First weeks", 6, Gap(2, 3, 4, 5), 15, 45, 30),
    Phase("Ongoing", None, Gap(5, 7, 7, 9), 15, 45, 30),
)
DEMAND = ResourceDemand(infusion_needs(15, 45, 30, SEATS), 90, 15, prescriber=True)
STOP_EARLY, LEAST_WEEKLY, MEAN_WEEKLY = (
    0.2,
    1,
    20,
)  # share of patients; weekly sessions of the others
MEAN_WEEKS = (1 - STOP_EARLY) * (3 + LEAST_WEEKLY + MEAN_WEEKLY - 0.5) + STOP_EARLY * 1.5
HALF_DAYS = (
    TimeWindow(latest=time(11, 59)),
    TimeWindow(earliest=time(12)),
    TimeWindow(),
)  # rather had
SHARES = (0.3, 0.3, 0.4)


QUARTERS = sum(1 << cell for cell in range(0, 24 * 60 // GRID, 15 // GRID))


def an_empty_day(day: date, closes: int) -> CountedCells:
    """Return what is there before anybody is booked on a day that ends at a minute; nothing on Sundays."""
    closes = {5: CLOSES_SATURDAY, 6: OPENS}.get(day.weekday(), closes)
    cells = (1 << closes // GRID) - (1 << OPENS // GRID)
    return CountedCells(
        (
            (ResourceKind.CHAIR, (cells,) * CHAIRS),
            (ResourceKind.SEAT, (cells,) * (NURSES * SEATS)),
        )
    )


@dataclass(slots=True)
class SimulatedSeries:
    """A patient's series: when it was prescribed, after how many sessions it ends, where they are."""

    prescribed: date
    length: int
    preferences: Preferences
    slots: list[PlanSlot] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)

    @property
    def weekly_slots(self) -> list[PlanSlot]:
        """Where the sessions of its open-ended phase are."""
        return self.slots[PHASES[0].sessions :]


def draw_series(random: Random, today: date) -> SimulatedSeries:
    """Return a series that is prescribed today."""
    length = 6 + LEAST_WEEKLY + int(random.expovariate(1 / MEAN_WEEKLY))
    if random.random() < STOP_EARLY:
        length = random.randint(1, 6)
    rather = random.choices(HALF_DAYS, SHARES)[0]
    return SimulatedSeries(today, length, Preferences(rather=rather))


@dataclass(slots=True)
class Tally:
    """What was measured: days until first sessions, failures at booking ahead, and series-days."""

    waits: list[int] = field(default_factory=list)
    gap_days: list[int] = field(default_factory=list)
    failures: int = 0
    series_days: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(
            self.waits + other.waits,
            self.gap_days + other.gap_days,
            self.failures + other.failures,
            self.series_days + other.series_days,
        )

    def __str__(self) -> str:
        wait = f"{median(self.waits):.0f} days to the first session at the median, "
        wait += f"{mean(self.waits):.1f} on average, {quantiles(self.waits, n=10)[-1]:.0f} at p90"
        weeks = self.series_days / 7
        return (
            f"{len(self.waits)} series begin; {wait}; "
            f"{100 * self.failures / weeks:.1f} top-ups fail in 100 series-weeks; "
            f"{mean(self.gap_days):.1f} days off ideal gaps a plan"
        )


class ClinicDays:
    """The clinic's days: what is booked, free and possible on each."""

    def __init__(self, closes: int) -> None:
        self._closes = closes
        self._booked: dict[date, list[int]] = defaultdict(list)
        self._counted: dict[date, CountedCells] = {}
        self._starts: dict[date, int] = {}

    def counted(self, day: date) -> CountedCells:
        """Return what is free on a day."""
        if day not in self._counted:
            cells = an_empty_day(day, self._closes)
            for minute in self._booked[day]:
                cells = cells.without(DEMAND, minute // GRID)
            self._counted[day] = cells
        return self._counted[day]

    def starts(self, day: date) -> int:
        """Return the cells of a day at which a session can start."""
        if day not in self._starts:
            self._starts[day] = self.counted(day).compute_start_cells(DEMAND, QUARTERS)
        return self._starts[day]

    def book(self, slot: PlanSlot) -> None:
        """Take a slot that is free."""
        self._booked[slot.day].append(slot.minute)
        self._forget(slot.day)

    def release(self, slot: PlanSlot) -> None:
        """Give a slot up that was booked."""
        self._booked[slot.day].remove(slot.minute)
        self._forget(slot.day)

    def _forget(self, day: date) -> None:
        self._counted.pop(day, None)
        self._starts.pop(day, None)
