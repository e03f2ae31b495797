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
from booking.staff.models import Role, Shift, Staff

YEARS_AHEAD = 2  # for which holidays are written down


@dataclass(frozen=True, slots=True)
class DesiredRow:
    """A row as the file wants it: `same` tells which one it is, `values` what stands in it.

    Under a name ending in `_id` stands the slug of the row that is pointed to.
    """

    table: type[Model]
    identity: dict[str, Any]
    values: dict[str, Any]

    @property
    def key(self) -> str:
        """Return the row's name: its table and what tells it from the others there."""
        told = " ".join(str(part) for part in self.identity.values())
        return f"{self.table.__tablename__} {told}"


def desired_rows(found: ClinicFile, today: date) -> Iterator[DesiredRow]:
    """Yield every row the file asks for, those that others point to first."""
    for position, place in enumerate(found.locations):
        yield _location(place, position)
    for person in found.staff:
        yield _person(person)
    for place in found.locations:
        yield from _hours(place)
        yield from _closures(found, place, today)
        yield from _resources(found, place)
    for person in found.staff:
        yield from _resource_of(person)
        yield from _shifts(person)
    for service in found.services:
        yield _service(service, found.setup_seats)


def _location(place: LocationPart, position: int) -> DesiredRow:
    said = place.model_dump(exclude={"slug", "rooms", "chairs", "hours", "closures"})
    return DesiredRow(
        Location, {"slug": place.slug}, {**said, "position": position, "active": True}
    )


def _person(person: StaffPart) -> DesiredRow:
    said = person.model_dump(exclude={"slug", "shifts"})
    return DesiredRow(Staff, {"slug": person.slug}, {**said, "active": True})


def _hours(place: LocationPart) -> Iterator[DesiredRow]:
    for day, spans in place.hours.items():
        for opens, closes in spans:
            same = {"location_id": place.slug, "weekday": day.number}
            yield DesiredRow(
                OpeningHours, {**same, "opens": opens, "closes": closes}, {"valid_to": None}
            )


def _closures(found: ClinicFile, place: LocationPart, today: date) -> Iterator[DesiredRow]:
    end = date(today.year + YEARS_AHEAD, 12, 31)
    holidays = holiday_dates(found.holidays, found.state, today, end)
    own = [(one.first, one.last, one.name) for one in place.closures]
    for first, last, name in (*((day, day, name) for day, name in holidays.items()), *own):
        same = {"location_id": place.slug, "first_day": first, "name": name}
        yield DesiredRow(Closure, same, {"last_day": last})


def _resources(found: ClinicFile, place: LocationPart) -> Iterator[DesiredRow]:
    seats = [f"Seat {number}" for number in range(1, count_seats(found, place) + 1)]
    for kind, names in (
        (ResourceKind.ROOM, place.rooms),
        (ResourceKind.CHAIR, place.chairs),
        (ResourceKind.SEAT, seats),
    ):
        for position, name in enumerate(names):
            same = {"location_id": place.slug, "kind": kind, "name": name}
            yield DesiredRow(Resource, same, {"position": position, "active": True})


def _resource_of(person: StaffPart) -> Iterator[DesiredRow]:
    if person.role is Role.PRACTITIONER:
        values = {"kind": ResourceKind.PRACTITIONER, "name": person.name, "active": True}
        yield DesiredRow(Resource, {"staff_id": person.slug}, values)


def _shifts(person: StaffPart) -> Iterator[DesiredRow]:
    for place, week in person.shifts.items():
        for day, spans in week.items():
            for begins, ends in spans:
                same = {"staff_id": person.slug, "location_id": place, "weekday": day.number}
                yield DesiredRow(
                    Shift, {**same, "begins": begins, "ends": ends}, {"valid_to": None}
                )


def _service(service: ServicePart, setup_seats: int) -> DesiredRow:
    said = service.model_dump(exclude={"slug", "online", "infusion", "needs"})
    needs = service.needs
    if service.infusion is not None:
        needs = list(infusion_needs(*service.infusion, setup_seats))
    values = {
        **said,
        "needs": [need.to_dict() for need in needs],
        "is_infusion": service.infusion is not None,
        "bookable_online": service.online,
        "active": True,
    }
    return DesiredRow(Service, {"slug": service.slug}, values)
