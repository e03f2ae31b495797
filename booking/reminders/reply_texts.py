"""The words by which a text that someone sent us is answered. Discreet, as all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from flask_babel import gettext as _

from booking.messaging.rules import ReplyMeaning
from booking.messaging.segments import first_that_fits, to_gsm7
from booking.reminders.texts import text_opening


class AnswerKind(StrEnum):
    """What a text is answered with; all suit whatever was meant."""

    CONFIRM = "confirm"
    CHANGE = "change"
    CRISIS = "crisis"
    HELP = "help"
    UNCLEAR = "unclear"
    WHO = "who"  # asks whose appointment is meant
    USE_LINK = "use_link"  # a time that is offered is taken on its page alone


@dataclass(frozen=True, slots=True)
class MovePage:
    """The page on which an appointment may be moved; `time` tells it from others of its day: "9:00 AM"."""

    link: str
    time: str


def choose_answer(meaning: ReplyMeaning) -> AnswerKind | None:
    """Return the answer to a text of this meaning; None where the provider gives it itself."""
    match meaning:
        case ReplyMeaning.CONFIRM:
            return AnswerKind.CONFIRM
        case ReplyMeaning.CHANGE:
            return AnswerKind.CHANGE
        case ReplyMeaning.CRISIS:
            return AnswerKind.CRISIS
        case ReplyMeaning.HELP:
            return AnswerKind.HELP
        case ReplyMeaning.UNCLEAR:
            return AnswerKind.UNCLEAR
        case ReplyMeaning.STOP | ReplyMeaning.START:
            return None
        case _:
            assert_never(meaning)


def answer_text(
    kind: AnswerKind,
    clinic: str,
    phone: str,
    deadline_text: str,
    recipient_name: str = "",
    options: Sequence[str] = (),
    pages: Sequence[MovePage] = (),
) -> str:
    """Return the words of an answer.

    `deadline_text` says when a person has dealt with it. On a shared number `recipient_name` is whose
    appointment was meant, `options` whose might have been (WHO). `pages` are those on which what was meant
    may still be moved (CHANGE): several where the text that is answered named several.
    """
    values = {
        "sender": text_opening(clinic, recipient_name),
        "clinic": text_opening(clinic),
        "phone": phone,
        "by": deadline_text,
        "links": _list_links(pages),
        "choices": str(_(" or ")).join(f"1 {option}" for option in options),
    }
    return to_gsm7(_sentence(kind, values, pages))


def _list_links(pages: Sequence[MovePage]) -> str:
    """Return the address of a page; of several, each with its time."""
    if len(pages) == 1:
        return pages[0].link
    return " ".join(f"{page.time} {page.link}" for page in pages)


def _sentence(kind: AnswerKind, values: dict[str, str], pages: Sequence[MovePage]) -> str:
    text: str
    match kind:
        case AnswerKind.CONFIRM:
            text = _("%(sender)s: thank you, see you then.", **values)
        case AnswerKind.CHANGE:
            text = _several_sentence(values) if len(pages) > 1 else _change_sentence(values)
        case AnswerKind.CRISIS:
            text = _(
                "%(clinic)s: in danger or an emergency call 911. Call or text 988 at any hour, it is free. "
                "We will call you by %(by)s.",
                **values,
            )
        case AnswerKind.HELP:
            text = _("%(clinic)s: call %(phone)s. Reply STOP to end texts.", **values)
        case AnswerKind.UNCLEAR:
            # Not every cry for help is read as one: the numbers stand here too.
            text = _(
                "%(clinic)s: thank you. A person answers by %(by)s. If you are in danger call 911 or 988.",
                **values,
            )
        case AnswerKind.WHO:
            text = first_that_fits(
                _(
                    "%(clinic)s: thank you. Whose visit do you mean? Reply %(choices)s to confirm.",
                    **values,
                ),
                _(
                    "%(clinic)s: thank you. Whose visit do you mean? Reply 1 and the name to confirm.",
                    **values,
                ),
            )
        case AnswerKind.USE_LINK:
            text = _(
                "%(sender)s: to take the sooner visit open the link in our last text. Until then your "
                "visit stays as it is.",
                **values,
            )
        case _:
            assert_never(kind)
    return text


def _change_sentence(values: dict[str, str]) -> str:
    call = _("%(sender)s: thank you. We will call you by %(by)s to find another time.", **values)
    if not values["links"]:
        return str(call)
    return first_that_fits(
        _(
            "%(sender)s: thank you. Choose another time at %(links)s or we call you by %(by)s.",
            **values,
        ),
        call,
    )


def _several_sentence(values: dict[str, str]) -> str:
    """Give each visit's page by its time; where they don't fit, say that a person asks which is meant."""
    return first_that_fits(
        _("%(sender)s: to change %(links)s or we call you by %(by)s.", **values),
        _("%(sender)s: to change %(links)s", **values),
        _(
            "%(sender)s: thank you. We will call you by %(by)s to ask which visit to change.",
            **values,
        ),
    )
