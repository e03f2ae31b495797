"""Measures of how the clinic runs, by their published definitions (CLINICAL §3): values in, figures out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil

from booking.appointments.rules import DAY_TAKING_OUTCOMES, Outcome, Status

WEEK = timedelta(days=7)
DEFAULT_WEEKS = 12
MAX_PERIOD = timedelta(days=366)
MINUTE = timedelta(minutes=1)
CAME_DUE = (
    Status.BOOKED,
    Status.ARRIVED,
    Status.FULFILLED,
    Status.NOSHOW,
)  # not cancelled, not held


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both ends included."""

    first: date
    last: date

    @property
    def day_count(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def days(self) -> list[date]:
        """Return all its days in order."""
        return [self.first + timedelta(days=n) for n in range(self.day_count)]

    def has(self, day: date) -> bool:
        """Tell whether a day lies in it."""
        return self.first <= day <= self.last

    def weeks(self) -> list["Period"]:
        """Return its weeks in order, Monday to Sunday; the first and the last may be parts."""
        mondays = range(0, self.day_count + self.first.weekday(), 7)
        begins = [monday_of(self.first) + timedelta(days=n) for n in mondays]
        return [
            Period(max(day, self.first), min(day + WEEK - timedelta(days=1), self.last))
            for day in begins
        ]


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def compute_default_period(today: date) -> Period:
    """Return the last twelve weeks that are over, Monday to Sunday."""
    monday = monday_of(today)
    return Period(monday - DEFAULT_WEEKS * WEEK, monday - timedelta(days=1))


class Unit(StrEnum):
    """What a figure's value is in."""

    SHARE = "share"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value: a share `part` of `whole`, or days, measured on `whole` cases; None of nothing."""

    value: float | None
    unit: Unit
    whole: float
    part: float | None = None

    @classmethod
    def share_of(cls, part: float, whole: float) -> "Figure":
        """Return `part` of `whole`; no value where there is no whole."""
        return cls(part / whole if whole else None, Unit.SHARE, whole, part)

    @classmethod
    def days_of(cls, values: Sequence[float], share: float) -> "Figure":
        """Return in how many days that share of all cases was over (`find_quantile`)."""
        return cls(find_quantile(values, share), Unit.DAYS, len(values))


def find_quantile(values: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least `share` of all do not exceed (nearest rank); None of none."""
    if not values:
        return None
    return sorted(values)[max(ceil(share * len(values) - 1e-9), 1) - 1]


@dataclass(frozen=True, slots=True)
class AppointmentRecord:
    """What measures need of an appointment; instants in UTC, the date local."""

    location_id: int
    is_infusion: bool
    status: Status
    outcome: Outcome | None
    local_date: date
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime | None
    placed_at: datetime | None  # booked or moved to its time, whichever was last
    ended_at: datetime | None


def measure_no_shows(records: Iterable[AppointmentRecord], now: datetime) -> Figure:
    """Return the share of no-shows among the appointments that came due: booked, and not cancelled."""
    due = [record for record in records if record.status in CAME_DUE and record.starts_at <= now]
    missed = sum(record.status is Status.NOSHOW for record in due)
    return Figure.share_of(missed, len(due))


def measure_no_shows_of_slots(
    records: Iterable[AppointmentRecord], slots: float, now: datetime
) -> Figure:
    """Return no-shows as a share of all slots there were, used or not (IHI)."""
    missed = measure_no_shows(records, now).part or 0
    return Figure.share_of(missed, slots)


def sum_scheduled_minutes(records: Iterable[AppointmentRecord]) -> float:
    """Return for how many minutes chairs were scheduled: all infusions that were not cancelled."""
    return sum(
        (record.ends_at - record.starts_at) / MINUTE
        for record in records
        if record.is_infusion and record.status in CAME_DUE
    )


def sum_used_minutes(records: Iterable[AppointmentRecord]) -> float:
    """Return for how many minutes patients were treated: to the end, or until it was stopped."""
    return sum(
        max((min(record.ends_at, record.ended_at) - record.starts_at) / MINUTE, 0)
        for record in records
        if record.is_infusion and record.outcome in DAY_TAKING_OUTCOMES and record.ended_at
    )


def list_lead_days(records: Iterable[AppointmentRecord]) -> list[float]:
    """Return how many days each appointment that came due was booked ahead of its start."""
    return [
        max((record.starts_at - record.booked_at) / timedelta(days=1), 0.0)
        for record in records
        if record.status in CAME_DUE and record.booked_at is not None
    ]


def measure_refills(records: Iterable[AppointmentRecord]) -> Figure:
    """Return the share of cancelled times that were booked again.

    An appointment fills one cancelled time at most: of the same kind and at the same location, cancelled
    before it was booked or moved there, and overlapping at least half of it; of several the one cancelled
    first.
    """
    by_day: dict[tuple[int, bool, date], list[AppointmentRecord]] = {}
    for record in records:
        key = (record.location_id, record.is_infusion, record.local_date)
        by_day.setdefault(key, []).append(record)
    figures = [_refills_of_day(of_day) for of_day in by_day.values()]
    return Figure.share_of(sum(filled for filled, _ in figures), sum(count for _, count in figures))


def _refills_of_day(records: Sequence[AppointmentRecord]) -> tuple[int, int]:
    """Return how many cancelled times of one day, kind and location were filled, and how many there were."""
    gaps = [(r.ended_at, r) for r in records if r.status is Status.CANCELLED and r.ended_at]
    gaps = [(at, record) for at, record in gaps if at < record.starts_at]
    open_gaps = sorted(gaps, key=lambda gap: gap[0])
    placed = [(record.placed_at, record) for record in records if record.placed_at]
    for placed_at, record in sorted(placed, key=lambda each: each[0]):
        fitting = (gap for gap in open_gaps if gap[0] <= placed_at and _covers_half(record, gap[1]))
        if (gap := next(fitting, None)) is not None:
            open_gaps.remove(gap)
    return len(gaps) - len(open_gaps), len(gaps)


def _covers_half(record: AppointmentRecord, gap: AppointmentRecord) -> bool:
    overlap = min(record.ends_at, gap.ends_at) - max(record.starts_at, gap.starts_at)
    return record is not gap and 2 * overlap >= gap.ends_at - gap.starts_at
