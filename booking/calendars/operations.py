"""What is free, and taking it: the only place that reads or writes claims."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import Row, and_, bindparam, delete, func, insert, select, update

from booking.calendars.catalogue import Catalogue, Offer, Place, read_catalogue
from booking.calendars.models import CalendarDay, Claim
from booking.calendars.models import Catalogue as CatalogueRow
from booking.calendars.rules import (
    CELL,
    Demand,
    FreeDay,
    NotFree,
    Taken,
    assign,
    bits,
    possible_starts,
)
from booking.db import transaction, upsert
from booking.extensions import db

CACHED_DAYS = 4096  # answers kept per process; a day's is about 300 bytes
LONGEST_CLAIM = timedelta(days=1)  # a visit lies within one local day


class SlotTaken(Exception):  # noqa: N818 - says what is so
    """The wanted time is no longer free."""


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


@dataclass(frozen=True, slots=True)
class DayStarts:
    """The cells of one day at which a visit may start, true while the versions hold, till `valid_until`."""

    free: FreeDay
    starts: int
    version: tuple[int, int]  # of the catalogue, of the day
    valid_until: datetime | None  # when the first hold on this day expires


@dataclass(slots=True)
class SlotMemory:
    """This process's recent answers; each is checked against the versions read at each request."""

    catalogue: Catalogue | None = None
    days: OrderedDict[tuple[int, date, Demand], DayStarts] = field(default_factory=OrderedDict)

    def keep(self, key: tuple[int, date, Demand], answer: DayStarts) -> None:
        """Remember an answer, forgetting the one unused longest when there are too many."""
        self.days[key] = answer
        self.days.move_to_end(key)
        if len(self.days) > CACHED_DAYS:
            self.days.popitem(last=False)


def memory() -> SlotMemory:
    """Return this app's memory of answers."""
    found: SlotMemory = current_app.extensions.setdefault("slot_memory", SlotMemory())
    return found


def catalogue() -> Catalogue:
    """Return the catalogue as it is now: this process's copy when its version is still the newest."""
    version = db.session.scalar(select(CatalogueRow.version)) or 0
    return catalogue_at(version)


def catalogue_at(version: int) -> Catalogue:
    """Return the catalogue whose version was just read."""
    kept = memory()
    if kept.catalogue is None or kept.catalogue.version != version:
        kept.catalogue = read_catalogue()
        kept.days.clear()
    return kept.catalogue


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
    if not days:
        return []
    found: dict[tuple[int, date, Demand], DayStarts | None] = {}
    for place, demand in wanted:
        for day in days:
            version = (versions.catalogue, versions.days.get((place.id, day), 0))
            found[place.id, day, demand] = _remembered((place.id, day, demand), version, now)
    missing = [day for (_, day, _), answer in found.items() if answer is None]
    claims = ClaimsRead([])
    if missing:
        claims = read_claims([place for place, _ in wanted], min(missing), max(missing), now)
    answers = []
    for place, demand in wanted:
        for day in days:
            answer = found[place.id, day, demand]
            if answer is None:
                version = (versions.catalogue, versions.days.get((place.id, day), 0))
                answer = reckon(place, demand, day, claims, version)
                memory().keep((place.id, day, demand), answer)
            answers.append((place, answer))
    return answers


def reckon(
    place: Place,
    demand: Demand,
    day: date,
    claims: "ClaimsRead",
    version: tuple[int, int],
) -> DayStarts:
    """Return the day's possible starts from the claims read."""
    free, valid_until = claims.taken_from(place.open_day(day))
    return DayStarts(free, possible_starts(demand, free), version, valid_until)


def _remembered(
    key: tuple[int, date, Demand], version: tuple[int, int], now: datetime
) -> DayStarts | None:
    kept = memory().days.get(key)
    if kept is None or kept.version != version:
        return None
    if kept.valid_until is not None and kept.valid_until <= now:
        return None
    return kept


