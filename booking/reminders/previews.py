"""What reminder rules would send, word for word, with what a text takes: for whoever changes the rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class RulePreview:
    """One message in one language; `length` where it is a text."""

    rule: ReminderRule
    language: str
    text: MessageText
    length: TextLength | None


def preview_rules(
    rules: Iterable[ReminderRule], location: Location, now: datetime
) -> Sequence[RulePreview]:
    """Return what each rule sends, in each language, for an invented visit at a location."""
    return [_preview(rule, language, location, now) for rule in rules for language in LANGUAGES]


def _preview(rule: ReminderRule, language: str, location: Location, now: datetime) -> RulePreview:
    with force_locale(language):
        context = _context(rule, language, location, now)
        text = MESSAGE_SPECS[rule.kind].words.render(rule.channel, context)
    length = measure_text(text.body) if rule.channel is Channel.SMS else None
    return RulePreview(rule, language, text, length)


def _context(
    rule: ReminderRule, language: str, location: Location, now: datetime
) -> MessageContext:
    zone = ZoneInfo(location.time_zone)
    day = now.astimezone(zone).date() + timedelta(days=7)
    starts_at = datetime(day.year, day.month, day.day, 10, tzinfo=zone)
    sent_at = starts_at - timedelta(minutes=rule.minutes_before or 0)
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
        today=now.date() if rule.kind is MessageKind.CONFIRMATION else sent_at.date(),
    )
