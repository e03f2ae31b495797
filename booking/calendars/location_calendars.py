"""A location as the calendar sees it: its hours, and what is there on a day before any claim."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from booking.calendars.local_days import LocalDay, in_at_least, iter_runs, resolve_wall_clock
from booking.calendars.overrides import (
    NO_RULES,
    NURSE_SHIFTS,
    PRACTITIONER_SHIFTS,
    CalendarRule,
    Rules,
)
from booking.calendars.reseating import group_alike
from booking.calendars.rules import FreeCells
from booking.locations.rules import ResourceKind

MAX_CLOSED_DAYS = 92  # days in which a place is expected to open again
INTERCHANGEABLE = (ResourceKind.ROOM, ResourceKind.CHAIR)  # nobody was promised one of them
NO_TIME_STATED = timedelta(days=14)  # a place closed for longer says nothing of when it opens

Span = tuple[datetime, datetime]  # [begins, ends) in UTC
STARTS_AT, ENDS_AT = itemgetter(0), itemgetter(1)  # of a Span


def cells_in_spans(day: LocalDay, spans: Iterable[Span]) -> int:
    """Return the cells of `day` that any of these stretches of time touches."""
    cells = 0
    for begins, ends in spans:
        cells |= day.cells_touching(begins, ends)
    return cells


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Local wall-clock hours of one weekday (Monday is 0), while [valid_from, valid_to] holds."""

    weekday: int
    begins: time
    ends: time
    valid_from: date
    valid_to: date | None

    def cells_on(self, day: LocalDay, zone: ZoneInfo) -> int:
        """Return the cells of `day` within these hours; 0 on any other weekday or outside their dates."""
        local = day.local_date
        if local.weekday() != self.weekday or local < self.valid_from:
            return 0
        if self.valid_to is not None and local > self.valid_to:
            return 0
        return day.cells_inside(
            resolve_wall_clock(local, self.begins, zone), resolve_wall_clock(local, self.ends, zone)
        )


@dataclass(frozen=True, slots=True)
class ShiftWorker:
    """A practitioner's or nurse's weekly shifts at one location, and when they are away all the same."""

    resource_id: int | None  # a practitioner's
    seats: int  # chairs a nurse may watch at once
    shifts: tuple[WeeklyHours, ...]
    absences: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()  # by their own calendar elsewhere: in order, none touch

    def busy_cells(self, day: LocalDay) -> int:
        """Return the cells of `day` in which this person's own calendar says busy."""
        first = bisect_right(self.busy, day.starts_at, key=ENDS_AT)
        end = bisect_left(self.busy, day.ends_at, key=STARTS_AT)
        return cells_in_spans(day, self.busy[first:end])

    def cells_on(self, day: LocalDay, zone: ZoneInfo, *, is_called_in: bool = False) -> int:
        """Return the cells of `day` this person is on shift here; called in, all when they aren't away."""
        cells = day.all_cells if is_called_in else 0
        for shift in self.shifts:
            cells |= shift.cells_on(day, zone)
        return cells & ~cells_in_spans(day, self.absences)


class ClosedDays(NamedTuple):
    """Local days, both ends included, on which a closure or holiday keeps a location closed."""

    first_day: date
    last_day: date
    name: str = ""

    def covers(self, local_date: date) -> bool:
        """Tell whether a local day is one of them."""
        return self.first_day <= local_date <= self.last_day


