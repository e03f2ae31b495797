"""The rows a clinic file asks for, by the key that names each one for good."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from booking.calendars.models import Service
from booking.calendars.rules import Need
from booking.clinic.holidays import dates_of
from booking.clinic.schema import WEEKDAYS, ClinicFile, LocationPart, ServicePart
from booking.extensions import Model
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.locations.rules import ResourceKind
from booking.staff.models import Role, Shift, Staff


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row as the file wants it: `same` tells which one it is, `values` what stands in it.

    A string in `same` or `values` under a name ending in `_id` is the slug of the row it points to.
    """

    table: type[Model]
    same: dict[str, Any]
    values: dict[str, Any]

    @property
    def key(self) -> str:
        """Return the row's name: its table and what tells it from the others."""
        return self.table.__tablename__ + "/" + "/".join(str(part) for part in self.same.values())


def wanted_rows(found: ClinicFile, today: date) -> Iterator[Wanted]:
    """Yield every row the file asks for, those that others point to first."""
    for position, place in enumerate(found.locations):
        yield _location(place, position)
    for person in found.staff:
        values = {"name": person.name, "role": person.role, "email": person.email}
        yield Wanted(
            Staff, {"slug": person.slug}, {**values, "watches": person.watches, "active": True}
        )
    yield from _hours(found)
    yield from _closures(found, today)
    yield from _resources(found)
    yield from _shifts(found)
    for service in found.services:
        yield _service(service)


def _location(place: LocationPart, position: int) -> Wanted:
    said = place.model_dump(
        include={
            "name", "neutral_name", "time_zone", "address", "phone", "email", "emergency_room",
        }
    )  # fmt: skip
    return Wanted(Location, {"slug": place.slug}, {**said, "position": position, "active": True})


def _hours(found: ClinicFile) -> Iterator[Wanted]:
    for place in found.locations:
        for weekday, day in enumerate(WEEKDAYS):
            for opens, closes in place.hours.get(day, []):  # type: ignore[call-overload]  # a Literal of the same words
                same = {"location_id": place.slug, "weekday": weekday, "opens": opens}
                yield Wanted(
                    OpeningHours,
                    {**same, "closes": closes, "valid_from": found.valid_from},
                    {"valid_to": None},
                )


def _closures(found: ClinicFile, today: date) -> Iterator[Wanted]:
    last = date(today.year + 2, 12, 31)
    for place in found.locations:
        for day, name in dates_of(found.holidays, found.state, today, last).items():
            same = {"location_id": place.slug, "first_day": day, "name": name}
            yield Wanted(Closure, same, {"last_day": day})
        for closed in place.closures:
            same = {"location_id": place.slug, "first_day": closed.first, "name": closed.name}
            yield Wanted(Closure, same, {"last_day": closed.last})


def _resources(found: ClinicFile) -> Iterator[Wanted]:
    for place in found.locations:
        seats = [f"Seat {n}" for n in range(1, seats_needed(found, place.slug) + 1)]
        for kind, names in (
            (ResourceKind.ROOM, place.rooms),
            (ResourceKind.CHAIR, place.chairs),
            (ResourceKind.SEAT, seats),
        ):
            for position, name in enumerate(names):
                same = {"location_id": place.slug, "kind": kind, "name": name}
                yield Wanted(Resource, same, {"position": position, "active": True})
    for person in found.staff:
        if person.role is Role.PRACTITIONER:
            values = {"kind": ResourceKind.PRACTITIONER, "name": person.name, "active": True}
            yield Wanted(Resource, {"staff_id": person.slug}, values)


def seats_needed(found: ClinicFile, place: str) -> int:
    """Return how many seats a location's pool can need: all that its nurses together can watch."""
    return sum(p.watches for p in found.staff if p.role is Role.NURSE and place in p.shifts)


def _shifts(found: ClinicFile) -> Iterator[Wanted]:
    for person in found.staff:
        for place, week in person.shifts.items():
            for weekday, day in enumerate(WEEKDAYS):
                for begins, ends in week.get(day, []):  # type: ignore[call-overload]  # a Literal of the same words
                    same = {"staff_id": person.slug, "location_id": place, "weekday": weekday}
                    yield Wanted(
                        Shift,
                        {**same, "begins": begins, "ends": ends, "valid_from": found.valid_from},
                        {"valid_to": None},
                    )


def _service(service: ServicePart) -> Wanted:
    needs = [Need(n.kind, n.offset, n.minutes, n.count).as_data() for n in service.needs]
    values = service.model_dump(
        include={
            "names",
            "minutes",
            "notice_minutes",
            "horizon_days",
            "step_minutes",
            "price_cents",
        }
    )
    more = {
        "needs": needs,
        "is_infusion": service.infusion,
        "bookable_online": service.online,
        "active": True,
    }
    return Wanted(Service, {"slug": service.slug}, {**values, **more})
