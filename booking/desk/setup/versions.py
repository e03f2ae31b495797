"""Safety questions and reminder rules, which are kept by versions: a change adds one."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _

from booking.clinic.schema import ClinicFileError
from booking.desk.message_words import format_message_kind
from booking.desk.setup.fields import (
    CHECKED,
    GONE,
    FieldGroup,
    Groups,
    Posted,
    SetupField,
    make_slug,
    parse_number_or_text,
    parse_scaled,
    parse_text,
    parse_texts,
    scaled,
)
from booking.languages import ENGLISH
from booking.messaging.rules import Channel
from booking.reminders.rules import AT_BOOKING, REMINDER_KINDS, Audience, MessageKind
from booking.screening.rules import ScreeningOutcome
from booking.web.page_language import list_language_names

HOUR = 60  # minutes
NEW = "new"  # the question that is added
NEW_RULES = 2
RULE_KIND = re.compile(r"([0-9]{1,3})\.kind")


def list_question_groups(section: Mapping[str, Any], _clinic: Mapping[str, Any]) -> Groups:
    """Return the fields of the safety questions, and an empty one."""
    approved = SetupField(
        "approved_by",
        str(_("Read and signed by")),
        section["approved_by"],
        hint=str(_("A practitioner reads the questions and signs them")),
    )
    return [
        FieldGroup(str(_("Approval")), [approved]),
        *(
            FieldGroup(
                question["slug"],
                [
                    *_question(f"questions.{question['slug']}", question),
                    _position(question["slug"], number),
                    _gone(question),
                ],
            )
            for number, question in enumerate(section["questions"], start=1)
        ),
        FieldGroup(str(_("A new question")), _question(NEW, {})),
    ]


def _question(name: str, question: Mapping[str, Any]) -> list[SetupField]:
    texts, listed = question.get("texts", {}), question.get("listed") or {}
    return [
        *(
            SetupField(
                f"{name}.texts.{code}",
                str(_("In %(language)s", language=language)),
                texts.get(code, ""),
                "area",
            )
            for code, language in list_language_names()
        ),
        *(
            SetupField(
                f"{name}.listed.{code}",
                str(_("As a line of the list, in %(language)s", language=language)),
                listed.get(code, ""),
                hint=str(_("Empty: asked yes or no")) if code == ENGLISH else "",
            )
            for code, language in list_language_names()
        ),
        SetupField(
            f"{name}.leads_to",
            str(_("A yes leads to")),
            question.get("leads_to", "flagged"),
            "select",
            choices=_outcomes(),
        ),
    ]


def _position(slug: str, number: int) -> SetupField:
    name = f"questions.{slug}.position"
    return SetupField(name, str(_("Place in the order")), str(number), "number")


def _gone(question: Mapping[str, Any]) -> SetupField:
    return SetupField(
        f"questions.{question['slug']}.{GONE}", str(_("Ask it no longer")), kind="checkbox"
    )


def _outcomes() -> Sequence[tuple[str, str]]:
    return [
        (ScreeningOutcome.FLAGGED.value, str(_("a flag: booked, and looked at"))),
        (ScreeningOutcome.CALL_FIRST.value, str(_("a call first"))),
        (ScreeningOutcome.HELP_FIRST.value, str(_("help first"))),
    ]


def parse_questions(section: dict[str, Any], posted: Posted, _today: date) -> dict[str, Any]:
    """Return the questions as they were typed, in the order that was typed.

    Raises `ClinicFileError` where a place in it is no number.
    """
    questions_by_slug = {each["slug"]: each for each in section["questions"]}
    questions = [
        _read_question(questions_by_slug[slug], f"questions.{slug}", posted)
        for slug in _slugs_in_order(list(questions_by_slug), posted)
        if posted.get(f"questions.{slug}.{GONE}") != CHECKED
    ]
    text = parse_text(posted, f"{NEW}.texts.en")
    added = [_read_question({"slug": make_slug(text, "question")}, NEW, posted)] if text else []
    return {"approved_by": parse_text(posted, "approved_by"), "questions": [*questions, *added]}


def _slugs_in_order(slugs: Sequence[str], posted: Posted) -> Sequence[str]:
    """Return the questions by their positions; one moved to another's position goes beyond it."""
    positions = {slug: parse_number_or_text(posted, f"questions.{slug}.position") for slug in slugs}
    if problems := [
        str(_("screening.questions.%(slug)s.position: Enter a number.", slug=slug))
        for slug, position in positions.items()
        if not isinstance(position, int)
    ]:
        raise ClinicFileError(problems)
    old_positions = {slug: number for number, slug in enumerate(slugs, start=1)}

    def order(slug: str) -> tuple[int, int]:
        position, old = int(positions[slug]), old_positions[slug]
        return position, (position > old) - (position < old)

    return sorted(slugs, key=order)


