"""Places and people of the clinic file, each checked by itself (pydantic)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from booking.clinic.fields import (
    Address,
    Day,
    DaySpans,
    Email,
    Name,
    Neutral,
    Phone,
    Slug,
    Week,
    Zone,
)
from booking.clinic.weeks import Span, Weekday
from booking.staff.models import Role


class ClinicFileSection(BaseModel):
    """A table of the file; an unknown name is refused, so that none is misspelt unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClosurePart(ClinicFileSection):
    """Local days a location is closed, beside the holidays; both ends included."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    first: Day
    last: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("expected a first day that is not after the last")
        return self


class ExtraShiftPart(ClinicFileSection):
    """Hours that somebody works on one local day beside the weekly ones."""

    location: Slug
    day: Day
    hours: DaySpans


class LocationPart(ClinicFileSection):
    """A site: how it is called and reached, its hours, what stands in it.

    Hours that are announced hold from `hours_from` on, `hours_before` until then.
    """

    slug: Slug
    name: Name
    neutral_name: Neutral
    time_zone: Zone
    address: Address
    phone: Phone
    email: Email
    emergency_room: str
    rooms: list[Name]
    chairs: list[Name]
    hours: Week
    hours_from: Day | None = None
    hours_before: Week = {}
    closures: list[ClosurePart] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for names in (self.rooms, self.chairs):
            if len(set(names)) < len(names):
                raise ValueError("expected each room and each chair once")
        return self


class StaffPart(ClinicFileSection):
    """Someone who works here; `shifts` by location, `watches` chairs at once when a nurse.

    Shifts that are announced hold from `shifts_from` on, `shifts_before` until then.
    """

    slug: Slug
    name: Annotated[str, Field(min_length=1, max_length=80)]
    role: Role
    email: Email
    watches: Annotated[int, Field(ge=0, le=8)] = 0
    shifts: dict[Slug, Week] = {}
    shifts_from: Day | None = None
    shifts_before: dict[Slug, Week] = {}
    extra_shifts: list[ExtraShiftPart] = []

    @model_validator(mode="after")
    def _watches_as_a_nurse(self) -> Self:
        has_shifts = bool(self.shifts or self.extra_shifts)
        is_at_chairs = self.role is Role.NURSE and (self.watches > 0 or has_shifts)
        if is_at_chairs is not (self.watches > 0):
            raise ValueError("expected `watches` of 1 or more for a nurse, and for nobody else")
        return self

    @model_validator(mode="after")
    def _in_one_place_at_a_time(self) -> Self:
        for weekday in Weekday:
            _require_no_overlap(f"shifts: {weekday}", spans_on(self.shifts, weekday))
            _require_no_overlap(f"shifts_before: {weekday}", spans_on(self.shifts_before, weekday))
        for day in sorted({extra.day for extra in self.extra_shifts}):
            _require_no_overlap(f"extra_shifts: {day}", self.spans_of(day))
        return self

    @property
    def location_slugs(self) -> set[str]:
        """Where they have shifts, now, announced or on some day."""
        return {*self.shifts, *self.shifts_before, *(extra.location for extra in self.extra_shifts)}

    def spans_of(self, day: date) -> Iterator[tuple[str, Span]]:
        """Yield location and span of each shift on one local day, with those of that day alone."""
        is_before = self.shifts_from is not None and day < self.shifts_from
        weekly = self.shifts_before if is_before else self.shifts
        yield from spans_on(weekly, list(Weekday)[day.weekday()])
        for extra in self.extra_shifts:
            if extra.day == day:
                yield from ((extra.location, span) for span in extra.hours)


def spans_on(weeks: Mapping[str, Week], day: Weekday) -> Iterator[tuple[str, Span]]:
    """Yield location and span of each shift on one weekday."""
    for location_slug, week in weeks.items():
        yield from ((location_slug, span) for span in week.get(day, ()))


def _require_no_overlap(where: str, spans: Iterable[tuple[str, Span]]) -> None:
    in_order = sorted((span, location_slug) for location_slug, span in spans)
    for ((_, ends), location), ((begins, _), other_location) in pairwise(in_order):
        if begins < ends:
            raise ValueError(f"{where} at {location} and at {other_location} overlap")
