"""Slots the slow, obvious way: every start, every moment, every resource, in plain date arithmetic."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

FIVE = timedelta(minutes=5)


@cache
def first_shown(at: time, day: date, zone: ZoneInfo) -> datetime:
    """Return the moment of a day at which its clock first shows `at` or later: by looking at it."""
    moment = datetime.combine(day, time(), zone).astimezone(UTC)
    while moment.astimezone(zone).date() == day and moment.astimezone(zone).time() < at:
        moment += FIVE
    return moment


@dataclass(frozen=True)
class Hours:
    """Local wall-clock hours on one day of the week."""

    weekday: int
    begins: time
    ends: time

    def cover(self, moment: datetime, zone: ZoneInfo) -> bool:
        """They begin, and end, when the local clock first shows their time or a later one."""
        day = moment.astimezone(zone).date()
        begins, ends = (first_shown(at, day, zone) for at in (self.begins, self.ends))
        return day.weekday() == self.weekday and begins <= moment < ends


@dataclass(frozen=True)
class Appointment:
    """An infusion that is booked: which chair, and when."""

    chair: int
    starts_at: datetime
    setup: int
    total: int

    def covers(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.starts_at + timedelta(minutes=self.total)

    def is_set_up_at(self, moment: datetime) -> bool:
        return self.starts_at <= moment < self.starts_at + timedelta(minutes=self.setup)


@dataclass(frozen=True)
class Outage:
    """Time in which something isn't there; `what` is "place", or a kind and a number: ("chair", 0)."""

    what: str | tuple[str, int]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class ReferenceClinic:
    """A clinic with chairs, nurses who each watch `watches` chairs, and prescribers."""

    zone: ZoneInfo
    hours: list[Hours]
    closed: list[date]
    chairs: int
    watches: int
    nurses: list[list[Hours]]
    prescribers: list[list[Hours]]
    outages: list[Outage]

    def is_out(self, what: str | tuple[str, int], moment: datetime) -> bool:
        """A stretch of five minutes is lost when any of it is."""
        return any(
            outage.what == what and outage.starts_at < moment + FIVE and moment < outage.ends_at
            for outage in self.outages
        )

    def _count(self, kind: str, people: list[list[Hours]], moment: datetime) -> int:
        return sum(
            any(hours.cover(moment, self.zone) for hours in person)
            and not self.is_out((kind, number), moment)
            for number, person in enumerate(people)
        )

    def is_open(self, moment: datetime) -> bool:
        local_day = moment.astimezone(self.zone).date()
        is_within = any(h.cover(moment, self.zone) for h in self.hours)
        return local_day not in self.closed and is_within and not self.is_out("place", moment)

    def seats(self, moment: datetime) -> int:
        return self.watches * self._count("nurse", self.nurses, moment)

    def has_prescriber(self, moment: datetime) -> bool:
        return self._count("prescriber", self.prescribers, moment) > 0

    def infusion_starts(
        self, day: date, step: int, setup: int, total: int, appointments: list[Appointment]
    ) -> list[datetime]:
        """Return every start on the wall clock's grid at which an infusion could begin."""
        found, start = [], datetime.combine(day, time(), self.zone).astimezone(UTC)
        while (local := start.astimezone(self.zone)).date() == day:
            on_the_grid = (local.hour * 60 + local.minute) % step == 0
            if on_the_grid and self._fits(Appointment(-1, start, setup, total), appointments):
                found.append(start)
            start += FIVE
        return found

    def _fits(self, appointment: Appointment, appointments: list[Appointment]) -> bool:
        moments = [appointment.starts_at + n * FIVE for n in range(appointment.total // 5)]
        return all(self._moment_fits(appointment, m, appointments) for m in moments) and any(
            all(self._has_chair(chairs, moment, appointments) for moment in moments)
            for chairs in self._chairs_alike()
        )

    def _chairs_alike(self) -> list[list[int]]:
        """Chairs are interchangeable while the same times are lost of them."""
        outages = {
            chair: frozenset(
                (o.starts_at, o.ends_at) for o in self.outages if o.what == ("chair", chair)
            )
            for chair in range(self.chairs)
        }
        return [
            [chair for chair in outages if outages[chair] == lost] for lost in set(outages.values())
        ]

    def _has_chair(
        self, chairs: list[int], moment: datetime, appointments: list[Appointment]
    ) -> bool:
        return any(
            not self.is_out(("chair", chair), moment)
            and not any(each.chair == chair and each.covers(moment) for each in appointments)
            for chair in chairs
        )

    def _moment_fits(
        self, wanted: Appointment, moment: datetime, appointments: list[Appointment]
    ) -> bool:
        if not self.is_open(moment) or not self.has_prescriber(moment):
            return False
        load = sum(
            self.watches if appointment.is_set_up_at(moment) else 1
            for appointment in [*appointments, wanted]
            if appointment.covers(moment)
        )
        return load <= self.seats(moment)
