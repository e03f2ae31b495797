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
from booking.calendars.availability import Slot
from booking.calendars.catalogue import BookableService
from booking.calendars.local_days import LocalDay, iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slot_cache import DayStarts

KEPT = 512  # whole answers kept in a process; a month at two locations is about 100 KB

Question = tuple[str, tuple[str, ...] | None, date, date]


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """An answer, true while the stamp it was made under is the same and until an instant."""

    text: bytes
    watched: str
    stamp: tuple[int, int]
    until: datetime


@dataclass(slots=True)
class ResponseCache:
    """The answers that a process's threads remember."""

    answers: OrderedDict[Question, CachedResponse] = field(default_factory=OrderedDict)
    changing: Lock = field(default_factory=Lock)

    def store(self, question: Question, answer: CachedResponse) -> None:
        """Remember an answer, forgetting the one made longest ago when there are too many."""
        with self.changing:
            self.answers[question] = answer
            self.answers.move_to_end(question)
            if len(self.answers) > KEPT:
                self.answers.popitem(last=False)


def slot_to_dict(slot: Slot) -> dict[str, Any]:
    """Return a slot as the API shows it: local times with their own date's offset from UTC."""
    return _entry(
        slot.starts_at,
        slot.offer.minutes,
        slot.place.zone,
        slot.place.slug,
        slot.offer.slug,
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
) -> bytes:
    """Return the slots of local days [first, last] as a JSON document. Raises `UnknownSlug`."""
    memory: ResponseCache = current_app.extensions.setdefault("slot_answers", ResponseCache())
    question = (service, tuple(locations) if locations else None, first, last)
    kept = memory.answers.get(question)
    if kept is None or now >= kept.until or kept.stamp != calendar_queries.read_stamp(kept.watched):
        kept = _answer(question, now)
        memory.store(question, kept)
    return kept.text


def _answer(question: Question, now: datetime) -> CachedResponse:
    service, locations, first, last = question
    known = availability.current_catalogue()
    offer = availability.find_service(known, service)
    places = [availability.find_location(known, slug) for slug in locations or known.locations]
    watched = calendar_queries.version_query([place.id for place in places], first, last)
    # Before the claims are read, and with the catalogue's version in use: a change in between shows.
    stamp = (known.version, calendar_queries.read_stamp_in_session(watched)[1])
    days = availability.list_bookable_days(known, offer, locations, first, last, now)
    texts = [_day(place, offer, answer, now) for place, answer in days]
    until = min(
        [
            *(availability.window_valid_until(place, offer, answer, now) for place, answer in days),
            *(place.local_day(now.astimezone(place.zone).date()).ends_at for place in places),
        ],
        default=now,
    )
    return CachedResponse(
        b'{"slots":[' + b",".join(filter(None, texts)) + b"]}", watched, stamp, until
    )


def _day(
    place: LocationCalendar, offer: BookableService, answer: DayStarts, now: datetime
) -> bytes:
    shown = availability.starts_within_window(place, offer, answer, now)
    return _write(answer.free.day, shown, offer.minutes, place.zone, place.slug, offer.slug)


@lru_cache(maxsize=4096)
def _write(
    day: LocalDay, shown: int, minutes: int, zone: ZoneInfo, place: str, service: str
) -> bytes:
    """Write one day's slots, joined by commas."""
    entries = [
        _entry(day.cell_start(cell), minutes, zone, place, service) for cell in iter_bits(shown)
    ]
    return ",".join(json.dumps(entry, separators=(",", ":")) for entry in entries).encode()
