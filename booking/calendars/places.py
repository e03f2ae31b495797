"""A location as the calendar sees it: its hours, and what is there on a day before any claim."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.calendars.days import Day, at_least, stretches, wall_clock
from booking.calendars.rules import FreeDay
from booking.locations.rules import ResourceKind

LOOKED_AHEAD = 92  # days in which a place is expected to open again
NO_TIME_STATED = timedelta(days=14)  # a place closed for longer says nothing of when it opens


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Local wall-clock hours of one weekday (Monday is 0), while [valid_from, valid_to] holds."""

    weekday: int
    begins: time
    ends: time
    valid_from: date
    valid_to: date | None

    def on(self, day: Day, zone: ZoneInfo) -> int:
        """Return the cells of `day` within these hours; 0 on any other weekday or outside their dates."""
        local = day.local_date
        if local.weekday() != self.weekday or local < self.valid_from:
            return 0
        if self.valid_to is not None and local > self.valid_to:
            return 0
        return day.inside(wall_clock(local, self.begins, zone), wall_clock(local, self.ends, zone))


@dataclass(frozen=True, slots=True)
class Worker:
    """A practitioner's or nurse's weekly shifts at one location."""

    resource_id: int | None  # a practitioner's
    watches: int  # chairs a nurse may watch at once
    shifts: tuple[WeeklyHours, ...]

    def on(self, day: Day, zone: ZoneInfo) -> int:
        """Return the cells of `day` this person is on shift here."""
        cells = 0
        for shift in self.shifts:
            cells |= shift.on(day, zone)
        return cells


@dataclass(frozen=True, slots=True)
class Place:
    """One location: its zone, hours, closures, resources, and who works there."""

    id: int
    slug: str
    name: str
    zone: ZoneInfo
    hours: tuple[WeeklyHours, ...]
    closures: tuple[tuple[date, date], ...]
    resources: Mapping[ResourceKind, tuple[int, ...]]
    practitioners: tuple[Worker, ...]
    nurses: tuple[Worker, ...]
    resource_ids: tuple[int, ...]
    _open_days: dict[date, FreeDay] = field(default_factory=dict)

    @property
    def seats_for_setup(self) -> int:
        """How many seats a nurse who is alone with one patient gives up: all that any nurse has."""
        return max((nurse.watches for nurse in self.nurses), default=1)

    def day(self, local_date: date) -> Day:
        """Return the local day as instants."""
        return Day.of(local_date, self.zone)

    def open_day(self, local_date: date) -> FreeDay:
        """Return what is there on a day before any claim: hours and shifts minus closures."""
        if local_date not in self._open_days:
            self._open_days[local_date] = self._reckon_open_day(local_date)
        return self._open_days[local_date]

    def next_open(self, now: datetime) -> tuple[datetime, datetime] | None:
        """Return when the location is open next, or is open now: instants; None for two weeks of closures."""
        stretch = next(self.open_from(now), None)
        return stretch if stretch and stretch[0] < now + NO_TIME_STATED else None

    def is_open(self, local_date: date) -> bool:
        """Tell whether the location opens on a day at all."""
        return bool(self.opened(self.day(local_date)))

    def open_from(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the stretches of time [begins, ends) of opening from `now` on, none across midnight."""
        today = now.astimezone(self.zone).date()
        for local_date in (today + timedelta(days=n) for n in range(LOOKED_AHEAD)):
            day = self.day(local_date)
            for first, end in stretches(self.opened(day)):
                if day.instant(end) > now:
                    yield max(day.instant(first), now), day.instant(end)

    def is_closed(self, local_date: date) -> bool:
        """Tell whether a closure or holiday keeps the location closed on a local day."""
        return any(first <= local_date <= last for first, last in self.closures)

    def opened(self, day: Day) -> int:
        """Return the cells of `day` in which the location is open: its hours, unless it is closed."""
        if self.is_closed(day.local_date):
            return 0
        opened = 0
        for hours in self.hours:
            opened |= hours.on(day, self.zone)
        return opened

    def _reckon_open_day(self, local_date: date) -> FreeDay:
        day = self.day(local_date)
        opened = self.opened(day)
        present = {worker: worker.on(day, self.zone) & opened for worker in self.practitioners}
        free = {
            kind: dict.fromkeys(self.resources.get(kind, ()), opened)
            for kind in (ResourceKind.ROOM, ResourceKind.CHAIR)
        }
        free[ResourceKind.PRACTITIONER] = {
            worker.resource_id: cells for worker, cells in present.items() if worker.resource_id
        }
        free[ResourceKind.SEAT] = self._seats(day, opened)
        return FreeDay(day, free, at_least(present.values(), 1))

    def _seats(self, day: Day, opened: int) -> dict[int, int]:
        """The n-th seat of the pool exists while the nurses on shift watch n chairs or more."""
        shares = [
            cells
            for nurse in self.nurses
            for cells in [nurse.on(day, self.zone) & opened] * nurse.watches
        ]
        seats = self.resources.get(ResourceKind.SEAT, ())
        return {seat: at_least(shares, place) for place, seat in enumerate(seats, start=1)}
