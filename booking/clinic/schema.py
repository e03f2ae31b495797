"""The clinic file's shape: what may stand where, checked field by field (pydantic) and across fields."""

import re
import tomllib
from collections.abc import Iterable
from datetime import date, time
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.functional_validators import AfterValidator

from booking.calendars.rules import CELL_MINUTES
from booking.clinic.holidays import KNOWN_HOLIDAYS
from booking.locations.rules import ResourceKind
from booking.patients.contacts import read_email, read_phone
from booking.reminders.rules import ReminderRule
from booking.screening.rules import ScreeningOutcome
from booking.series.rules import BadSchedule, Template
from booking.staff.models import Role

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TELLING = re.compile(r"ketamin|infusion|drip|depress|psych", re.IGNORECASE)
HOURS = re.compile(r"^(\d{2}:\d{2})-(\d{2}:\d{2})$")


class ClinicFileError(ValueError):
    """The file can't be read as a clinic; `problems` name each place and what was expected there."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def read_hours(value: Any) -> Any:
    """Read "09:00-17:00" as a pair of local times."""
    found = HOURS.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('expected hours like "09:00-17:00"')
    begins, ends = time.fromisoformat(found[1]), time.fromisoformat(found[2])
    if begins >= ends or begins.minute % CELL_MINUTES or ends.minute % CELL_MINUTES:
        raise ValueError("expected a beginning before the end, both on multiples of 5 minutes")
    return begins, ends


def neutral(value: str) -> str:
    """Refuse a name that tells what is treated: texts and calendar entries show it (invariant 10)."""
    if TELLING.search(value):
        raise ValueError("expected a name that tells nothing of the treatment")
    return value


def in_english(texts: dict[str, str]) -> dict[str, str]:
    """Require a text in English, in which all else is shown where a translation is missing."""
    if not texts.get("en"):
        raise ValueError('expected a text for "en"')
    return texts


def known_zone(value: str) -> str:
    """Require an IANA time zone."""
    if value not in available_timezones():
        raise ValueError("expected an IANA time zone like America/Phoenix")
    return value


Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Hours = Annotated[tuple[time, time], BeforeValidator(read_hours)]
Week = dict[
    Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    list[Hours],
]
Texts = Annotated[dict[Literal["en", "es"], str], AfterValidator(in_english)]
Minutes = Annotated[int, Field(ge=0, le=24 * 60, multiple_of=CELL_MINUTES)]
Phone = Annotated[str, AfterValidator(read_phone)]
Email = Annotated[str, AfterValidator(read_email)]
Neutral = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(neutral)]


class Part(BaseModel):
    """A table of the file; a name it doesn't know is refused, so that none is misspelt unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ClosurePart(Part):
    """Days a location is closed, beside the holidays; both ends included."""

    name: str
    first: date
    last: date


class LocationPart(Part):
    """A site: how it is called and reached, its hours, what stands in it."""

    slug: Slug
    name: str
    neutral_name: Neutral
    time_zone: Annotated[str, AfterValidator(known_zone)]
    address: str
    phone: Phone
    email: Email
    emergency_room: str
    rooms: Annotated[list[str], Field(min_length=1)]
    chairs: list[str]
    hours: Week
    closures: list[ClosurePart] = []


class StaffPart(Part):
    """Someone who works here; `shifts` by location, `watches` chairs at once when a nurse."""

    slug: Slug
    name: str
    role: Role
    email: Email
    watches: Annotated[int, Field(ge=0, le=8)] = 0
    shifts: dict[str, Week] = {}


class NeedPart(Part):
    """A kind of resource a visit occupies, from `offset` minutes after its start."""

    kind: ResourceKind
    offset: Annotated[int, Field(multiple_of=CELL_MINUTES)] = 0
    minutes: Minutes
    count: int = 1


class ServicePart(Part):
    """What can be booked; minutes, days, US cents."""

    slug: Slug
    names: Annotated[Texts, AfterValidator(lambda texts: {k: neutral(v) for k, v in texts.items()})]
    minutes: Minutes
    notice_minutes: Annotated[int, Field(ge=0)]
    horizon_days: Annotated[int, Field(ge=1, le=730)]
    step_minutes: Annotated[int, Field(ge=5, le=240, multiple_of=CELL_MINUTES)]
    price_cents: Annotated[int, Field(ge=0)]
    online: bool
    infusion: bool = False
    needs: Annotated[list[NeedPart], Field(min_length=1)]


