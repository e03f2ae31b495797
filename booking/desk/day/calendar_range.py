"""Which days at which locations a calendar shows, as its address says, and the version of what is on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from booking.appointments.calendar_entries import read_entries_stamp
from booking.calendars.location_calendars import LocationCalendar
from booking.web.formats import first_weekday

ALL = "all"  # in an address, in place of a location's slug


class Span(StrEnum):
    """How many days a calendar shows."""

    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class CalendarVersion:
    """The catalogue's version, what `read_entries_stamp` says of the days, and the minute."""

    catalogue: int
    entries: tuple[int, ...]
    minute: str

    def __str__(self) -> str:
        """Return it as an ETag has it."""
        return "-".join(map(str, (self.catalogue, *self.entries, self.minute)))


@dataclass(frozen=True, slots=True)
class CalendarRange:
    """Local days [first, last] at some locations."""

    locations: Sequence[LocationCalendar]
    first: date
    last: date

    @classmethod
    def of(cls, locations: Sequence[LocationCalendar], day: date, span: Span) -> "CalendarRange":
        """Return the day, or the week it is in, which begins as the reader's weeks do."""
        if span is Span.DAY:
            return cls(locations, day, day)
        first = day - timedelta(days=(day.weekday() - first_weekday()) % 7)
        return cls(locations, first, first + timedelta(days=6))

    @property
    def days(self) -> Sequence[date]:
        """Each of its days."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def location_ids(self) -> Sequence[int]:
        """The ids of its locations."""
        return [location.id for location in self.locations]

    def read_version(self, now: datetime) -> CalendarVersion:
        """Return what changes with whatever is shown: read before it, and with each minute that goes by."""
        catalogue, *entries = read_entries_stamp(self.location_ids, self.first, self.last)
        return CalendarVersion(catalogue, tuple(entries), f"{now:%H%M}")
