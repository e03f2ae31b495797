"""What a process remembers of free times: made once, right while the versions it was made of hold."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock

from flask import current_app, g

from booking.calendars.catalogue import Catalogue
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.rules import FreeCells, ResourceDemand

PAGE_CATALOGUE = "page_catalogue"  # where a request keeps it, while its page is made
CACHED_DAYS = 4096  # answers kept per process; a day's is about 300 bytes


@dataclass(frozen=True, slots=True)
class DayStarts:
    """The cells of one day at which an appointment may start, while its versions hold, till `valid_until`."""

    free: FreeCells
    starts: int
    version: tuple[int, int]  # of the catalogue, of the day
    valid_until: datetime | None  # when the first hold on this day expires


@dataclass(slots=True)
class SlotCache:
    """What a process's threads remember; each answer is checked against versions read at each request."""

    catalogue: Catalogue | None = None
    days: OrderedDict[tuple[int, date, ResourceDemand], DayStarts] = field(
        default_factory=OrderedDict
    )
    changing: Lock = field(default_factory=Lock)

    def store(self, key: tuple[int, date, ResourceDemand], day_starts: DayStarts) -> None:
        """Remember an answer, forgetting the one made longest ago when there are too many."""
        with self.changing:
            self.days[key] = day_starts
            self.days.move_to_end(key)
            if len(self.days) > CACHED_DAYS:
                self.days.popitem(last=False)

    def reset(self, catalogue: Catalogue) -> None:
        """Forget what was made of an older catalogue."""
        with self.changing:
            self.catalogue = catalogue
            self.days.clear()

    def is_current(self, location: LocationCalendar, version: int) -> bool:
        """Tell whether `location` is of this version; another thread may have replaced it meanwhile."""
        catalogue = self.catalogue
        return (
            catalogue is not None
            and catalogue.version == version
            and catalogue.locations_by_id.get(location.id) is location
        )


def get_slot_cache() -> SlotCache:
    """Return this process's cache of catalogue and free starts."""
    cache: SlotCache = current_app.extensions.setdefault("slot_memory", SlotCache())
    return cache


def freeze_catalogue() -> None:
    """From here to `unfreeze_catalogue` the catalogue stays the same, outside of transactions."""
    setattr(g, PAGE_CATALOGUE, None)


def unfreeze_catalogue() -> None:
    """Read the catalogue's version each time again."""
    g.pop(PAGE_CATALOGUE, None)


def find_page_catalogue() -> Catalogue | None:
    """Return the catalogue that this page was begun with; None before it was read, or without a page."""
    catalogue: Catalogue | None = g.get(PAGE_CATALOGUE)
    return catalogue


def keep_page_catalogue(catalogue: Catalogue) -> None:
    """Keep the catalogue to the end of the page, if one is made."""
    if PAGE_CATALOGUE in g:
        setattr(g, PAGE_CATALOGUE, catalogue)
