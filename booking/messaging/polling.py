"""Asking how texts fare of which no report came: reports aren't repeated, and are lost while we are down.

Each is asked about at a few ages only: some carriers never report. Ages that passed while nobody could
ask are made up for by one question, as long as the provider keeps what it knows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from booking import clock
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.inbound import record_status
from booking.messaging.models import UNREPORTED, Message
from booking.messaging.rules import Channel
from booking.messaging.senders import DeliveryReport, DeliveryUnknown, MessageSender, StatusSource

STEP = timedelta(minutes=15)
AGES = (STEP, 4 * STEP, 16 * STEP, 96 * STEP)  # a quarter of an hour to a day
KEPT = timedelta(days=365)  # Twilio: thirteen months, then it is gone
BATCH = 200  # questions to the provider at once
MAX_RUN = timedelta(minutes=1)  # what a slow provider leaves is asked about next time


def poll_reports(
    now: datetime, senders: Mapping[Channel, MessageSender], limit: int = BATCH
) -> int:
    """Ask about texts that were taken a while ago and no more is known of; return how many were answered."""
    source = senders.get(Channel.SMS)
    if not isinstance(source, StatusSource):
        return 0
    until, count = clock.now() + MAX_RUN, 0
    for message in _list_unreported(now, limit):
        if clock.now() < until:
            count += _ask(message, source, now)
    return count


def _ask(message: Message, source: StatusSource, now: datetime) -> bool:
    try:
        report = source.read_status(message.provider_id or "")
    except DeliveryUnknown:
        report = None
    _record_report(message, report, now)
    return report is not None


@transaction()
def _record_report(message: Message, report: DeliveryReport | None, now: datetime) -> None:
    """Record how a text fares, and that it was asked about at its age."""
    change = update(Message).where(Message.id == message.id)
    db.session.execute(change.values(ages_asked_at=_count_ages(message, now)))
    if report is not None:
        record_status(message.id, message.provider_id or "", report.status, report.error_code, now)


def _count_ages(message: Message, now: datetime) -> int:
    return sum(message.sent_at is not None and message.sent_at + age <= now for age in AGES)


def _list_unreported(now: datetime, limit: int) -> Sequence[Message]:
    """Return the texts past an age at which nobody asked about them, the oldest first."""
    is_past_age = (
        (Message.ages_asked_at == number) & (Message.sent_at <= now - age)
        for number, age in enumerate(AGES)
    )
    texts = select(Message).where(
        UNREPORTED,
        Message.provider_id.is_not(None),
        Message.sent_at > now - KEPT,
        or_(*is_past_age),
    )
    return db.session.scalars(texts.order_by(Message.sent_at, Message.id).limit(limit)).all()
