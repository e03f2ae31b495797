"""The catalogue, and the starts a day allows; kept in memory while the versions they were made of hold."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.calendars.catalogue import (
    BookableService,
    Catalogue,
    Practitioner,
    read_catalogue,
)
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.models import CatalogueVersion as CatalogueRow
from booking.calendars.queries import (
    CurrentClaims,
    read_claims_besides,
    read_claims_by_day,
    read_versions,
)
from booking.calendars.rules import FreeCells, ResourceDemand, compute_start_cells
from booking.calendars.slot_cache import (
    DayStarts,
    find_page_catalogue,
    get_slot_cache,
    keep_page_catalogue,
)
from booking.db.statements import upsert
from booking.db.transactions import transaction
from booking.extensions import db

VERSION = select(CatalogueRow.version)


class UnknownSlug(LookupError):
    """No active location or service has this slug. `kind` says which of the two."""

    def __init__(self, kind: str, slug: str) -> None:
        super().__init__(f"no {kind} {slug!r}")
        self.kind, self.slug = kind, slug


def current_catalogue() -> Catalogue:
    """Return the catalogue as it is now: this process's copy when its version is still the newest.

    A page reads the version once (`freeze_catalogue`), and again after each transaction; a transaction
    always does.
    """
    catalogue = find_page_catalogue()
    if catalogue is not None and not db.session.info.get("depth"):
        return catalogue
    newest = catalogue_at(db.session.connection().scalar(VERSION) or 0)
    keep_page_catalogue(newest)
    return newest


def catalogue_at(version: int) -> Catalogue:
    """Return the catalogue whose version was just read."""
    catalogue = get_slot_cache().catalogue
    if catalogue is None or catalogue.version != version:
        catalogue = read_catalogue()
        get_slot_cache().reset(catalogue)
    return catalogue


def find_cached_catalogue() -> Catalogue | None:
    """Return the catalogue as this process read it last, asking no database: for when there is none."""
    return get_slot_cache().catalogue


@transaction()
def increment_catalogue_version() -> None:
    """Count the catalogue's version up, so that every process reads it anew."""
    row = upsert(CatalogueRow).values(id=1, version=1)
    db.session.execute(
        row.on_conflict_do_update(index_elements=["id"], set_={"version": CatalogueRow.version + 1})
    )


def get_clinic_date(now: datetime) -> date:
    """Return today's date at the clinic: the earliest, where its locations' zones differ by a day."""
    locations = current_catalogue().locations.values()
    return min((now.astimezone(each.zone).date() for each in locations), default=now.date())


def get_location(catalogue: Catalogue, slug: str) -> LocationCalendar:
    """Return the location with this slug; raise `UnknownSlug`."""
    if slug not in catalogue.locations:
        raise UnknownSlug("location", slug)
    return catalogue.locations[slug]


def get_service(catalogue: Catalogue, slug: str) -> BookableService:
    """Return the service with this slug; raise `UnknownSlug`."""
    if slug not in catalogue.services:
        raise UnknownSlug("service", slug)
    return catalogue.services[slug]


def find_practitioner(catalogue: Catalogue, slug: str | None) -> Practitioner | None:
    """Return the practitioner with this slug, None without one; raise `UnknownSlug`."""
    if not slug:
        return None
    if slug not in catalogue.practitioners:
        raise UnknownSlug("practitioner", slug)
    return catalogue.practitioners[slug]


def find_practitioner_by_resource(
    catalogue: Catalogue, resource_id: int | None
) -> Practitioner | None:
    """Return the practitioner whom appointments claim by this id; None without one, or who has left."""
    people = catalogue.practitioners.values()
    return next((person for person in people if person.resource_id == resource_id), None)


def list_starts_by_day(
    demands: Sequence[tuple[LocationCalendar, ResourceDemand]],
    first: date,
    last: date,
    now: datetime,
) -> list[tuple[LocationCalendar, DayStarts]]:
    """Return, for each place and each local day in [first, last], where an appointment can start.

    Both ends included. Answers whose versions still hold come from memory; the claims for all others
    are read by one query.
    """
    versions = read_versions([location.id for location, _ in demands], first, last)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    lookups = [(location, demand, day) for location, demand in demands for day in days]
    cached = [
        _cached_starts((location.id, day, demand), versions.for_day(location.id, day), now)
        for location, demand, day in lookups
    ]
    missing_days = [
        day for (_, _, day), day_starts in zip(lookups, cached, strict=True) if day_starts is None
    ]
    claims = CurrentClaims([])
    if missing_days:
        claims = read_claims_by_day(
            [calendar for calendar, _ in demands], min(missing_days), max(missing_days), now
        )
    return [
        (
            calendar,
            day_starts
            or compute_starts(calendar, demand, day, claims, versions.for_day(calendar.id, day)),
        )
        for (calendar, demand, day), day_starts in zip(lookups, cached, strict=True)
    ]


def list_starts_besides(
    appointment_id: int,
    location: LocationCalendar,
    demand: ResourceDemand,
    first: date,
    last: date,
    now: datetime,
) -> list[DayStarts]:
    """Return where an appointment could start on local days [first, last] if it gave up what it claims.

    Both ends included; computed anew, as it holds for one appointment alone.
    """
    claims = read_claims_besides([appointment_id], [location], first, last, now)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    answers = [claims.subtract_from(location.free_day(day)) for day in days]
    return [
        DayStarts(free, compute_start_cells(demand, free), (0, 0), valid_until)
        for free, valid_until in answers
    ]


def list_free_days_besides(
    appointment_ids: Collection[int],
    locations: Sequence[LocationCalendar],
    first: date,
    last: date,
    now: datetime,
) -> list[tuple[LocationCalendar, FreeCells]]:
    """Return what is free at each place on each local day in [first, last] if these gave up what they claim.

    Days on which a place doesn't open are left out.
    """
    claims = read_claims_besides(appointment_ids, locations, first, last, now)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        (location, claims.subtract_from(location.free_day(day))[0])
        for location in locations
        for day in days
        if location.is_open_on(day)
    ]


def compute_starts(
    location: LocationCalendar,
    demand: ResourceDemand,
    day: date,
    claims: CurrentClaims,
    version: tuple[int, int],
) -> DayStarts:
    """Return the day's possible starts from the claims read; remember what was made of this version."""
    free, valid_until = claims.subtract_from(location.free_day(day))
    starts = DayStarts(free, compute_start_cells(demand, free), version, valid_until)
    if get_slot_cache().is_current(location, version[0]):
        get_slot_cache().store((location.id, day, demand), starts)
    return starts


def _cached_starts(
    key: tuple[int, date, ResourceDemand], version: tuple[int, int], now: datetime
) -> DayStarts | None:
    starts = get_slot_cache().days.get(key)
    if starts is None or starts.version != version:
        return None
    if starts.valid_until is not None and starts.valid_until <= now:
        return None
    return starts
