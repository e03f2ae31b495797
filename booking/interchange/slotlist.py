"""Slots as JSON. A whole answer is kept while nothing it was made of has changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app

from booking.calendars import availability
from booking.calendars.answer_cache import AnswerCache, days_valid_until, read_days_stamp
from booking.calendars.catalogue import BookableService
from booking.calendars.local_days import LocalDay, iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slot_cache import DayStarts
from booking.calendars.slots import (
    Slot,
    filter_starts_within_window,
    list_bookable_days,
)
from booking.interchange.conditional import hash_content

MAX_RESPONSES = 512  # whole answers kept in a process; a month at two locations is about 100 KB

Question = tuple[str, tuple[str, ...] | None, date, date]


@dataclass(frozen=True, slots=True)
class SlotList:
    """Slots as JSON.

    The ETag is made of the text alone, so that what changed without changing it (another time's hold, a
    version counted up for nothing) is not sent again, and every process says the same.
    """

    text: bytes
    etag: str


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
) -> SlotList:
    """Return the slots of local days [first, last] as a JSON document. Raises `UnknownSlug`."""
    cache: AnswerCache[SlotList] = current_app.extensions.setdefault(
        "slot_answers", AnswerCache(MAX_RESPONSES)
    )
    question = (service, tuple(locations) if locations else None, first, last)
    return cache.find(question, now) or _answer(cache, question, now)


def _answer(cache: AnswerCache[SlotList], question: Question, now: datetime) -> SlotList:
    service, locations, first, last = question
    catalogue = availability.current_catalogue()
    bookable_service = availability.get_service(catalogue, service)
    calendars = [
        availability.get_location(catalogue, slug) for slug in locations or catalogue.locations
    ]
    stamp = read_days_stamp(catalogue, calendars, first, last)
    days = list_bookable_days(catalogue, bookable_service, locations, first, last, now)
    texts = [_day(location, bookable_service, day_starts, now) for location, day_starts in days]
    text = b'{"slots":[' + b",".join(filter(None, texts)) + b"]}"
    result = SlotList(text, hash_content(text))
    cache.store(question, result, stamp, days_valid_until(bookable_service, calendars, days, now))
    return result


def _day(
    location: LocationCalendar, service: BookableService, day_starts: DayStarts, now: datetime
) -> bytes:
    cells = filter_starts_within_window(location, service, day_starts, now)
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
