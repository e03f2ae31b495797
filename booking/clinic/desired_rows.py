"""The rows a clinic file asks for, by what names each one for good."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from booking.calendars.models import Service
from booking.calendars.rules import infusion_needs
from booking.clinic.checks import count_seats
from booking.clinic.holidays import holiday_dates
from booking.clinic.schema import ClinicFile, LocationPart, ServicePart, StaffPart
from booking.extensions import Model
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.locations.rules import ResourceKind
from booking.series.models import PlannerRates
from booking.staff.models import Role, Shift, Staff

PLANNER = "clinic"  # the one row of the planner's rates
YEARS_AHEAD = 2  # for which holidays are written down


@dataclass(frozen=True, slots=True)
class DesiredRow:
    """A row as the file wants it: `identity` tells which one it is, `values` what stands in it.

    Under a name ending in `_id` stands the slug of the row that is pointed to.
    """

    table: type[Model]
    identity: dict[str, Any]
    values: dict[str, Any]

    @property
    def key(self) -> str:
        """Return the row's name: its table and what tells it from the others there."""
        identity = " ".join(str(part) for part in self.identity.values())
        return f"{self.table.__tablename__} {identity}"


def desired_rows(clinic: ClinicFile, today: date) -> Iterator[DesiredRow]:
    """Yield every row the file asks for, those that others point to first."""
    for position, location in enumerate(clinic.locations):
        yield _location(location, position)
    for person in clinic.staff:
        yield _person(person)
    for location in clinic.locations:
        yield from _hours(location)
        yield from _closures(clinic, location, today)
        yield from _resources(clinic, location)
    for person in clinic.staff:
        yield from _resource_of(person)
        yield from _shifts(person)
    for service in clinic.services:
        yield _service(service, clinic.setup_seats)
    if clinic.planner:
        values = {"rates": clinic.planner.rates, "active": True}
        yield DesiredRow(PlannerRates, {"slug": PLANNER}, values)


def _location(location: LocationPart, position: int) -> DesiredRow:
    values = location.model_dump(exclude={"slug", "rooms", "chairs", "hours", "closures"})
    return DesiredRow(
        Location, {"slug": location.slug}, {**values, "position": position, "active": True}
    )


def _person(person: StaffPart) -> DesiredRow:
    values = person.model_dump(exclude={"slug", "shifts"})
    return DesiredRow(Staff, {"slug": person.slug}, {**values, "active": True})


def _hours(location: LocationPart) -> Iterator[DesiredRow]:
    for day, spans in location.hours.items():
        for opens, closes in spans:
            identity = {"location_id": location.slug, "weekday": day.number}
            yield DesiredRow(
                OpeningHours, {**identity, "opens": opens, "closes": closes}, {"valid_to": None}
            )


def _closures(clinic: ClinicFile, location: LocationPart, today: date) -> Iterator[DesiredRow]:
    end = date(today.year + YEARS_AHEAD, 12, 31)
    holidays = holiday_dates(clinic.holidays, clinic.state, today, end)
    closures = [(closure.first, closure.last, closure.name) for closure in location.closures]
    for first, last, name in (*((day, day, name) for day, name in holidays.items()), *closures):
        identity = {"location_id": location.slug, "first_day": first, "name": name}
        yield DesiredRow(Closure, identity, {"last_day": last})


def _resources(clinic: ClinicFile, location: LocationPart) -> Iterator[DesiredRow]:
    seats = [f"Seat {number}" for number in range(1, count_seats(clinic, location) + 1)]
    for kind, names in (
        (ResourceKind.ROOM, location.rooms),
        (ResourceKind.CHAIR, location.chairs),
        (ResourceKind.SEAT, seats),
    ):
        for position, name in enumerate(names):
            identity = {"location_id": location.slug, "kind": kind, "name": name}
            yield DesiredRow(Resource, identity, {"position": position, "active": True})


def _resource_of(person: StaffPart) -> Iterator[DesiredRow]:
    if person.role is Role.PRACTITIONER:
        values = {"kind": ResourceKind.PRACTITIONER, "name": person.name, "active": True}
        yield DesiredRow(Resource, {"staff_id": person.slug}, values)


def _shifts(person: StaffPart) -> Iterator[DesiredRow]:
    for location_slug, week in person.shifts.items():
        for day, spans in week.items():
            for begins, ends in spans:
                identity = {
                    "staff_id": person.slug,
                    "location_id": location_slug,
                    "weekday": day.number,
                }
                yield DesiredRow(
                    Shift, {**identity, "begins": begins, "ends": ends}, {"valid_to": None}
                )


def _service(service: ServicePart, setup_seats: int) -> DesiredRow:
    service_values = service.model_dump(exclude={"slug", "online", "infusion", "needs"})
    needs = service.needs
    if service.infusion is not None:
        needs = list(infusion_needs(*service.infusion, setup_seats))
    values = {
        **service_values,
        "needs": [need.to_dict() for need in needs],
        "is_infusion": service.infusion is not None,
        "bookable_online": service.online,
        "active": True,
    }
    return DesiredRow(Service, {"slug": service.slug}, values)
