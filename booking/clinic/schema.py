"""The clinic file's parts, each checked by itself (pydantic); `checks` compares them."""

from collections.abc import Iterable, Iterator
from datetime import time
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from booking.calendars.local_days import CELL_MINUTES
from booking.clinic.fields import (
    Day,
    Email,
    Minutes,
    Name,
    NeedField,
    Neutral,
    NeutralTexts,
    Phone,
    ReminderField,
    Slug,
    State,
    TemplateField,
    Texts,
    Week,
    Weekday,
    Zone,
)
from booking.screening.rules import ScreeningOutcome
from booking.series.planning.costs import PlanRates
from booking.staff.models import Role


class ClinicFileError(ValueError):
    """The file is no clinic; `problems` name each place and what was expected there."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


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


class LocationPart(ClinicFileSection):
    """A site: how it is called and reached, its hours, what stands in it."""

    slug: Slug
    name: Name
    neutral_name: Neutral
    time_zone: Zone
    address: Annotated[str, Field(min_length=1, max_length=200)]
    phone: Phone
    email: Email
    emergency_room: str
    rooms: list[Name]
    chairs: list[Name]
    hours: Week
    closures: list[ClosurePart] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for names in (self.rooms, self.chairs):
            if len(set(names)) < len(names):
                raise ValueError("expected each room and each chair once")
        return self


class StaffPart(ClinicFileSection):
    """Someone who works here; `shifts` by location, `watches` chairs at once when a nurse."""

    slug: Slug
    name: Annotated[str, Field(min_length=1, max_length=80)]
    role: Role
    email: Email
    watches: Annotated[int, Field(ge=0, le=8)] = 0
    shifts: dict[Slug, Week] = {}

    @model_validator(mode="after")
    def _watches_as_a_nurse(self) -> Self:
        is_at_chairs = self.role is Role.NURSE and (self.watches > 0 or bool(self.shifts))
        if is_at_chairs is not (self.watches > 0):
            raise ValueError("expected `watches` of 1 or more for a nurse, and for nobody else")
        return self

    @model_validator(mode="after")
    def _in_one_place_at_a_time(self) -> Self:
        for day in Weekday:
            spans = sorted((span, location_slug) for location_slug, span in self.spans_on(day))
            for ((_, ends), location), ((begins, _), other_location) in pairwise(spans):
                if begins < ends:
                    raise ValueError(f"shifts: {day} at {location} and at {other_location} overlap")
        return self

    def spans_on(self, day: Weekday) -> Iterator[tuple[str, tuple[time, time]]]:
        """Yield location and span of each shift on one weekday."""
        for location_slug, week in self.shifts.items():
            for span in week.get(day, ()):
                yield location_slug, span


class ServicePart(ClinicFileSection):
    """What can be booked; minutes, days, US cents.

    An infusion gives the minutes of setup, infusion and recovery in place of its needs.
    """

    slug: Slug
    names: NeutralTexts
    minutes: Minutes
    notice_minutes: Annotated[int, Field(ge=0, le=366 * 24 * 60)]
    horizon_days: Annotated[int, Field(ge=1, le=730)]
    step_minutes: Annotated[int, Field(ge=CELL_MINUTES, le=240, multiple_of=CELL_MINUTES)]
    price_cents: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    online: bool
    infusion: tuple[Minutes, Minutes, Minutes] | None = None
    needs: list[NeedField] = []

    @model_validator(mode="after")
    def _occupies_something(self) -> Self:
        if bool(self.needs) is (self.infusion is not None):
            raise ValueError("expected either `needs` or `infusion`")
        if self.infusion is not None and sum(self.infusion) != self.minutes:
            raise ValueError("expected `infusion` to add up to `minutes`")
        if self.minutes == 0:
            raise ValueError("expected `minutes` of 5 or more")
        return self


class QuestionPart(ClinicFileSection):
    """A safety question, phrased so that "no" goes on, where a yes leads, and its line where it is listed."""

    slug: Slug
    leads_to: ScreeningOutcome
    texts: Texts
    listed: Texts | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.leads_to in (ScreeningOutcome.GO_ON, ScreeningOutcome.ADULTS_ONLY):
            raise ValueError("leads_to: expected flagged, call_first or help_first")
        return self

    @model_validator(mode="after")
    def _stops_by_itself(self) -> Self:
        if self.listed and not self.leads_to.allows_booking:
            leads_to = f"what leads to {self.leads_to} is asked yes or no"
            raise ValueError(f"listed: expected only where a yes is flagged; {leads_to}")
        return self


class ScreeningPart(ClinicFileSection):
    """The safety questions, and the practitioner who read and signed them."""

    approved_by: Name
    questions: list[QuestionPart]

    @model_validator(mode="after")
    def _asks_what_it_must(self) -> Self:
        leads = [question.leads_to for question in self.questions]
        if leads.count(ScreeningOutcome.HELP_FIRST) != 1:
            raise ValueError("questions: expected exactly one that leads to help_first")
        outcomes = {question.slug: question.leads_to for question in self.questions}
        if outcomes.get("psychosis") is not ScreeningOutcome.CALL_FIRST:
            raise ValueError('questions: expected "psychosis", leading to call_first')
        return self


class PlannerPart(ClinicFileSection):
    """What the series planner weighs (docs/decisions/0045): points a unit; those left out are as shipped."""

    rates: dict[str, int]

    @model_validator(mode="after")
    def _has_rates(self) -> Self:
        PlanRates.from_dict(self.rates)
        return self


class ClinicFile(ClinicFileSection):
    """The whole file. Its weekly hours and shifts hold from the local date `valid_from` on."""

    valid_from: Day
    state: State
    holidays: list[str]
    locations: Annotated[list[LocationPart], Field(min_length=1)]
    staff: list[StaffPart]
    services: Annotated[list[ServicePart], Field(min_length=1)]
    screening: ScreeningPart
    templates: list[TemplateField]
    reminders: list[ReminderField]
    planner: PlannerPart | None = None

    def nurses_of_location(self, location_slug: str) -> list[StaffPart]:
        """Return the nurses with shifts at a location."""
        return [
            member
            for member in self.staff
            if member.role is Role.NURSE and location_slug in member.shifts
        ]

    @property
    def setup_seats(self) -> int:
        """How many seats a nurse who is alone with one patient gives up: all that any nurse has."""
        return max((member.watches for member in self.staff), default=0) or 1
