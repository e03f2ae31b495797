"""What may stand in one field of the clinic file, and what else would be expected there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from booking.calendars.local_days import CELL_MINUTES
from booking.calendars.rules import ResourceNeed
from booking.clinic.discretion import is_telling
from booking.clinic.holidays import list_states
from booking.clinic.weeks import (
    Span,
    Weekday,
    parse_spans,
    require_within_day,
    split_past_midnight,
)
from booking.dates import EARLIEST, LATEST
from booking.messaging.segments import GSM_7, measure_text, to_gsm7
from booking.patients.contacts import InvalidContact, parse_email, parse_phone
from booking.patients.rules import strip_extension
from booking.reminders.rules import ReminderRule
from booking.series.templates import Template

SLUG, NAME = re.compile(r"[a-z0-9-]{1,40}"), re.compile(r".{1,120}")
DIGEST = re.compile(r"([0-9a-f]{64})?")
PHASE = {"name", "sessions", "gap", "minutes", "review_every", "after_miss"}
DAY_MINUTES = 24 * 60


def require_neutral(value: str) -> str:
    """Refuse a name that tells what is treated: texts and calendars show it (invariant 10)."""
    if is_telling(value):
        raise ValueError("expected a name that tells nothing of the treatment")
    return value


def require_neutral_address(value: str) -> str:
    """Refuse an address that tells what is treated: it stands beside the name."""
    if is_telling(value):
        raise ValueError("expected an address that tells nothing of the treatment")
    return value


def require_text_letters(value: str) -> str:
    """Refuse what would take each text from one part to several: emoji, and letters without a like."""
    if measure_text(to_gsm7(value)).encoding != GSM_7:
        raise ValueError("expected letters that every telephone shows, and no emoji")
    return value


def require_english(texts: dict[str, str]) -> dict[str, str]:
    """Require English, which is shown wherever a translation is missing."""
    if not texts.get("en"):
        raise ValueError('expected a text for "en"')
    return texts


def require_neutral_texts(texts: dict[str, str]) -> dict[str, str]:
    """Require neutral names in every language."""
    return {language: require_neutral(text) for language, text in texts.items()}


def require_time_zone(value: str) -> str:
    """Return an IANA time zone's name as it is. Raises `ValueError` for any other text."""
    if value not in available_timezones():
        raise ValueError('expected an IANA time zone like "America/Phoenix"')
    return value


def require_us_state(value: str) -> str:
    """Require a US state."""
    if value not in list_states():
        raise ValueError('expected a US state like "AZ"')
    return value


def require_e164(value: str) -> str:
    """Require a valid number in E.164, without an extension: texts and calendars carry it."""
    try:
        number = parse_phone(value)
    except InvalidContact:
        number = ""
    if number != value or strip_extension(number) != number:
        raise ValueError('expected a phone number like "+16025550100"')
    return value


def validate_email(value: str) -> str:
    """Require an address; return it in lower case."""
    try:
        return parse_email(value)
    except InvalidContact as error:
        raise ValueError('expected an e-mail address like "desk@example.com"') from error


def parse_need(data: Any) -> ResourceNeed:
    """Read what an appointment occupies; `offset` may be left out."""
    values = _table({"offset": 0}, data, ResourceNeed)
    numbers = [values.get(name, 1) for name in ("offset", "minutes", "count")]
    if any(type(number) is not int or abs(number) > DAY_MINUTES for number in numbers):
        raise ValueError(f"expected whole numbers of minutes, {DAY_MINUTES} at most")
    return ResourceNeed.from_dict(values)


@dataclass(frozen=True, slots=True)
class TemplatePart:
    """A schedule template; an export adds the digest of the version that it wrote down, `edited_from`."""

    template: Template
    edited_from: str = ""

    @property
    def slug(self) -> str:
        """The template's slug."""
        return self.template.slug


