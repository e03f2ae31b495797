"""The JSON API's request bodies, checked field by field (pydantic), and their words for what is wrong."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qsl

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.functional_validators import AfterValidator, BeforeValidator
from werkzeug.datastructures import MultiDict

from booking import clock
from booking.calendars import availability
from booking.dates import EARLIEST, LATEST, is_plausible_date
from booking.patients.rules import EARLIEST_BIRTH, MAX_NAME_LENGTH
from booking.web.contacts import (
    MAX_TYPED_LENGTH,
    parse_email,
    parse_name,
    parse_phone,
    require_textable,
)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_LENGTH),
    AfterValidator(parse_name),
]
Phone = Annotated[str, StringConstraints(max_length=MAX_TYPED_LENGTH), AfterValidator(parse_phone)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(parse_email)]
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def require_iso_date(value: object) -> object:
    """Refuse all but 2026-12-01: pydantic would read a number as seconds since 1970."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError("expected a date like 2026-12-01")
    return value


def require_rfc3339(value: object) -> object:
    """Refuse all but RFC 3339's form: pydantic would read a number as seconds since 1970."""
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise ValueError("expected a time with its offset, like 2026-12-01T10:00:00-07:00")
    return value


MAX_SLOT_DAYS = 93  # asked for at once, both ends included


def require_past_birth_date(day: date) -> date:
    """Refuse a birth date to come."""
    if day > availability.get_clinic_date(clock.now()):
        raise ValueError("expected a date in the past")
    return day


Day = Annotated[date, BeforeValidator(require_iso_date), Field(ge=EARLIEST, le=LATEST)]
BirthDate = Annotated[
    date,
    BeforeValidator(require_iso_date),
    Field(ge=EARLIEST_BIRTH),
    AfterValidator(require_past_birth_date),
]


def require_plausible_instant(instant: datetime) -> datetime:
    """Refuse instants whose arithmetic would leave the calendar."""
    if not is_plausible_date(instant.date()):
        raise ValueError(f"expected a year between {EARLIEST.year} and {LATEST.year}")
    return instant


Instant = Annotated[
    AwareDatetime, BeforeValidator(require_rfc3339), AfterValidator(require_plausible_instant)
]


class Body(BaseModel):
    """A request body: unknown members are refused, so that a misspelt one can't be overlooked."""

    model_config = ConfigDict(extra="forbid", strict=False)


class PatientBody(Body):
    """Who the appointment is for; the e-mail may be left out."""

    given_name: Name
    family_name: Name
    birth_date: BirthDate
    phone: Phone
    email: Email | None = None


class ScreeningBody(Body):
    """A yes or no to each question of one version of the safety questions."""

    version: Annotated[int, Field(strict=True)]
    answers: dict[str, Annotated[bool, Field(strict=True)]]


class AppointmentBody(Body):
    """A booking. `start` carries its offset from UTC."""

    service: Slug
    location: Slug
    start: Instant
    patient: PatientBody
    screening: ScreeningBody
    sms_consent: Annotated[bool, Field(strict=True)]

    @field_validator("sms_consent")
    @classmethod
    def require_textable_phone(cls, value: bool, info: ValidationInfo) -> bool:
        """Refuse a wish for texts to a number that gets none."""
        if value and (patient := info.data.get("patient")):
            require_textable(patient.phone)
        return value


class MoveBody(Body):
    """Where an appointment moves to. `start` carries its offset from UTC."""

    start: Instant
    location: Slug


class SlotsQuery(Body):
    """Which slots are asked for: local days of each location, both ends included."""

    service: Slug
    location: list[Slug] | None = None
    start: Day
    end: Day


class NoQuery(Body):
    """The query of an address that reads none."""


@lru_cache(maxsize=512)
def parse_slots_query(query: str) -> SlotsQuery:
    """Read an address's query, once for each of those asked again and again.

    Raises pydantic's `ValidationError`.
    """
    arguments = MultiDict(parse_qsl(query, keep_blank_values=True))
    values = {name: texts[0] if len(texts) == 1 else texts for name, texts in arguments.lists()}
    return SlotsQuery.model_validate({**values, "location": arguments.getlist("location") or None})


def list_field_errors(error: ValidationError) -> list[dict[str, str]]:
    """Return one entry a field: a JSON pointer to it (RFC 6901) and what was expected, never its value."""
    return [
        {
            "pointer": "".join(f"/{_escaped(part)}" for part in detail["loc"]),
            "detail": _said(detail),
        }
        for detail in error.errors(include_input=False, include_url=False)
    ]


def _escaped(part: int | str) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _said(value: Any) -> str:
    return str(value["msg"]).removeprefix("Value error, ")
