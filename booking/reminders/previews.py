"""What reminder rules would send, word for word, with what a text takes: for whoever changes the rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import force_locale

from booking.languages import LANGUAGES
from booking.locations.models import Location
from booking.messaging.rules import Channel
from booking.messaging.segments import TextLength, measure_text
from booking.patients.contacts import format_phone
from booking.reminders.contexts import public_address
from booking.reminders.message_specs import MESSAGE_SPECS
from booking.reminders.rules import MessageKind, ReminderRule
from booking.reminders.texts import MessageContext, MessageText

SAMPLE_NAME, SAMPLE_REFERENCE, SAMPLE_TOKEN = "Ana", "K7Q-4MXW", "x" * 22
ALWAYS_SENT = (MessageKind.MOVED, MessageKind.CANCELLATION)


@dataclass(frozen=True, slots=True)
class MessagePreview:
    """One message in one language; `length` where it is a text, `asks_readiness` before an infusion."""

    kind: MessageKind
    channel: Channel
    language: str
    text: MessageText
    length: TextLength | None
    asks_readiness: bool = False


def preview_rules(
    rules: Iterable[ReminderRule], location: Location, now: datetime
) -> Sequence[MessagePreview]:
    """Return what each rule sends, and what is sent whatever the rules, for an invented visit at a location.

    In each language; before an infusion the day's reminder says something of its own.
    """
    always = [(kind, channel, 0) for kind in ALWAYS_SENT for channel in Channel]
    by_rule = [(rule.kind, rule.channel, rule.minutes_before or 0) for rule in rules]
    return [
        preview
        for kind, channel, minutes_before in [*by_rule, *always]
        for language in LANGUAGES
        for preview in _preview(
            kind, channel, _sample_context(language, minutes_before, location, now)
        )
    ]


def _preview(
    kind: MessageKind, channel: Channel, context: MessageContext
) -> Iterator[MessagePreview]:
    variants = (False, True) if kind is MessageKind.DAY_BEFORE else (False,)
    for asks_readiness in variants:
        with force_locale(context.language):
            text = MESSAGE_SPECS[kind].words.render(
                channel, replace(context, asks_readiness=asks_readiness)
            )
        length = measure_text(text.body) if channel is Channel.SMS else None
        yield MessagePreview(kind, channel, context.language, text, length, asks_readiness)


def _sample_context(
    language: str, minutes_before: int, location: Location, now: datetime
) -> MessageContext:
    zone = ZoneInfo(location.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=7)
    starts_at = datetime(day.year, day.month, day.day, 10, tzinfo=zone)
    return MessageContext(
        clinic=location.neutral_name,
        address=location.address,
        phone=format_phone(location.phone),
        zone=zone,
        language=language,
        given_name=SAMPLE_NAME,
        reference=SAMPLE_REFERENCE,
        starts_at=starts_at,
        link=public_address(f"/a/{SAMPLE_TOKEN}"),
        today=(starts_at - timedelta(minutes=minutes_before)).date(),
    )