class QuestionPart(Part):
    """A safety question, phrased so that "no" goes on, and where a yes leads."""

    slug: Slug
    leads_to: ScreeningOutcome
    texts: Texts


class ScreeningPart(Part):
    """The safety questions, and the practitioner who read and signed them."""

    approved_by: str
    questions: Annotated[list[QuestionPart], Field(min_length=1)]


class ClinicFile(Part):
    """The whole file. Weekly rules hold from the date `valid_from` on."""

    valid_from: date
    holidays: list[str]
    state: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    locations: Annotated[list[LocationPart], Field(min_length=1)]
    staff: list[StaffPart]
    services: Annotated[list[ServicePart], Field(min_length=1)]
    screening: ScreeningPart
    templates: list[dict[str, Any]]
    reminders: list[dict[str, Any]]


def parse(text: str) -> ClinicFile:
    """Read and check a clinic file; raise `ClinicFileError` with every problem found."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ClinicFileError([f"not TOML: {error}"]) from error
    try:
        found = ClinicFile.model_validate(data)
    except ValidationError as error:
        raise ClinicFileError(_named(error, data)) from error
    problems = [*_cross_checks(found), *_schedules(found), *_reminders(found)]
    if problems:
        raise ClinicFileError(problems)
    return found


def _named(error: ValidationError, data: Any) -> list[str]:
    """Say each problem with its place, items of a list by their slug where they have one."""
    problems = []
    for one in error.errors(include_url=False):
        place, here = [], data
        for step in one["loc"]:
            here = _step(here, step)
            name = (
                here.get("slug", step) if isinstance(step, int) and isinstance(here, dict) else step
            )
            place.append(str(name))
        problems.append(f"{'.'.join(place)}: {one['msg'].removeprefix('Value error, ')}")
    return problems


def _step(here: Any, step: int | str) -> Any:
    try:
        return here[step]
    except (KeyError, IndexError, TypeError):
        return None


def _cross_checks(found: ClinicFile) -> Iterable[str]:
    places = {place.slug for place in found.locations}
    for kind, slugs in (
        ("locations", [p.slug for p in found.locations]),
        ("staff", [p.slug for p in found.staff]),
        ("services", [s.slug for s in found.services]),
        ("screening.questions", [q.slug for q in found.screening.questions]),
    ):
        yield from (
            f"{kind}.{s}: expected once, found again" for s in set(slugs) if slugs.count(s) > 1
        )
    for person in found.staff:
        yield from (
            f"staff.{person.slug}.shifts.{slug}: expected one of {', '.join(sorted(places))}"
            for slug in person.shifts.keys() - places
        )
        yield from _overlapping_shifts(person)
        if person.watches and person.role is not Role.NURSE:
            yield f"staff.{person.slug}.watches: expected 0, only a nurse watches chairs"
    for name in found.holidays:
        if name not in KNOWN_HOLIDAYS(found.state):
            yield f"holidays: expected a holiday known in {found.state}, got {name!r}"
    leads = [q.leads_to for q in found.screening.questions]
    if leads.count(ScreeningOutcome.HELP_FIRST) != 1:
        yield "screening.questions: expected exactly one that leads to help_first"
    if not any(
        q.slug == "psychosis" and q.leads_to == "call_first" for q in found.screening.questions
    ):
        yield 'screening.questions: expected "psychosis", leading to call_first'


def _overlapping_shifts(person: StaffPart) -> Iterable[str]:
    for day in WEEKDAYS:
        spans = sorted(
            (hours, slug)
            for slug, week in person.shifts.items()
            for hours in week.get(day, [])  # type: ignore[call-overload]  # a Literal of the same words
        )
        for ((_, ends), one), ((begins, _), other) in zip(spans, spans[1:], strict=False):
            if begins < ends:
                yield f"staff.{person.slug}.shifts: {day} at {one} and at {other} overlap"


def _schedules(found: ClinicFile) -> Iterable[str]:
    for number, data in enumerate(found.templates):
        place = f"templates.{data.get('slug', number)}"
        try:
            Template.from_data({"version": 1, **data})
        except BadSchedule as error:
            yield f"{place}: {error}"
        except (KeyError, TypeError) as error:
            yield f"{place}: expected slug, name, approved_by and phases ({error})"


def _reminders(found: ClinicFile) -> Iterable[str]:
    for number, data in enumerate(found.reminders):
        try:
            ReminderRule.from_data(data)
        except (KeyError, TypeError, ValueError) as error:
            yield f"reminders.{data.get('kind', number)}: {error}"
