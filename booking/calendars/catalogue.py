"""Everything about the clinic that changes rarely, read once and kept until its version changes.

Kept per process, never trusted alone: each request reads the version from the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from booking.calendars.models import Catalogue as CatalogueRow
from booking.calendars.models import Service
from booking.calendars.rules import (
    Day,
    Demand,
    FreeDay,
    Need,
    at_least,
    infusion_needs,
    wall_clock,
)
from booking.extensions import db
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.locations.rules import ResourceKind
from booking.staff.models import Role, Shift, Staff


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Local wall-clock hours of one weekday (Monday is 0), while [valid_from, valid_to] holds."""

    weekday: int
    begins: time
    ends: time
    valid_from: date
    valid_to: date | None

    def on(self, day: Day, zone: ZoneInfo) -> int:
        """Return the cells of `day` within these hours; 0 on any other weekday or outside their dates."""
        local = day.local_date
        if local.weekday() != self.weekday or local < self.valid_from:
            return 0
        if self.valid_to is not None and local > self.valid_to:
            return 0
        return day.inside(wall_clock(local, self.begins, zone), wall_clock(local, self.ends, zone))


@dataclass(frozen=True, slots=True)
class Worker:
    """A practitioner's or nurse's weekly shifts at one location."""

    resource_id: int | None  # a practitioner's
    watches: int  # chairs a nurse may watch at once
    shifts: tuple[WeeklyHours, ...]

    def on(self, day: Day, zone: ZoneInfo) -> int:
        """Return the cells of `day` this person is on shift here."""
        cells = 0
        for shift in self.shifts:
            cells |= shift.on(day, zone)
        return cells


@dataclass(frozen=True, slots=True)
class Place:
    """One location: its zone, hours, closures, resources, and who works there."""

    id: int
    slug: str
    name: str
    zone: ZoneInfo
    hours: tuple[WeeklyHours, ...]
    closures: tuple[tuple[date, date], ...]
    resources: Mapping[ResourceKind, tuple[int, ...]]
    practitioners: tuple[Worker, ...]
    nurses: tuple[Worker, ...]
    resource_ids: tuple[int, ...]
    _open_days: dict[date, FreeDay] = field(default_factory=dict)

    @property
    def seats_for_setup(self) -> int:
        """How many seats a nurse who is alone with one patient gives up: all that any nurse has."""
        return max((nurse.watches for nurse in self.nurses), default=1)

    def day(self, local_date: date) -> Day:
        """Return the local day as instants."""
        return Day.of(local_date, self.zone)

    def open_day(self, local_date: date) -> FreeDay:
        """Return what is there on a day before any claim: hours and shifts minus closures."""
        if local_date not in self._open_days:
            self._open_days[local_date] = self._reckon_open_day(local_date)
        return self._open_days[local_date]

    def _reckon_open_day(self, local_date: date) -> FreeDay:
        day = self.day(local_date)
        opened = 0
        if not any(first <= local_date <= last for first, last in self.closures):
            for hours in self.hours:
                opened |= hours.on(day, self.zone)
        present = {worker: worker.on(day, self.zone) & opened for worker in self.practitioners}
        free = {
            kind: dict.fromkeys(self.resources.get(kind, ()), opened)
            for kind in (ResourceKind.ROOM, ResourceKind.CHAIR)
        }
        free[ResourceKind.PRACTITIONER] = {
            worker.resource_id: cells for worker, cells in present.items() if worker.resource_id
        }
        free[ResourceKind.SEAT] = self._seats(day, opened)
        return FreeDay(day, free, at_least(present.values(), 1))

    def _seats(self, day: Day, opened: int) -> dict[int, int]:
        """The n-th seat of the pool exists while the nurses on shift watch n chairs or more."""
        shares = [
            cells
            for nurse in self.nurses
            for cells in [nurse.on(day, self.zone) & opened] * nurse.watches
        ]
        seats = self.resources.get(ResourceKind.SEAT, ())
        return {seat: at_least(shares, place) for place, seat in enumerate(seats, start=1)}


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it can be booked. Notice and step in minutes, horizon in days from today."""

    id: int
    slug: str
    names: Mapping[str, str]
    minutes: int
    notice: int
    horizon: int
    step: int
    price_cents: int
    needs: tuple[Need, ...]
    is_infusion: bool
    bookable_online: bool

    @property
    def demand(self) -> Demand:
        """What one visit of this service occupies."""
        return Demand(self.needs, self.minutes, self.step, prescriber=self.is_infusion)

    def infusion(self, setup: int, infusion: int, recovery: int, place: Place) -> Demand:
        """Return the demand of an infusion prescribed with these minutes, at `place`."""
        needs = infusion_needs(setup, infusion, recovery, place.seats_for_setup)
        return Demand(needs, setup + infusion + recovery, self.step, prescriber=True)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of all of it; places and offers by slug."""

    version: int
    places: Mapping[str, Place]
    offers: Mapping[str, Offer]
    places_by_id: Mapping[int, Place]
    offers_by_id: Mapping[int, Offer]


