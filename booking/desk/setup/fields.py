"""Fields of a set-up form, each named by its place in the clinic file, where problems are told of."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from booking.dates import parse_day
from booking.languages import LANGUAGES
from booking.numbers import parse_number

Posted = Mapping[str, str]
Choices = Sequence[tuple[str, str]]
CHECKED = "y"
GONE = "gone"  # the box that takes an item away
LONGEST_SLUG = 40
# 1250, 1,250 or 1,250.50; a comma anywhere else is no American number
AMOUNT = re.compile(r"(\d{1,7}|\d{1,3}(,\d{3}){1,2})(\.\d{1,2})?")


@dataclass(frozen=True, slots=True)
class SetupField:
    """One field: `kind` is text, number, date, hours, lines, area, checkbox or select.

    A box sends `sends` where it is checked. `nothing` is what an empty field means, where that isn't "none".
    """

    name: str
    label: str
    value: str = ""
    kind: str = "text"
    hint: str = ""
    choices: Choices = ()
    sends: str = CHECKED
    nothing: str = ""
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under one legend."""

    legend: str
    fields: Sequence[SetupField]
    hint: str = ""


Groups = Sequence[FieldGroup]


def with_typed(groups: Groups, posted: Posted) -> list[FieldGroup]:
    """Return the fields with what was typed in them."""
    return [
        replace(
            group, fields=[replace(each, value=posted.get(each.name, "")) for each in group.fields]
        )
        for group in groups
    ]


def with_problems(groups: Groups, problems: Iterable[tuple[str, str]]) -> list[FieldGroup]:
    """Return the fields with each problem, a path and what is wrong there, at the field of its path."""
    listed_problems = list(problems)
    return [
        replace(
            group,
            fields=[
                replace(
                    each,
                    problems=tuple(text for path, text in listed_problems if path == each.name),
                )
                for each in group.fields
            ],
        )
        for group in groups
    ]


def list_names(groups: Groups) -> set[str]:
    """Return the names of all fields."""
    return {each.name for group in groups for each in group.fields}


def restore_row(path: str, rows: Sequence[str]) -> str:
    """Return the path of a problem by the row that was typed, of `rows` that weren't left empty.

    The clinic file has no empty rows: its third may be the form's fifth.
    """
    stem = rows[0].rstrip("0123456789") if rows else ""
    match = re.fullmatch(rf"{re.escape(stem)}(\d+)(\..*)?", path)
    if match is None or int(match[1]) >= len(rows):
        return path
    return rows[int(match[1])] + (match[2] or "")


def parse_text(posted: Posted, name: str) -> str:
    """Return a line as it was typed, without space around it."""
    return posted.get(name, "").strip()


def parse_number_or_text(posted: Posted, name: str) -> int | str:
    """Return a whole number, or the text as it was typed, which the clinic file's checks then refuse."""
    text = parse_text(posted, name)
    number = parse_number(text.removeprefix("-"))
    if number is None:
        return text
    return -number if text.startswith("-") else number


def parse_scaled(posted: Posted, name: str, factor: int, sign: str = "") -> int | str:
    """Return a number times `factor`, such as dollars in cents; likewise where it is none, or not whole.

    It may be written with a `sign` before it.
    """
    text = parse_text(posted, name)
    amount = text.removeprefix(sign)
    if not AMOUNT.fullmatch(amount):
        return text
    scaled = Decimal(amount.replace(",", "")) * factor
    return int(scaled) if scaled == scaled.to_integral_value() else text


def parse_posted_day(posted: Posted, name: str) -> Any:
    """Return a day; likewise where it is none."""
    text = parse_text(posted, name)
    return parse_day(text) or text


def parse_lines(posted: Posted, name: str) -> list[str]:
    """Return the lines that say something."""
    return split_lines(posted.get(name, ""))


def split_lines(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def parse_texts(posted: Posted, name: str, before: Mapping[str, str]) -> dict[str, str]:
    """Return a text by language, left out where it has none; one that has no field stays as `before`."""
    unasked = {code: text for code, text in before.items() if code not in LANGUAGES}
    texts = {code: parse_text(posted, f"{name}.{code}") for code in LANGUAGES}
    return {code: text for code, text in (texts | unasked).items() if text}


def make_slug(text: str, fallback: str) -> str:
    """Return what something new is kept under: its first words, or `fallback` where it has no letters."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return words[:LONGEST_SLUG].strip("-") or fallback


def scaled(value: int | None, factor: int) -> str:
    """Return a number divided by `factor`, as it is typed."""
    return "" if value is None else f"{(Decimal(value) / factor).normalize():f}"