def _read_question(before: Mapping[str, Any], name: str, posted: Posted) -> dict[str, Any]:
    listed = parse_texts(posted, f"{name}.listed", before.get("listed") or {})
    question = {
        "slug": before["slug"],
        "leads_to": parse_text(posted, f"{name}.leads_to"),
        "texts": parse_texts(posted, f"{name}.texts", before.get("texts", {})),
    }
    return {**question, **({"listed": listed} if listed else {})}


def list_reminder_groups(
    section: Sequence[Mapping[str, Any]], _clinic: Mapping[str, Any]
) -> Groups:
    """Return the fields of the reminder rules, and empty ones."""
    hint = str(
        _(
            "Visits booked already follow these rules, too. What was sent stays, and nothing is sent "
            "for a moment that was before the change. Whoever is moved or cancelled is told in any case."
        )
    )
    return [
        FieldGroup(
            str(_("Message %(number)s", number=number + 1)),
            _rule(str(number), rule),
            "" if number else hint,
        )
        for number, rule in enumerate([*section, *[{}] * NEW_RULES])
    ]


def _rule(name: str, rule: Mapping[str, Any]) -> list[SetupField]:
    kinds = [("", str(_("none"))), *((kind.value, format_message_kind(kind)) for kind in _kinds())]
    channels = [(Channel.SMS.value, str(_("Text"))), (Channel.EMAIL.value, str(_("E-mail")))]
    audiences = [
        ("", str(_("everybody"))),
        (Audience.FIRST_OR_UNCONFIRMED.value, str(_("first visit, or not confirmed"))),
    ]
    return [
        SetupField(f"{name}.kind", str(_("What")), rule.get("kind", ""), "select", choices=kinds),
        SetupField(
            f"{name}.channel", str(_("By")), rule.get("channel", ""), "select", choices=channels
        ),
        SetupField(
            f"{name}.hours",
            str(_("Hours before the visit")),
            scaled(rule.get("minutes_before"), HOUR),
            hint=str(_("Empty for a confirmation")),
        ),
        SetupField(
            f"{name}.only", str(_("To whom")), rule.get("only") or "", "select", choices=audiences
        ),
    ]


def _kinds() -> list[MessageKind]:
    return [kind for kind in MessageKind if kind in AT_BOOKING | REMINDER_KINDS]


def parse_reminders(
    _section: Sequence[Mapping[str, Any]], posted: Posted, _today: date
) -> list[dict[str, Any]]:
    """Return the rules as they were typed; one of no kind is taken away."""
    return [_read_rule(row, posted) for row in list_rule_rows(posted)]


def list_rule_rows(posted: Posted) -> list[str]:
    """Return the names of the rows that ask for a message."""
    matches = (RULE_KIND.fullmatch(name) for name in posted)
    rows = sorted((match[1] for match in matches if match), key=int)
    return [row for row in rows if parse_text(posted, f"{row}.kind")]


def _read_rule(name: str, posted: Posted) -> dict[str, Any]:
    rule: dict[str, Any] = {key: parse_text(posted, f"{name}.{key}") for key in ("kind", "channel")}
    minutes, only = parse_scaled(posted, f"{name}.hours", HOUR), parse_text(posted, f"{name}.only")
    return (
        rule
        | ({"minutes_before": minutes} if minutes != "" else {})
        | ({"only": only} if only else {})
    )
