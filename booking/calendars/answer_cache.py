"""Whole answers made of free times, kept in a process while nothing they were made of has changed."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from booking.calendars.catalogue import BookableService, Catalogue
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.queries import read_stamp, read_stamp_in_session, version_query
from booking.calendars.slot_cache import DayStarts
from booking.calendars.slots import compute_booking_window, window_valid_until

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an answer was made of: equal only while nothing changed on the days it is about."""

    question: str
    versions: tuple[int, int]

    def is_current(self) -> bool:
        """Tell whether nothing has changed; for whoever has no session open (`read_stamp`)."""
        return self.versions == read_stamp(self.question)


def read_days_stamp(
    catalogue: Catalogue, calendars: Sequence[LocationCalendar], first: date, last: date
) -> Stamp:
    """Return the stamp of local days [first, last], read before what is on them is."""
    question = version_query([calendar.id for calendar in calendars], first, last)
    return Stamp(question, (catalogue.version, read_stamp_in_session(question)[1]))


def days_valid_until(
    service: BookableService,
    calendars: Sequence[LocationCalendar],
    days: Sequence[tuple[LocationCalendar, DayStarts]],
    now: datetime,
) -> datetime:
    """Return when time alone changes what can be booked on these days, or which of them are within reach."""
    notice = timedelta(minutes=service.notice)
    first_days = [
        calendar.local_day(compute_booking_window(calendar, service, now).first_day(calendar.zone))
        for calendar in calendars
    ]
    return min(
        [
            *(window_valid_until(calendar, service, starts, now) for calendar, starts in days),
            *(day.ends_at - notice for day in first_days),
            *(calendar.local_day(_today(calendar, now)).ends_at for calendar in calendars),
        ],
        default=now,
    )


def _today(calendar: LocationCalendar, now: datetime) -> date:
    return now.astimezone(calendar.zone).date()


@dataclass(slots=True)
class AnswerCache(Generic[Content]):
    """The answers that a process's threads remember, by question; at most so many."""

    capacity: int
    answers: OrderedDict[Hashable, tuple[Content, Stamp, datetime]] = field(
        default_factory=OrderedDict
    )
    changing: Lock = field(default_factory=Lock)

    def find(self, question: Hashable, now: datetime) -> Content | None:
        """Return the answer to a question if it is still true; None otherwise."""
        content, stamp, until = self.answers.get(question, (None, None, now))
        return content if stamp is not None and now < until and stamp.is_current() else None

    def store(self, question: Hashable, content: Content, stamp: Stamp, until: datetime) -> None:
        """Remember an answer, forgetting the one made longest ago when there are too many."""
        with self.changing:
            self.answers[question] = content, stamp, until
            self.answers.move_to_end(question)
            if len(self.answers) > self.capacity:
                self.answers.popitem(last=False)