def parse_template(data: Any) -> TemplatePart:
    """Read a schedule template; its version is counted by the load, never written in the file."""
    edited_from, content = _split_edited_from(data)
    values = _table({}, content, Template, ignoring="version")
    for name, like in (("slug", SLUG), ("approved_by", NAME)):
        if not isinstance(values.get(name, "x"), str) or not like.fullmatch(values.get(name, "x")):
            raise ValueError(f"{name}: expected a text like those of other parts")
    for number, phase in enumerate(values.get("phases", ())):
        if isinstance(phase, dict) and (unknown := phase.keys() - PHASE):
            raise ValueError(f"phases.{number}: not known here: {', '.join(sorted(unknown))}")
    return TemplatePart(Template.from_dict({**values, "version": 0}), edited_from)


def _split_edited_from(data: Any) -> tuple[str, Any]:
    """Return what an export wrote beside a template, none where it is written by hand, and the rest."""
    if not isinstance(data, dict):
        return "", data
    edited_from = data.get("edited_from", "")
    if not isinstance(edited_from, str) or not DIGEST.fullmatch(edited_from):
        raise ValueError("edited_from: expected what an export wrote there")
    return edited_from, {name: value for name, value in data.items() if name != "edited_from"}


def parse_reminder(data: Any) -> ReminderRule:
    """Read a reminder rule."""
    return ReminderRule.from_dict(_table({}, data, ReminderRule))


def _table(defaults: dict[str, Any], data: Any, kind: type, ignoring: str = "") -> dict[str, Any]:
    """Return `data` over the defaults; refuse a name that `kind` doesn't have, or a missing one."""
    if not isinstance(data, dict):
        raise ValueError("expected a table")  # what pydantic collects
    names = set(kind.__dataclass_fields__) - {ignoring}  # type: ignore[attr-defined]  # a dataclass
    if unknown := data.keys() - names:
        raise ValueError(f"not known here: {', '.join(sorted(unknown))}")
    return {**defaults, **data}


def _validated_by(parse: Callable[[Any], Any]) -> PlainValidator:
    """Let rules read a value; a missing name or a wrong type is told as any other problem."""

    def reading(data: Any) -> Any:
        try:
            return parse(data)
        except KeyError as error:
            raise ValueError(f"{error.args[0]}: expected, but missing") from error
        except TypeError as error:
            raise ValueError("expected a number for each number, a text for each text") from error

    return PlainValidator(reading)


Day = Annotated[date, Field(ge=EARLIEST, le=LATEST)]
Slug = Annotated[str, Field(pattern=f"^{SLUG.pattern}$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Spans = Annotated[tuple[Span, ...], BeforeValidator(parse_spans)]
DaySpans = Annotated[Spans, AfterValidator(require_within_day)]
Week = Annotated[
    dict[Weekday, Spans],
    AfterValidator(split_past_midnight),
]
Language = Literal["en", "es"]  # all of LANGUAGES, and those that are prepared
Texts = Annotated[dict[Language, str], AfterValidator(require_english)]
Digest = Annotated[str, Field(pattern=f"^{DIGEST.pattern}$")]
Minutes = Annotated[int, Field(ge=0, le=12 * 60, multiple_of=CELL_MINUTES)]
Phone = Annotated[str, AfterValidator(require_e164)]
Email = Annotated[str, AfterValidator(validate_email)]
Neutral = Annotated[
    str,
    Field(min_length=1, max_length=60),
    AfterValidator(require_neutral),
    AfterValidator(require_text_letters),
]
Address = Annotated[
    str, Field(min_length=1, max_length=200), AfterValidator(require_neutral_address)
]
State = Annotated[str, AfterValidator(require_us_state)]
Zone = Annotated[str, AfterValidator(require_time_zone)]
NeutralTexts = Annotated[Texts, AfterValidator(require_neutral_texts)]
NeedField = Annotated[ResourceNeed, _validated_by(parse_need)]
TemplateField = Annotated[TemplatePart, _validated_by(parse_template)]
ReminderField = Annotated[ReminderRule, _validated_by(parse_reminder)]
