"""The rows a clinic file asks for, by what names each one for good."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from booking.calendars.models import Service
from booking.calendars.rules import infusion_needs
from booking.clinic.checks import count_seats
from booking.clinic.holidays import list_holiday_dates
from booking.clinic.parts import LocationPart, StaffPart
from booking.clinic.schema import ClinicFile, ServicePart
from booking.clinic.weeks import Span, Weekday
from booking.extensions import Model
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.locations.rules import ResourceKind
from booking.series.models import PlannerRates
from booking.staff.models import Role, Shift, Staff

PLANNER = "clinic"  # the one row of the planner's rates
YEARS_AHEAD = 2  # for which holidays are written down
LISTED_IN_LOCATION = ("rooms", "chairs", "hours", "hours_from", "hours_before", "closures")
LISTED_IN_PERSON = ("shifts", "shifts_from", "shifts_before", "extra_shifts")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DesiredRow:
    """A row as the file wants it: `identity` tells which one it is, `values` what stands in it.

    Under a name ending in `_id` stands the slug of the row that is pointed to. Hours and shifts that hold
    from a date of their own begin on the local date `begins`, others when the load's do.
    """

    table: type[Model]
    identity: dict[str, Any]
    values: dict[str, Any]
    begins: date | None = None

    @property
    def key(self) -> str:
        """Return the row's name: its table and what tells it from the others there."""
        identity = " ".join(str(part) for part in self.identity.values())
        return f"{self.table.__tablename__} {identity}"


def list_desired_rows(clinic: ClinicFile, today: date) -> Iterator[DesiredRow]:
    """Yield every row the file asks for, those that others point to first."""
    for position, location in enumerate(clinic.locations):
        yield _location(location, position)
    for person in clinic.staff:
        yield _person(person)
    for location in clinic.locations:
        yield from _hours(location, today)
        yield from _closures(clinic, location, today)
        yield from _resources(clinic, location)
    for person in clinic.staff:
        yield from _resource_of(person)
        yield from _shifts(person, today)
        yield from _extra_shifts(person, today)
    for service in clinic.services:
        yield _service(service, clinic.setup_seats)
    if clinic.planner:
        values = {"rates": clinic.planner.rates, "active": True}
        yield DesiredRow(PlannerRates, {"slug": PLANNER}, values)


def _location(location: LocationPart, position: int) -> DesiredRow:
    values = location.model_dump(exclude={"slug", *LISTED_IN_LOCATION})
    return DesiredRow(
        Location, {"slug": location.slug}, {**values, "position": position, "active": True}
    )


def _person(person: StaffPart) -> DesiredRow:
    values = person.model_dump(exclude={"slug", *LISTED_IN_PERSON})
    return DesiredRow(Staff, {"slug": person.slug}, {**values, "active": True})


@dataclass(frozen=True, slots=True)
class _DatedSpan:
    """Weekly hours of a weekday, and from when until when they hold; None: as the load says, no end."""

    weekday: int
    span: Span
    begins: date | None = None
    valid_to: date | None = None


def _dated_spans(
    week: Mapping[Weekday, tuple[Span, ...]],
    before: Mapping[Weekday, tuple[Span, ...]],
    announced_from: date | None,
    today: date,
) -> Iterator[_DatedSpan]:
    """Yield a week's spans, and those before it where it is announced; once it has begun, it alone counts."""
    if announced_from is None or announced_from <= today:
        yield from (_DatedSpan(*each) for each in _spans(week))
        return
    spans_before = set(_spans(before))
    for each in _spans(week):
        yield _DatedSpan(*each, begins=None if each in spans_before else announced_from)
    for each in sorted(spans_before.difference(_spans(week))):
        yield _DatedSpan(*each, valid_to=announced_from - DAY)


def _spans(week: Mapping[Weekday, tuple[Span, ...]]) -> list[tuple[int, Span]]:
    return [(day.number, span) for day, spans in week.items() for span in spans]


def _hours(location: LocationPart, today: date) -> Iterator[DesiredRow]:
    for dated in _dated_spans(location.hours, location.hours_before, location.hours_from, today):
        opens, closes = dated.span
        identity = {"location_id": location.slug, "weekday": dated.weekday}
        yield DesiredRow(
            OpeningHours,
            {**identity, "opens": opens, "closes": closes},
            {"valid_to": dated.valid_to},
            dated.begins,
        )


def _closures(clinic: ClinicFile, location: LocationPart, today: date) -> Iterator[DesiredRow]:
    end = date(today.year + YEARS_AHEAD, 12, 31)
    holidays = list_holiday_dates(clinic.holidays, clinic.state, today, end)
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


def _shifts(person: StaffPart, today: date) -> Iterator[DesiredRow]:
    for slug in sorted({*person.shifts, *person.shifts_before}):
        weeks = person.shifts.get(slug, {}), person.shifts_before.get(slug, {})
        for dated in _dated_spans(*weeks, person.shifts_from, today):
            identity = _shift_identity(person, slug, dated.weekday, dated.span)
            yield DesiredRow(Shift, identity, {"valid_to": dated.valid_to}, dated.begins)


def _extra_shifts(person: StaffPart, today: date) -> Iterator[DesiredRow]:
    """Yield the shifts of one day; those of days that are over stay as they were."""
    for extra in person.extra_shifts:
        for span in extra.hours if extra.day >= today else ():
            identity = _shift_identity(person, extra.location, extra.day.weekday(), span)
            identity["valid_from"] = extra.day
            yield DesiredRow(Shift, identity, {"valid_to": extra.day}, extra.day)


def _shift_identity(person: StaffPart, slug: str, weekday: int, span: Span) -> dict[str, Any]:
    begins, ends = span
    owner = {"staff_id": person.slug, "location_id": slug, "weekday": weekday}
    return {**owner, "begins": begins, "ends": ends}


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
