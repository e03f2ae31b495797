"""What is offered: starts by day, kept in memory while the versions they were made of hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.calendars.catalogue import BookableService, Catalogue, read_catalogue
from booking.calendars.local_days import CELL, iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.models import CatalogueVersion as CatalogueRow
from booking.calendars.queries import CurrentClaims, read_claims_by_day, read_versions
from booking.calendars.rules import ResourceDemand, find_starts
from booking.calendars.slot_cache import DayStarts, slot_cache
from booking.db.statements import upsert
from booking.db.transactions import transaction
from booking.extensions import db

PAGE = "catalogue_of_page"  # where a session keeps it while a page is made
VERSION = select(CatalogueRow.version)


class UnknownSlug(LookupError):
    """No active location or service has this slug. `kind` says which of the two."""

    def __init__(self, kind: str, slug: str) -> None:
        super().__init__(f"no {kind} {slug!r}")
        self.kind, self.slug = kind, slug


@dataclass(frozen=True, slots=True)
class Slot:
    """A start at which a service could be booked at a location; instants in UTC."""

    starts_at: datetime
    ends_at: datetime
    place: LocationCalendar
    offer: BookableService

    @property
    def local_start(self) -> datetime:
        """The start in the location's zone."""
        return self.starts_at.astimezone(self.place.zone)


def current_catalogue() -> Catalogue:
    """Return the catalogue as it is now: this process's copy when its version is still the newest.

    A page reads the version once (`freeze_catalogue`), and again after each transaction; a transaction
    always does.
    """
    info = db.session.info
    kept: Catalogue | None = info.get(PAGE)
    if kept is not None and not info.get("depth"):
        return kept
    newest = catalogue_at(db.session.connection().scalar(VERSION) or 0)
    if PAGE in info:
        info[PAGE] = newest
    return newest


def freeze_catalogue() -> None:
    """From here to `unfreeze_catalogue` the catalogue stays the same, outside of transactions."""
    db.session.info[PAGE] = None


def unfreeze_catalogue() -> None:
    """Read the catalogue's version each time again."""
    db.session.info.pop(PAGE, None)


def catalogue_at(version: int) -> Catalogue:
    """Return the catalogue whose version was just read."""
    kept = slot_cache().catalogue
    if kept is None or kept.version != version:
        kept = read_catalogue()
        slot_cache().reset(kept)
    return kept


@transaction()
def increment_catalogue_version() -> None:
    """Count the catalogue's version up, so that every process reads it anew."""
    row = upsert(CatalogueRow).values(id=1, version=1)
    db.session.execute(
        row.on_conflict_do_update(index_elements=["id"], set_={"version": CatalogueRow.version + 1})
    )


def find_location(known: Catalogue, slug: str) -> LocationCalendar:
    """Return the location with this slug; raise `UnknownSlug`."""
    if slug not in known.locations:
        raise UnknownSlug("location", slug)
    return known.locations[slug]


def find_service(known: Catalogue, slug: str) -> BookableService:
    """Return the service with this slug; raise `UnknownSlug`."""
    if slug not in known.services:
        raise UnknownSlug("service", slug)
    return known.services[slug]


def list_starts_by_day(
    wanted: Sequence[tuple[LocationCalendar, ResourceDemand]],
    first: date,
    last: date,
    now: datetime,
) -> list[tuple[LocationCalendar, DayStarts]]:
    """Return, for each place and each local day in [first, last], where an appointment can start.

    Both ends included. Answers whose versions still hold come from memory; the claims for all others
    are read by one query.
    """
    versions = read_versions([place.id for place, _ in wanted], first, last)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    asked = [(place, demand, day) for place, demand in wanted for day in days]
    kept = [
        _cached_starts((place.id, day, demand), versions.for_day(place.id, day), now)
        for place, demand, day in asked
    ]
    missing = [day for (_, _, day), answer in zip(asked, kept, strict=True) if answer is None]
    claims = CurrentClaims([])
    if missing:
        claims = read_claims_by_day([place for place, _ in wanted], min(missing), max(missing), now)
    return [
        (
            place,
            answer or compute_starts(place, demand, day, claims, versions.for_day(place.id, day)),
        )
        for (place, demand, day), answer in zip(asked, kept, strict=True)
    ]