@dataclass(frozen=True, slots=True)
class Versions:
    """The catalogue's version, and by (location id, local date) those of days anything was claimed on."""

    catalogue: int
    days: dict[tuple[int, date], int]


def day_versions(location_ids: Sequence[int], first: date, last: date) -> Versions:
    """Read all the versions that answers for these days depend on, by one query."""
    rows = db.session.execute(
        select(
            CatalogueRow.version,
            CalendarDay.location_id,
            CalendarDay.local_date,
            CalendarDay.version,
        ).outerjoin(
            CalendarDay,
            and_(
                CalendarDay.location_id.in_(location_ids),
                CalendarDay.local_date.between(first, last),
            ),
        )
    ).all()
    return Versions(
        rows[0][0] if rows else 0,
        {(row[1], row[2]): row[3] for row in rows if row[1]},
    )


# One number that rises with any change: versions only count up, and their rows are never deleted.
_DAYS = CalendarDay.__table__.c
STAMP = select(
    CatalogueRow.__table__.c.version,
    select(func.coalesce(func.sum(_DAYS.version), 0))
    .where(
        _DAYS.location_id.in_(bindparam("places", expanding=True)),
        _DAYS.local_date.between(bindparam("first"), bindparam("last")),
    )
    .scalar_subquery(),
)


def stamp(location_ids: Sequence[int], first: date, last: date) -> tuple[int, int]:
    """Return what is equal only while nothing changed at these locations on local days [first, last].

    Read on a connection of its own: what the request has open doesn't matter, and it costs half.
    """
    with db.engine.connect() as reading:
        found = reading.execute(
            STAMP, {"places": location_ids, "first": first, "last": last}
        ).first()
    return (found[0], found[1]) if found else (0, 0)


@dataclass(frozen=True, slots=True)
class ClaimsRead:
    """Claims that hold now, by resource; `expired` are rows in the way that no longer do."""

    rows: Sequence[Row[int, int, datetime, datetime, datetime | None]]
    expired: tuple[int, ...] = ()

    def taken_from(self, opened: FreeDay) -> tuple[FreeDay, datetime | None]:
        """Return what is left of the day, and when the first hold on it expires."""
        day, taken, expiries = opened.day, dict[int, int](), []
        for _, resource_id, starts_at, ends_at, expires_at in self.rows:
            if starts_at < day.ends and ends_at > day.begins:
                cells = day.touching(starts_at, ends_at)
                taken[resource_id] = taken.get(resource_id, 0) | cells
                if expires_at is not None:
                    expiries.append(expires_at)
        free = {
            kind: {resource: cells & ~taken.get(resource, 0) for resource, cells in sets.items()}
            for kind, sets in opened.free.items()
        }
        return FreeDay(day, free, opened.prescriber), min(expiries, default=None)


def read_claims(places: Sequence[Place], first: date, last: date, now: datetime) -> ClaimsRead:
    """Read the claims on these places' resources on local days [first, last], in one range query.

    Bounded at both ends on the index (resource, end), so that history costs nothing.
    """
    resources = {resource for place in places for resource in place.resource_ids}
    begins = min(place.day(first).begins for place in places)
    ends = max(place.day(last).ends for place in places)
    rows = db.session.execute(
        select(
            Claim.id,
            Claim.resource_id,
            Claim.starts_at,
            Claim.ends_at,
            Claim.expires_at,
        ).where(
            Claim.resource_id.in_(sorted(resources)),
            Claim.ends_at > begins,
            Claim.ends_at < ends + LONGEST_CLAIM,
            Claim.starts_at < ends,
        )
    ).all()
    expired = tuple(row.id for row in rows if row.expires_at and row.expires_at <= now)
    return ClaimsRead([row for row in rows if row.id not in expired], expired)


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
    today = min(now.astimezone(place.zone).date() for place in places)
    first, last = (
        max(first, today),
        min(last, today + timedelta(days=offer.horizon + 1)),
    )
    return starts_by_day([(place, offer.demand) for place in places], first, last, now)


