"""Slots as JSON. A whole answer is kept while nothing it was made of has changed."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app

from booking.calendars import availability
from booking.calendars import queries as calendar_queries
from booking.calendars.catalogue import BookableService
from booking.calendars.local_days import LocalDay, iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slot_cache import DayStarts
from booking.calendars.slots import (
    Slot,
    list_bookable_days,
    starts_within_window,
    window_valid_until,
)
from booking.interchange.conditional import hash_content

MAX_RESPONSES = 512  # whole answers kept in a process; a month at two locations is about 100 KB

Question = tuple[str, tuple[str, ...] | None, date, date]


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """An answer, true while the stamp it was made under is the same and until an instant.

    The ETag is made of the text alone, so that what changed without changing it (another time's hold, a
    version counted up for nothing) is not sent again, and every process says the same.
    """

    text: bytes
    etag: str
    watched_versions: str
    stamp: tuple[int, int]
    until: datetime


@dataclass(slots=True)
class ResponseCache:
    """The answers that a process's threads remember."""

    answers: OrderedDict[Question, CachedResponse] = field(default_factory=OrderedDict)
    changing: Lock = field(default_factory=Lock)

    def store(self, question: Question, response: CachedResponse) -> None:
        """Remember an answer, forgetting the one made longest ago when there are too many."""
        with self.changing:
            self.answers[question] = response
            self.answers.move_to_end(question)
            if len(self.answers) > MAX_RESPONSES:
                self.answers.popitem(last=False)


def slot_to_dict(slot: Slot) -> dict[str, Any]:
    """Return a slot as the API shows it: local times with their own date's offset from UTC."""
    return _entry(
        slot.starts_at,
        slot.service.minutes,
        slot.location.zone,
        slot.location.slug,
        slot.service.slug,
    )


def _entry(
    starts_at: datetime, minutes: int, zone: ZoneInfo, location: str, service: str
) -> dict[str, Any]:
    ends_at = starts_at + timedelta(minutes=minutes)
    return {
        "start": starts_at.astimezone(zone).isoformat(),
        "end": ends_at.astimezone(zone).isoformat(),
        "location": location,
        "service": service,
    }


def render_slots(
    service: str,
    locations: Sequence[str] | None,
    first: date,
    last: date,
    now: datetime,
) -> CachedResponse:
    """Return the slots of local days [first, last] as a JSON document. Raises `UnknownSlug`."""
    memory: ResponseCache = current_app.extensions.setdefault("slot_answers", ResponseCache())
    question = (service, tuple(locations) if locations else None, first, last)
    response = memory.answers.get(question)
    if (
        response is None
        or now >= response.until
        or response.stamp != calendar_queries.read_stamp(response.watched_versions)
    ):
        response = _answer(question, now)
        memory.store(question, response)
    return response


def _answer(question: Question, now: datetime) -> CachedResponse:
    service, locations, first, last = question
    catalogue = availability.current_catalogue()
    bookable_service = availability.find_service(catalogue, service)
    calendars = [
        availability.find_location(catalogue, slug) for slug in locations or catalogue.locations
    ]
    versions = calendar_queries.version_query([location.id for location in calendars], first, last)
    # Before the claims are read, and with the catalogue's version in use: a change in between shows.
    stamp = (catalogue.version, calendar_queries.read_stamp_in_session(versions)[1])
    days = list_bookable_days(catalogue, bookable_service, locations, first, last, now)
    texts = [_day(location, bookable_service, day_starts, now) for location, day_starts in days]
    until = min(
        [
            *(
                window_valid_until(location, bookable_service, day_starts, now)
                for location, day_starts in days
            ),
            *(
                location.local_day(now.astimezone(location.zone).date()).ends_at
                for location in calendars
            ),
        ],
        default=now,
    )
    text = b'{"slots":[' + b",".join(filter(None, texts)) + b"]}"
    return CachedResponse(text, hash_content(text), versions, stamp, until)


def _day(
    location: LocationCalendar, service: BookableService, day_starts: DayStarts, now: datetime
) -> bytes:
    cells = starts_within_window(location, service, day_starts, now)
    return _write(
        day_starts.free.day, cells, service.minutes, location.zone, location.slug, service.slug
    )


@lru_cache(maxsize=4096)
def _write(
    day: LocalDay, cells: int, minutes: int, zone: ZoneInfo, location_slug: str, service: str
) -> bytes:
    """Write one day's slots, joined by commas."""
    entries = [
        _entry(day.cell_start(cell), minutes, zone, location_slug, service)
        for cell in iter_bits(cells)
    ]
    return ",".join(json.dumps(entry, separators=(",", ":")) for entry in entries).encode()
