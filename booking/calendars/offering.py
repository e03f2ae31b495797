"""What is offered: starts by day, kept in memory while the versions they were made of hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.calendars.catalogue import Catalogue, Offer, read_catalogue
from booking.calendars.days import CELL, bits
from booking.calendars.memory import DayStarts, memory
from booking.calendars.models import Catalogue as CatalogueRow
from booking.calendars.places import Place
from booking.calendars.reading import ClaimsRead, day_versions, read_claims
from booking.calendars.rules import Demand, possible_starts
from booking.db import transaction
from booking.extensions import db
from booking.statements import upsert

PAGE = "catalogue_of_page"  # where a session keeps it while a page is made
VERSION = select(CatalogueRow.version)


class UnknownName(LookupError):
    """No active location or service has this slug. `kind` says which of the two."""

    def __init__(self, kind: str, slug: str) -> None:
        super().__init__(f"no {kind} {slug!r}")
        self.kind, self.slug = kind, slug


@dataclass(frozen=True, slots=True)
class Slot:
    """A start at which a service could be booked at a location; instants in UTC."""

    starts_at: datetime
    ends_at: datetime
    place: Place
    offer: Offer

    @property
    def local_start(self) -> datetime:
        """The start in the location's zone."""
        return self.starts_at.astimezone(self.place.zone)


def catalogue() -> Catalogue:
    """Return the catalogue as it is now: this process's copy when its version is still the newest.

    A page reads the version once (`begin_page`), and again after each transaction; a transaction
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


def begin_page() -> None:
    """From here to `end_page` the catalogue stays the same, outside of transactions."""
    db.session.info[PAGE] = None


def end_page() -> None:
    """Read the catalogue's version each time again."""
    db.session.info.pop(PAGE, None)


def catalogue_at(version: int) -> Catalogue:
    """Return the catalogue whose version was just read."""
    kept = memory().catalogue
    if kept is None or kept.version != version:
        kept = read_catalogue()
        memory().begin_anew(kept)
    return kept


@transaction()
def catalogue_changed() -> None:
    """Count the catalogue's version up, so that every process reads it anew."""
    row = upsert(CatalogueRow).values(id=1, version=1)
    db.session.execute(
        row.on_conflict_do_update(index_elements=["id"], set_={"version": CatalogueRow.version + 1})
    )


def find_place(known: Catalogue, slug: str) -> Place:
    """Return the location with this slug; raise `UnknownName`."""
    if slug not in known.places:
        raise UnknownName("location", slug)
    return known.places[slug]


def find_offer(known: Catalogue, slug: str) -> Offer:
    """Return the service with this slug; raise `UnknownName`."""
    if slug not in known.offers:
        raise UnknownName("service", slug)
    return known.offers[slug]


def starts_by_day(
    wanted: Sequence[tuple[Place, Demand]], first: date, last: date, now: datetime
) -> list[tuple[Place, DayStarts]]:
    """Return, for each place and each local day in [first, last], where a visit can start.

    Both ends included. Answers whose versions still hold come from memory; the claims for all others
    are read by one query.
    """
    versions = day_versions([place.id for place, _ in wanted], first, last)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    asked = [(place, demand, day) for place, demand in wanted for day in days]
    kept = [
        _remembered((place.id, day, demand), versions.of(place.id, day), now)
        for place, demand, day in asked
    ]
    missing = [day for (_, _, day), answer in zip(asked, kept, strict=True) if answer is None]
    claims = ClaimsRead([])
    if missing:
        claims = read_claims([place for place, _ in wanted], min(missing), max(missing), now)
    return [
        (place, answer or reckon(place, demand, day, claims, versions.of(place.id, day)))
        for (place, demand, day), answer in zip(asked, kept, strict=True)
    ]


def reckon(
    place: Place,
    demand: Demand,
    day: date,
    claims: ClaimsRead,
    version: tuple[int, int],
) -> DayStarts:
    """Return the day's possible starts from the claims read; remember what was made of this version."""
    free, valid_until = claims.taken_from(place.open_day(day))
    found = DayStarts(free, possible_starts(demand, free), version, valid_until)
    if memory().has_current(place, version[0]):
        memory().keep((place.id, day, demand), found)
    return found


def _remembered(
    key: tuple[int, date, Demand], version: tuple[int, int], now: datetime
) -> DayStarts | None:
    kept = memory().days.get(key)
    if kept is None or kept.version != version:
        return None
    if kept.valid_until is not None and kept.valid_until <= now:
        return None
    return kept


def slots(
    service: str,
    locations: Sequence[str] | None,
    first: date,
    last: date,
    now: datetime,
) -> list[Slot]:
    """Return the slots that can be booked online on local days [first, last], soonest first.

    `locations` by slug, or None for all. Notice and horizon are cut here, after the look-up. Raises
    `UnknownName`.
    """
    known = catalogue()
    offer = find_offer(known, service)
    found = [
        Slot(starts_at, starts_at + timedelta(minutes=offer.minutes), place, offer)
        for place, answer in offered_days(known, offer, locations, first, last, now)
        for starts_at in map(answer.free.day.instant, bits(in_window(place, offer, answer, now)))
    ]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.place.id))


def offered_days(
    known: Catalogue,
    offer: Offer,
    locations: Sequence[str] | None,
    first: date,
    last: date,
    now: datetime,
) -> list[tuple[Place, DayStarts]]:
    """Return the possible starts of each local day in [first, last] that can lie in the horizon."""
    slugs = known.places if locations is None else dict.fromkeys(locations)
    places = [find_place(known, slug) for slug in slugs]
    today = min((now.astimezone(place.zone).date() for place in places), default=first)
    first, last = (
        max(first, today),
        min(last, today + timedelta(days=offer.horizon + 1)),
    )
    return starts_by_day([(place, offer.demand) for place in places], first, last, now)


def in_window(place: Place, offer: Offer, answer: DayStarts, now: datetime) -> int:
    """Return the answer's starts that may be booked online: within the service's notice and horizon."""
    day = answer.free.day
    if not offer.bookable_online or day.local_date > last_day(place, offer, now):
        return 0
    early = -((day.begins - now - timedelta(minutes=offer.notice)) // CELL)
    return answer.starts >> early << early if early > 0 else answer.starts


def true_until(place: Place, offer: Offer, answer: DayStarts, now: datetime) -> datetime:
    """Return when time alone changes what `in_window` shows of a day: a hold expires, notice passes."""
    shown = in_window(place, offer, answer, now)
    day = answer.free.day
    until = day.ends
    if shown:
        until = day.instant(next(bits(shown))) - timedelta(minutes=offer.notice)
    return min(until, answer.valid_until or until)


def last_day(place: Place, offer: Offer, now: datetime) -> date:
    """Return the last local day that can be booked online."""
    return now.astimezone(place.zone).date() + timedelta(days=offer.horizon)


def is_bookable_online(place: Place, offer: Offer, starts_at: datetime, now: datetime) -> bool:
    """Tell whether a start keeps notice and horizon, and the service may be booked online at all."""
    soon_enough = starts_at.astimezone(place.zone).date() <= last_day(place, offer, now)
    return (
        offer.bookable_online and soon_enough and starts_at >= now + timedelta(minutes=offer.notice)
    )
