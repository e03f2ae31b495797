"""The clinic file's parts, each checked by itself (pydantic); `checks` compares them."""

from collections.abc import Iterable
from typing import Annotated, Self

from pydantic import Field, model_validator

from booking.calendars.local_days import CELL_MINUTES
from booking.clinic.fields import (
    Day,
    Digest,
    Minutes,
    Name,
    NeedField,
    NeutralTexts,
    ReminderField,
    Slug,
    State,
    TemplateField,
    Texts,
)
from booking.clinic.parts import ClinicFileSection, LocationPart, StaffPart
from booking.screening.rules import ScreeningOutcome
from booking.series.planning.costs import PlanRates
from booking.staff.models import Role


class ClinicFileError(ValueError):
    """The file is no clinic; `problems` name each place and what was expected there."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


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
    needs: list[NeedField] = Field(default_factory=list)

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
    edited_from: Digest = ""

    def nurses_of_location(self, location_slug: str) -> list[StaffPart]:
        """Return the nurses with shifts at a location, now or announced."""
        return [
            member
            for member in self.staff
            if member.role is Role.NURSE and location_slug in member.location_slugs
        ]

    @property
    def setup_seats(self) -> int:
        """How many seats a nurse who is alone with one patient gives up: all that any nurse has."""
        return max((member.watches for member in self.staff), default=0) or 1