def read_catalogue() -> Catalogue:
    """Read the whole catalogue from the database, active things only."""
    version = db.session.scalar(select(CatalogueRow.version)) or 0
    people = _workers()
    places = {
        location.slug: _place(location, people.get(location.id, ()))
        for location in db.session.scalars(
            select(Location).where(Location.active).order_by(Location.position)
        )
    }
    offers = {
        service.slug: _offer(service)
        for service in db.session.scalars(
            select(Service).where(Service.active).order_by(Service.id)
        )
    }
    return Catalogue(
        version,
        places,
        offers,
        {place.id: place for place in places.values()},
        {offer.id: offer for offer in offers.values()},
    )


def _place(location: Location, people: Sequence[tuple[Role, Worker]]) -> Place:
    hours = db.session.scalars(select(OpeningHours).filter_by(location_id=location.id))
    closures = db.session.scalars(select(Closure).filter_by(location_id=location.id))
    practitioners = tuple(worker for role, worker in people if role is Role.PRACTITIONER)
    resources = _resources(location.id)
    return Place(
        id=location.id,
        slug=location.slug,
        name=location.name,
        zone=ZoneInfo(location.time_zone),
        hours=tuple(
            WeeklyHours(row.weekday, row.opens, row.closes, row.valid_from, row.valid_to)
            for row in hours
        ),
        closures=tuple((row.first_day, row.last_day) for row in closures),
        resources=resources,
        practitioners=practitioners,
        nurses=tuple(worker for role, worker in people if role is Role.NURSE),
        resource_ids=(
            *(resource for kind in resources.values() for resource in kind),
            *(worker.resource_id for worker in practitioners if worker.resource_id),
        ),
    )


def _resources(location_id: int) -> dict[ResourceKind, tuple[int, ...]]:
    found: dict[ResourceKind, tuple[int, ...]] = {}
    rows = db.session.execute(
        select(Resource.kind, Resource.id)
        .where(Resource.location_id == location_id, Resource.active)
        .order_by(Resource.position, Resource.id)
    )
    for kind, resource_id in rows:
        found[kind] = (*found.get(kind, ()), resource_id)
    return found


def _workers() -> dict[int, list[tuple[Role, Worker]]]:
    """Return, by location id, who works there in which role."""
    shifts: dict[tuple[int, int], list[WeeklyHours]] = {}
    for row in db.session.scalars(select(Shift).order_by(Shift.id)):
        hours = WeeklyHours(row.weekday, row.begins, row.ends, row.valid_from, row.valid_to)
        shifts.setdefault((row.staff_id, row.location_id), []).append(hours)
    practitioner = {
        staff_id: resource_id
        for staff_id, resource_id in db.session.execute(
            select(Resource.staff_id, Resource.id).where(
                Resource.staff_id.is_not(None), Resource.active
            )
        )
    }
    people = {row.id: row for row in db.session.scalars(select(Staff).where(Staff.active))}
    found: dict[int, list[tuple[Role, Worker]]] = {}
    for (staff_id, location_id), hours_here in shifts.items():
        if person := people.get(staff_id):
            worker = Worker(practitioner.get(staff_id), person.watches, tuple(hours_here))
            found.setdefault(location_id, []).append((person.role, worker))
    return found


def _offer(service: Service) -> Offer:
    return Offer(
        id=service.id,
        slug=service.slug,
        names=service.names,
        minutes=service.minutes,
        notice=service.notice_minutes,
        horizon=service.horizon_days,
        step=service.step_minutes,
        price_cents=service.price_cents,
        needs=tuple(Need.from_data(need) for need in service.needs),
        is_infusion=service.is_infusion,
        bookable_online=service.bookable_online,
    )