def compute_starts(
    place: LocationCalendar,
    demand: ResourceDemand,
    day: date,
    claims: CurrentClaims,
    version: tuple[int, int],
) -> DayStarts:
    """Return the day's possible starts from the claims read; remember what was made of this version."""
    free, valid_until = claims.subtract_from(place.free_day(day))
    found = DayStarts(free, find_starts(demand, free), version, valid_until)
    if slot_cache().is_current(place, version[0]):
        slot_cache().store((place.id, day, demand), found)
    return found


def _cached_starts(
    key: tuple[int, date, ResourceDemand], version: tuple[int, int], now: datetime
) -> DayStarts | None:
    kept = slot_cache().days.get(key)
    if kept is None or kept.version != version:
        return None
    if kept.valid_until is not None and kept.valid_until <= now:
        return None
    return kept


def list_slots(
    service: str,
    locations: Sequence[str] | None,
    first: date,
    last: date,
    now: datetime,
) -> list[Slot]:
    """Return the slots that can be booked online on local days [first, last], soonest first.

    `locations` by slug, or None for all. Notice and horizon are cut here, after the look-up. Raises
    `UnknownSlug`.
    """
    known = current_catalogue()
    offer = find_service(known, service)
    found = [
        Slot(starts_at, starts_at + timedelta(minutes=offer.minutes), place, offer)
        for place, answer in list_bookable_days(known, offer, locations, first, last, now)
        for starts_at in map(
            answer.free.day.cell_start, iter_bits(starts_within_window(place, offer, answer, now))
        )
    ]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.place.id))


def list_bookable_days(
    known: Catalogue,
    offer: BookableService,
    locations: Sequence[str] | None,
    first: date,
    last: date,
    now: datetime,
) -> list[tuple[LocationCalendar, DayStarts]]:
    """Return the possible starts of each local day in [first, last] that can lie in the horizon."""
    slugs = known.locations if locations is None else dict.fromkeys(locations)
    places = [find_location(known, slug) for slug in slugs]
    today = min((now.astimezone(place.zone).date() for place in places), default=first)
    first, last = (
        max(first, today),
        min(last, today + timedelta(days=offer.horizon + 1)),
    )
    return list_starts_by_day([(place, offer.demand) for place in places], first, last, now)


def starts_within_window(
    place: LocationCalendar, offer: BookableService, answer: DayStarts, now: datetime
) -> int:
    """Return the answer's starts that may be booked online: within the service's notice and horizon."""
    day = answer.free.day
    if not offer.bookable_online or day.local_date > last_bookable_day(place, offer, now):
        return 0
    early = -((day.starts_at - now - timedelta(minutes=offer.notice)) // CELL)
    return answer.starts >> early << early if early > 0 else answer.starts


def window_valid_until(
    place: LocationCalendar, offer: BookableService, answer: DayStarts, now: datetime
) -> datetime:
    """Return when time alone changes a day's `starts_within_window`: a hold expires, notice passes."""
    shown = starts_within_window(place, offer, answer, now)
    day = answer.free.day
    until = day.ends_at
    if shown:
        until = day.cell_start(next(iter_bits(shown))) - timedelta(minutes=offer.notice)
    return min(until, answer.valid_until or until)


def last_bookable_day(place: LocationCalendar, offer: BookableService, now: datetime) -> date:
    """Return the last local day that can be booked online."""
    return now.astimezone(place.zone).date() + timedelta(days=offer.horizon)


def is_bookable_online(
    place: LocationCalendar, offer: BookableService, starts_at: datetime, now: datetime
) -> bool:
    """Tell whether a start keeps notice and horizon, and the service may be booked online at all."""
    soon_enough = starts_at.astimezone(place.zone).date() <= last_bookable_day(place, offer, now)
    return (
        offer.bookable_online and soon_enough and starts_at >= now + timedelta(minutes=offer.notice)
    )