def in_window(place: Place, offer: Offer, answer: DayStarts, now: datetime) -> int:
    """Return the answer's starts that keep the service's notice and horizon."""
    day = answer.free.day
    if day.local_date > last_day(place, offer, now):
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


@transaction()
def lock_days(days: Iterable[tuple[int, date]]) -> None:
    """Lock the calendar days (location id, local date) in sorted order, and count their versions up.

    Whoever claims or frees time on a day holds its row to the end of the transaction.
    """
    for location_id, local_date in sorted(set(days)):
        row = upsert(CalendarDay).values(location_id=location_id, local_date=local_date, version=1)
        db.session.execute(
            row.on_conflict_do_update(
                index_elements=["location_id", "local_date"],
                set_={"version": CalendarDay.version + 1},
            )
        )


@transaction()
def claim(
    appointment_id: int,
    place: Place,
    demand: Demand,
    starts_at: datetime,
    now: datetime,
    *,
    expires_at: datetime | None = None,
    prefer: Sequence[int] = (),
) -> tuple[int, ...]:
    """Take what a visit starting at `starts_at` needs; return the resource ids taken.

    Resources in `prefer` are taken where they are free. `expires_at` makes it a hold. Raises
    `SlotTaken` when the time is not free, judged by the same function that offers it.
    """
    local_date = starts_at.astimezone(place.zone).date()
    lock_days([(place.id, local_date)])
    claims = read_claims([place], local_date, local_date, now)
    free, _ = claims.taken_from(place.open_day(local_date))
    cell = free.day.cell(starts_at)
    if cell is None:
        raise SlotTaken
    try:
        taken = assign(demand, free, cell, prefer)
    except NotFree as refusal:
        raise SlotTaken from refusal
    if claims.expired:
        db.session.execute(delete(Claim).where(Claim.id.in_(claims.expired)))
    _insert(appointment_id, taken, free, expires_at)
    return tuple(piece.resource_id for piece in taken)


def _insert(
    appointment_id: int,
    taken: Sequence[Taken],
    free: FreeDay,
    expires_at: datetime | None,
) -> None:
    db.session.execute(
        insert(Claim),
        [
            {
                "appointment_id": appointment_id,
                "resource_id": piece.resource_id,
                "starts_at": free.day.instant(piece.first),
                "ends_at": free.day.instant(piece.end),
                "expires_at": expires_at,
            }
            for piece in taken
        ],
    )


@transaction()
def release(appointment_id: int, place: Place, local_date: date) -> None:
    """Free what an appointment holds on `local_date`."""
    lock_days([(place.id, local_date)])
    db.session.execute(delete(Claim).where(Claim.appointment_id == appointment_id))


@transaction()
def extend(appointment_id: int, expires_at: datetime | None) -> bool:
    """Set the claims' expiry (None: for good); tell whether the appointment still had any.

    The caller holds the day's lock, or is only making a hold longer that has not expired.
    """
    changed = db.session.scalars(
        update(Claim)
        .where(Claim.appointment_id == appointment_id)
        .values(expires_at=expires_at)
        .returning(Claim.id)
    )
    return bool(changed.all())


def claims_of(appointment_ids: Sequence[int]) -> dict[int, list[int]]:
    """Return appointment id → ids of the resources it claims."""
    found: dict[int, list[int]] = {}
    rows = db.session.execute(
        select(Claim.appointment_id, Claim.resource_id).where(
            Claim.appointment_id.in_(appointment_ids)
        )
    )
    for appointment_id, resource_id in rows:
        found.setdefault(appointment_id, []).append(resource_id)
    return found


def count_claims(appointment_id: int, now: datetime) -> int:
    """Return how many claims of an appointment hold at `now`."""
    holds = Claim.expires_at.is_(None) | (Claim.expires_at > now)
    return (
        db.session.scalar(select(func.count()).where(Claim.appointment_id == appointment_id, holds))
        or 0
    )
