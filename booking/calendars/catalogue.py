"""Everything about the clinic that changes rarely, read once and kept until its version changes.

Kept per process, never trusted alone: each request reads the version from the database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, true

from booking.calendars.location_calendars import (
    ClosedDays,
    LocationCalendar,
    ShiftWorker,
    Span,
    WeeklyHours,
)
from booking.calendars.models import CatalogueVersion as CatalogueRow
from booking.calendars.models import Service
from booking.calendars.rules import ResourceDemand, ResourceNeed, infusion_needs
from booking.extensions import db
from booking.locations.models import Closure, Location, OpeningHours, Outage, Resource
from booking.locations.rules import ResourceKind
from booking.screening import operations as screening
from booking.screening.operations import ScreeningQuestions
from booking.staff.models import BusyTime, Role, Shift, Staff

CONSULTATION = "consultation"  # the service that patients book on our pages
FOR_EVER = datetime.max.replace(tzinfo=UTC)
Spans = Mapping[int, tuple[Span, ...]]
LASTS = or_(Outage.ends_at.is_(None), Outage.ends_at > Outage.starts_at)


@dataclass(frozen=True, slots=True)
class BookableService:
    """A service as it can be booked. Notice and step in minutes, horizon in days from today."""

    id: int
    slug: str
    names: Mapping[str, str]
    minutes: int
    notice: int
    horizon: int
    step: int
    price_cents: int | None
    needs: tuple[ResourceNeed, ...]
    is_infusion: bool
    bookable_online: bool

    @property
    def asks_screening(self) -> bool:
        """Whether the safety questions come first: for what anyone may book, by phone too (CLINICAL §2)."""
        return self.bookable_online

    @property
    def demand(self) -> ResourceDemand:
        """What one appointment of this service occupies."""
        return ResourceDemand(self.needs, self.minutes, self.step, prescriber=self.is_infusion)

    def demand_of(self, practitioner_id: int | None) -> ResourceDemand:
        """Return what an appointment occupies with this practitioner (a resource's id), or with any."""
        return replace(self.demand, practitioner_id=practitioner_id)

    def infusion_demand(
        self, setup: int, infusion: int, recovery: int, location: LocationCalendar
    ) -> ResourceDemand:
        """Return the demand of an infusion prescribed with these minutes, at `location`."""
        needs = infusion_needs(setup, infusion, recovery, location.setup_seats)
        return ResourceDemand(needs, setup + infusion + recovery, self.step, prescriber=True)


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Somebody whom patients can choose; `resource_id` is what their appointments claim."""

    slug: str
    name: str
    resource_id: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of all of it. By slug what is offered now; by id retired ones too."""

    version: int
    locations: Mapping[str, LocationCalendar]
    services: Mapping[str, BookableService]
    locations_by_id: Mapping[int, LocationCalendar]
    services_by_id: Mapping[int, BookableService]
    questions: ScreeningQuestions
    practitioners: Mapping[str, Practitioner]


def read_catalogue(
    *, without_staff_id: int | None = None, last_outage_id: int | None = None
) -> Catalogue:
    """Read the whole catalogue from the database, as if a member of staff had left where one is named.

    Where a last outage is named, as if none had been recorded after it.
    """
    version = db.session.scalar(select(CatalogueRow.version)) or 0
    recorded = true() if last_outage_id is None else Outage.id <= last_outage_id
    outages = db.session.scalars(select(Outage).where(LASTS, recorded).order_by(Outage.id)).all()
    absences = _by_subject(outages, lambda outage: outage.staff_id)
    people = _shift_workers(absences, without_staff_id)
    locations = db.session.scalars(select(Location).order_by(Location.position)).all()
    services = db.session.scalars(select(Service).order_by(Service.id)).all()
    location_calendars = {
        row.id: _read_location(row, people.get(row.id, ()), outages) for row in locations
    }
    bookable_services = {row.id: _read_service(row) for row in services}
    return Catalogue(
        version,
        {row.slug: location_calendars[row.id] for row in locations if row.active},
        {row.slug: bookable_services[row.id] for row in services if row.active},
        location_calendars,
        bookable_services,
        screening.current_questions(),
        _read_practitioners(),
    )


def _by_subject(outages: Sequence[Outage], subject: Callable[[Outage], int | None]) -> Spans:
    """Return outages by the id of what each is about, of one kind."""
    spans: dict[int, tuple[Span, ...]] = {}
    for outage in outages:
        if (key := subject(outage)) is not None:
            span = (outage.starts_at, outage.ends_at or FOR_EVER)
            spans[key] = (*spans.get(key, ()), span)
    return spans


def _read_practitioners() -> dict[str, Practitioner]:
    """Return, by slug and in the order of their names, the practitioners who can be claimed."""
    rows = db.session.execute(
        select(Staff.slug, Staff.name, Resource.id)
        .join(Resource, Resource.staff_id == Staff.id)
        .where(Staff.active, Resource.active, Resource.kind == ResourceKind.PRACTITIONER)
        .order_by(Staff.name)
    )
    return {row.slug: Practitioner(*row) for row in rows}


def _read_location(
    location: Location, people: Sequence[tuple[Role, ShiftWorker]], outages: Sequence[Outage]
) -> LocationCalendar:
    hours = db.session.scalars(select(OpeningHours).filter_by(location_id=location.id))
    closures = db.session.scalars(select(Closure).filter_by(location_id=location.id))
    practitioners = tuple(worker for role, worker in people if role is Role.PRACTITIONER)
    resources = _resources(location.id)
    return LocationCalendar(
        id=location.id,
        slug=location.slug,
        name=location.name,
        neutral_name=location.neutral_name,
        phone=location.phone,
        zone=ZoneInfo(location.time_zone),
        hours=tuple(
            WeeklyHours(row.weekday, row.opens, row.closes, row.valid_from, row.valid_to)
            for row in hours
        ),
        closures=tuple(ClosedDays(row.first_day, row.last_day, row.name) for row in closures),
        resources=resources,
        practitioners=practitioners,
        nurses=tuple(worker for role, worker in people if role is Role.NURSE),
        resource_ids=(
            *(resource for kind in resources.values() for resource in kind),
            *(worker.resource_id for worker in practitioners if worker.resource_id),
        ),
        outages=_by_subject(outages, lambda outage: outage.location_id).get(location.id, ()),
        resource_outages=_by_subject(outages, lambda outage: outage.resource_id),
    )


def _resources(location_id: int) -> dict[ResourceKind, tuple[int, ...]]:
    by_kind: dict[ResourceKind, tuple[int, ...]] = {}
    rows = db.session.execute(
        select(Resource.kind, Resource.id)
        .where(Resource.location_id == location_id, Resource.active)
        .order_by(Resource.position, Resource.id)
    )
    for kind, resource_id in rows:
        by_kind[kind] = (*by_kind.get(kind, ()), resource_id)
    return by_kind


def _shift_workers(
    absences: Spans, without_staff_id: int | None
) -> dict[int, list[tuple[Role, ShiftWorker]]]:
    """Return, by location id, who works there in which role, and when they are away."""
    shifts: dict[tuple[int, int], list[WeeklyHours]] = {}
    for row in db.session.scalars(select(Shift).order_by(Shift.id)):
        hours = WeeklyHours(row.weekday, row.begins, row.ends, row.valid_from, row.valid_to)
        shifts.setdefault((row.staff_id, row.location_id), []).append(hours)
    of_staff = db.session.scalars(
        select(Resource).where(Resource.staff_id.is_not(None), Resource.active)
    )
    practitioner = {resource.staff_id: resource.id for resource in of_staff}
    people = {row.id: row for row in db.session.scalars(select(Staff).where(Staff.active))}
    by_location: dict[int, list[tuple[Role, ShiftWorker]]] = {}
    busy = _read_busy_times()
    for (staff_id, location_id), hours_here in shifts.items():
        if (person := people.get(staff_id)) and staff_id != without_staff_id:
            worker = ShiftWorker(
                practitioner.get(staff_id),
                person.watches,
                tuple(hours_here),
                absences.get(staff_id, ()),
                busy.get(staff_id, ()),
            )
            by_location.setdefault(location_id, []).append((person.role, worker))
    return by_location


def _read_busy_times() -> Spans:
    """Return, by staff id, when people's own calendars say busy, in order."""
    spans: dict[int, list[Span]] = {}
    columns = BusyTime.staff_id, BusyTime.starts_at, BusyTime.ends_at
    for staff_id, starts_at, ends_at in db.session.execute(
        select(*columns).order_by(BusyTime.starts_at)
    ):
        spans.setdefault(staff_id, []).append((starts_at, ends_at))
    return {staff_id: tuple(of_one) for staff_id, of_one in spans.items()}


def _read_service(service: Service) -> BookableService:
    return BookableService(
        id=service.id,
        slug=service.slug,
        names=service.names,
        minutes=service.minutes,
        notice=service.notice_minutes,
        horizon=service.horizon_days,
        step=service.step_minutes,
        price_cents=service.price_cents,
        needs=tuple(ResourceNeed.from_dict(need) for need in service.needs),
        is_infusion=service.is_infusion,
        bookable_online=service.bookable_online,
    )