@dataclass(frozen=True, slots=True)
class LocationCalendar:
    """One location: its zone, hours, closures, resources, who works there, and how it is reached."""

    id: int
    slug: str
    name: str
    neutral_name: str
    phone: str
    zone: ZoneInfo
    hours: tuple[WeeklyHours, ...]
    closures: tuple[ClosedDays, ...]
    resources: Mapping[ResourceKind, tuple[int, ...]]
    practitioners: tuple[ShiftWorker, ...]
    nurses: tuple[ShiftWorker, ...]
    resource_ids: tuple[int, ...]
    outages: tuple[Span, ...] = ()  # when the location is closed, whatever its hours
    resource_outages: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    _free_days: dict[tuple[date, Rules], FreeCells] = field(default_factory=dict)

    @property
    def setup_seats(self) -> int:
        """How many seats a nurse who is alone with one patient gives up: all that any nurse has."""
        return max((nurse.seats for nurse in self.nurses), default=1)

    def local_day(self, local_date: date) -> LocalDay:
        """Return the local day as instants."""
        return LocalDay.for_date(local_date, self.zone)

    def free_day(self, local_date: date, exempt: Rules = NO_RULES) -> FreeCells:
        """Return what is there on a day before any claim: hours and shifts minus closures.

        What an appointment that some rules don't bind finds there is more.
        """
        key = (local_date, exempt)
        if key not in self._free_days:
            opened = self.day_if_open(local_date, exempt)
            self._free_days[key] = opened.within(self.open_cells(opened.day, exempt))
        return self._free_days[key]

    def next_opening(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Return when the location is open next, or is open now: instants; None for two weeks of closures."""
        opening = next(self.iter_opening_times(now), None)
        return opening if opening and opening[0] < now + NO_TIME_STATED else None

    def is_open_on(self, local_date: date) -> bool:
        """Tell whether the location opens on a day at all."""
        return bool(self.open_cells(self.local_day(local_date)))

    def iter_opening_times(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the stretches of time [begins, ends) of opening from `now` on, none across midnight."""
        today = now.astimezone(self.zone).date()
        for local_date in (today + timedelta(days=n) for n in range(MAX_CLOSED_DAYS)):
            day = self.local_day(local_date)
            for first, end in iter_runs(self.open_cells(day)):
                if day.cell_start(end) > now:
                    yield max(day.cell_start(first), now), day.cell_start(end)

    def is_closed_on(self, local_date: date) -> bool:
        """Tell whether a closure or holiday keeps the location closed on a local day."""
        return bool(self.closures_on(local_date))

    def closures_on(self, local_date: date) -> list[ClosedDays]:
        """Return the closures and holidays that keep the location closed on a local day."""
        return [closed_days for closed_days in self.closures if closed_days.covers(local_date)]

    def open_cells(self, day: LocalDay, exempt: Rules = NO_RULES) -> int:
        """Return the cells of `day` in which the location is open: its hours, unless it is closed."""
        if CalendarRule.CLOSED not in exempt and self.is_closed_on(day.local_date):
            return 0
        cells = day.all_cells if CalendarRule.HOURS in exempt else self.hours_cells(day)
        return cells if CalendarRule.OUTAGE in exempt else cells & ~self.outage_cells(day)

    def hours_cells(self, day: LocalDay) -> int:
        """Return the cells of `day` within the opening hours, whatever closures there are."""
        cells = 0
        for hours in self.hours:
            cells |= hours.cells_on(day, self.zone)
        return cells

    def outage_cells(self, day: LocalDay) -> int:
        """Return the cells of `day` in which the location is closed for once, whatever its hours."""
        return cells_in_spans(day, self.outages)

    def day_if_open(self, local_date: date, exempt: Rules = NO_RULES) -> FreeCells:
        """Return what would be there on a day, before any claim, if the location were open all day.

        Whose shifts don't bind comes in.
        """
        day = self.local_day(local_date)
        present = [worker.cells_on(day, self.zone) for worker in self.practitioners]
        free = {
            kind: {
                resource_id: day.all_cells
                & ~cells_in_spans(day, self.resource_outages.get(resource_id, ()))
                for resource_id in self.resources.get(kind, ())
            }
            for kind in INTERCHANGEABLE
        }
        alike = {kind: group_alike(free[kind]) for kind in INTERCHANGEABLE}
        is_called_in = bool(exempt & PRACTITIONER_SHIFTS)
        free[ResourceKind.PRACTITIONER] = {
            worker.resource_id: worker.cells_on(day, self.zone, is_called_in=is_called_in)
            for worker in self.practitioners
            if worker.resource_id
        }
        free[ResourceKind.SEAT] = self._seats(day, is_called_in=bool(exempt & NURSE_SHIFTS))
        busy = {
            worker.resource_id: worker.busy_cells(day)
            for worker in self.practitioners
            if worker.resource_id and worker.busy
        }
        return FreeCells(day, free, in_at_least(present, 1), alike, busy=busy)

    def _seats(self, day: LocalDay, *, is_called_in: bool) -> dict[int, int]:
        """The n-th seat of the pool exists while the nurses on shift watch n chairs or more."""
        shares = [
            cells
            for nurse in self.nurses
            for cells in [nurse.cells_on(day, self.zone, is_called_in=is_called_in)] * nurse.seats
        ]
        seats = self.resources.get(ResourceKind.SEAT, ())
        return {seat: in_at_least(shares, share) for share, seat in enumerate(seats, start=1)}
