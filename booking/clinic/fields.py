"""What may stand in one field of the clinic file, and what else would be expected there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from booking.calendars.local_days import CELL_MINUTES
from booking.calendars.rules import ResourceNeed
from booking.clinic.holidays import list_states
from booking.dates import EARLIEST, LATEST
from booking.locations.rules import END_OF_DAY
from booking.patients.contacts import InvalidContact, parse_email, parse_phone
from booking.patients.rules import strip_extension
from booking.reminders.rules import ReminderRule
from booking.series.templates import Template

TELLING = re.compile(r"ketamin|infusi[oó]n|drip|goteo|depress|depresi|psych|psico", re.IGNORECASE)
CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
SPAN = re.compile(rf"({CLOCK})-({CLOCK}|24:00)")
SLUG, NAME = re.compile(r"[a-z0-9-]{1,40}"), re.compile(r".{1,120}")
DIGEST = re.compile(r"([0-9a-f]{64})?")
PHASE = {"name", "sessions", "gap", "minutes", "review_every", "after_miss"}
DAY_MINUTES = 24 * 60
LATEST_CLOSE = time(6)  # of hours past midnight: "17:00-08:00" is a slip
Span = tuple[time, time]


class Weekday(StrEnum):
    """A day of the week by its name; Monday's number is 0."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """The number that `date.weekday()` gives."""
        return list(Weekday).index(self)

    @property
    def next(self) -> "Weekday":
        """The day after, Monday after Sunday."""
        return list(Weekday)[(self.number + 1) % 7]


def parse_spans(value: Any) -> tuple[Span, ...]:
    """Read "09:00-12:00, 13:00-17:00" as spans of local time, "closed" as none.

    Only the last may end after midnight; `split_past_midnight` gives the rest of it to the next day.
    """
    if value == "closed":
        return ()
    parts = value.split(", ") if isinstance(value, str) else [""]
    return _in_order(tuple(parse_span(part) for part in parts))


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    if any(not first < ends <= begins for (first, ends), (begins, _) in pairwise(spans)):
        raise ValueError("expected spans in order that do not overlap")
    return spans


def parse_span(text: str) -> Span:
    """Read "09:00-17:00", on the calendar's grid of 5 minutes; "24:00" and "00:00" end with the day."""
    span = SPAN.fullmatch(text)
    if span is None:
        raise ValueError('expected "09:00-17:00" or "closed"')
    begins, ends = (END_OF_DAY if at == "24:00" else time.fromisoformat(at) for at in span.groups())
    off_the_grid = any(at.minute % CELL_MINUTES for at in (begins, ends) if at != END_OF_DAY)
    if begins == ends or off_the_grid:
        raise ValueError("expected a beginning before the end, both on multiples of 5 minutes")
    if LATEST_CLOSE < ends < begins:
        raise ValueError("expected an end after the beginning, or by 06:00 the next day")
    return begins, ends if ends > time() else END_OF_DAY


def split_past_midnight(week: dict[Weekday, tuple[Span, ...]]) -> dict[Weekday, tuple[Span, ...]]:
    """Give to the next day what a day's last span has of it, as no appointment spans midnight."""
    split = dict(week)
    for day, spans in week.items():
        if spans and spans[-1][0] > spans[-1][1]:
            begins, ends = spans[-1]
            split[day] = (*split[day][:-1], (begins, END_OF_DAY))
            split[day.next] = _in_order(((time(), ends), *split.get(day.next, ())))
    return split


def require_neutral(value: str) -> str:
    """Refuse a name that tells what is treated: texts and calendars show it (invariant 10)."""
    if TELLING.search(value):
        raise ValueError("expected a name that tells nothing of the treatment")
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
    """Require an IANA time zone."""
    if value not in available_timezones():
        raise ValueError('expected an IANA time zone like "America/Phoenix"')
    return value


def require_us_state(value: str) -> str:
    """Require a US state."""
    if value not in list_states():
        raise ValueError('expected a US state like "AZ"')
    return value


def validate_phone(value: str) -> str:
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
Week = Annotated[
    dict[Weekday, Annotated[tuple[Span, ...], BeforeValidator(parse_spans)]],
    AfterValidator(split_past_midnight),
]
Language = Literal["en", "es"]  # all of LANGUAGES, and those that are prepared
Texts = Annotated[dict[Language, str], AfterValidator(require_english)]
Minutes = Annotated[int, Field(ge=0, le=12 * 60, multiple_of=CELL_MINUTES)]
Phone = Annotated[str, AfterValidator(validate_phone)]
Email = Annotated[str, AfterValidator(validate_email)]
Neutral = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(require_neutral)]
State = Annotated[str, AfterValidator(require_us_state)]
Zone = Annotated[str, AfterValidator(require_time_zone)]
NeutralTexts = Annotated[Texts, AfterValidator(require_neutral_texts)]
NeedField = Annotated[ResourceNeed, _validated_by(parse_need)]
TemplateField = Annotated[TemplatePart, _validated_by(parse_template)]
ReminderField = Annotated[ReminderRule, _validated_by(parse_reminder)]
