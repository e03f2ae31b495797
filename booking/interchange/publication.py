"""What anybody may learn of free times, as files of SMART Scheduling Links (HL7's `$bulk-publish`).

Made as a whole and kept in a process while nothing it was made of has changed: whoever fetches it, and
however often, the days are read again only after a change.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import current_app

from booking.calendars import availability
from booking.calendars.answer_cache import AnswerCache, days_valid_until, read_days_stamp
from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import LocalDay, iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slots import filter_starts_within_window, list_bookable_days
from booking.interchange.conditional import hash_content
from booking.interchange.fhir.resources import (
    SlotSchedule,
    describe_slots,
    iter_schedules,
    list_online_services,
    location_to_fhir,
    public_url,
    schedule_to_fhir,
    slot_to_fhir,
)
from booking.interchange.schemas import MAX_SLOT_DAYS
from booking.locations import operations as locations
from booking.locations.models import Location

AHEAD = timedelta(days=MAX_SLOT_DAYS - 1)


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of one kind of resource, a line each; of slots, in which states they are."""

    kind: str
    text: bytes
    etag: str
    states: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Publication:
    """All files by name, as they were true when they were made, and until something changes."""

    files: Mapping[str, PublishedFile]
    made_at: datetime

    @property
    def etag(self) -> str:
        """The same while no file changes."""
        return hash_content("".join(file.etag for file in self.files.values()).encode())


def get_publication(now: datetime) -> Publication:
    """Return the files as they are now: those kept, while they are true."""
    cache: AnswerCache[Publication] = current_app.extensions.setdefault(
        "publication", AnswerCache(1)
    )
    return cache.find(public_url(), now) or _publish(cache, now)


def _publish(cache: AnswerCache[Publication], now: datetime) -> Publication:
    catalogue = availability.current_catalogue()
    calendars = list(catalogue.locations.values())
    today = now.astimezone(UTC).date()
    first, last = today - timedelta(days=1), today + AHEAD  # somewhere it is still yesterday
    stamp = read_days_stamp(catalogue, calendars, first, last)
    files = _list_places(catalogue)
    until = now + AHEAD
    for service in list_online_services(catalogue):
        days = list_bookable_days(catalogue, service, None, first, last, now)
        until = min(until, days_valid_until(service, calendars, days, now))
    for location in locations.list_active_locations():
        calendar = catalogue.locations[location.slug]
        lines = _list_slots(catalogue, calendar, first, last, now)
        files[f"slots-{location.slug}"] = _make_file("Slot", lines, list_states([location]))
    publication = Publication(files, now)
    cache.store(public_url(), publication, stamp, until)
    return publication


def _list_places(catalogue: Catalogue) -> dict[str, PublishedFile]:
    """Return the files of what changes rarely."""
    places = [location_to_fhir(location) for location in locations.list_active_locations()]
    schedules = [schedule_to_fhir(*schedule) for schedule in iter_schedules(catalogue)]
    return {
        "locations": _make_file("Location", map(_write_line, places)),
        "schedules": _make_file("Schedule", map(_write_line, schedules)),
    }


def list_states(places: Iterable[Location]) -> list[str]:
    """Return the states that places are in, as their addresses say."""
    states = {location_to_fhir(each)["address"].get("state") for each in places}
    return sorted(state for state in states if state)


def _make_file(kind: str, lines: Iterable[str], states: Sequence[str] = ()) -> PublishedFile:
    text = "".join(lines).encode()
    return PublishedFile(kind, text, hash_content(text), states)


def _write_line(resource: Mapping[str, Any]) -> str:
    return json.dumps(resource, separators=(",", ":"), ensure_ascii=False) + "\n"


def _list_slots(
    catalogue: Catalogue, location: LocationCalendar, first: date, last: date, now: datetime
) -> list[str]:
    """Return a location's free slots, a text for each day and service."""
    return [
        _write_day(
            day_starts.free.day,
            filter_starts_within_window(location, service, day_starts, now),
            describe_slots(location, service),
        )
        for service in list_online_services(catalogue)
        for _, day_starts in list_bookable_days(
            catalogue, service, [location.slug], first, last, now
        )
    ]


@lru_cache(maxsize=1024)
def _write_day(day: LocalDay, cells: int, schedule: SlotSchedule) -> str:
    """Write one day's slots: most days are as they were when something changed on another."""
    slots = (slot_to_fhir(schedule, day.cell_start(cell)) for cell in iter_bits(cells))
    return "".join(map(_write_line, slots))
