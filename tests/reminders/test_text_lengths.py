"""Each text is one part of GSM-7 in each language, however long the names in it are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from booking.calendars.deadlines import Deadline
from booking.messaging.rules import Channel
from booking.messaging.segments import measure_text
from booking.reminders.message_specs import MESSAGE_SPECS
from booking.reminders.reply_texts import AnswerKind, MovePage, answer_text
from booking.reminders.rules import MessageKind
from booking.reminders.sms_texts import sample_reminder
from booking.reminders.texts import (
    ListedAppointment,
    MessageContext,
    MoveChanges,
    format_short_deadline,
)
from tests.reminders.test_texts import ABOUT, LINK, message_text

START = datetime(2026, 9, 23, 17, 30, tzinfo=UTC)
# What makes a text long: the clinics' names, a number that is shared, the longest day and time.
LONG = replace(
    ABOUT,
    clinic="Scottsdale Clinic",
    address="300 Example Shea Boulevard, Scottsdale, AZ 85260",
    starts_at=START,
    today=date(2026, 9, 20),
    recipient_name="M.S.",
    appointments=(
        ListedAppointment(datetime(2026, 9, 23, 17, 30, tzinfo=UTC), "Scottsdale Clinic", LINK),
    )
    * 24,
)
# As long as a clinic file, a record and the settings let them be, and with letters that GSM-7 lacks.
LONGEST = replace(
    LONG,
    clinic="Clínica Ángel de la Guarda de los Niños Héroes de Ahwatukee",
    address="1234 " + "Avenida Áurea " * 13 + "85048",
    recipient_name="Maximilián Á.",
    link=f"https://{'citas.' * 8}example.com/a/0123456789abcdefABCDEF",
)


def _half_cancelled(context: MessageContext) -> tuple[ListedAppointment, ...]:
    """Return the appointments of a context, every second of them cancelled."""
    return tuple(
        replace(listed, is_cancelled=bool(number % 2))
        for number, listed in enumerate(context.appointments)
    )


def _at_two_places(context: MessageContext) -> tuple[ListedAppointment, ...]:
    """Return two appointments of a context, of which each is at a place with a name as long as can be."""
    return tuple(
        replace(listed, clinic=f"{number} {context.clinic}")
        for number, listed in enumerate(context.appointments[:2])
    )


def texts_about(context: MessageContext) -> list[str]:
    """Return the text of each kind, of one appointment, of one elsewhere, and of several."""
    places = (MoveChanges(time=False, location=True), MoveChanges(location=True))
    sources = (
        context,
        replace(context, asks_readiness=True),
        replace(context, recipient_name="", asks_readiness=True),
        replace(context, appointments=_half_cancelled(context)),
        replace(context, appointments=_at_two_places(context)),
        replace(context, appointments=_at_two_places(context), asks_readiness=True),
        *(replace(context, changes=changes) for changes in places),
    )
    return [
        words.render(Channel.SMS, source).body
        for spec in MESSAGE_SPECS.values()
        for words in (spec.words, spec.list_words)
        for source in sources
    ]


def answers_about(context: MessageContext, names: Sequence[str]) -> list[str]:
    by = format_short_deadline(Deadline(context.starts_at, "America/Phoenix"), context.language)
    return [
        answer_text(kind, context.clinic, context.phone, by, context.recipient_name, names, pages)
        for kind in AnswerKind
        for pages in (
            [],
            [MovePage(context.link, "10:30 AM")],
            [MovePage(context.link, "10:30 AM")] * 3,
        )
    ]


@pytest.mark.parametrize("context", [LONG, LONGEST], ids=["long", "longest"])
def test_each_text_is_one_part_of_gsm_7_at_its_longest(
    language: str, context: MessageContext
) -> None:
    context = replace(context, language=language)
    texts = [
        *texts_about(context),
        *answers_about(context, [context.recipient_name] * 6),
        sample_reminder(context.clinic),
    ]
    lengths = {text: measure_text(text) for text in texts}
    assert {
        text: length
        for text, length in lengths.items()
        if (length.encoding, length.segments) != ("GSM-7", 1)
    } == {}
    assert not [text for text in texts if ".." in text]


def test_a_shared_number_costs_no_text_its_link(language: str) -> None:
    context = replace(LONG, language=language)
    with_link = {
        kind
        for kind in MessageKind
        if LINK in message_text(kind, Channel.SMS, replace(ABOUT, language=language)).body
    }
    assert len(with_link) >= 3
    for kind in with_link:
        assert LINK in message_text(kind, Channel.SMS, context).body
    ready = message_text(MessageKind.DAY_BEFORE, Channel.SMS, replace(context, asks_readiness=True))
    assert LINK in ready.body
