"""Asking how texts fare of which no report came: reports aren't repeated, and are lost while we are down.

Each is asked about at a few ages only, by whoever asks every `STEP`: some carriers never report.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from booking import clock
from booking.extensions import db
from booking.messaging.inbound import record_status
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.senders import DeliveryUnknown, MessageSender, StatusSource

STEP = timedelta(minutes=15)
AGES = (STEP, 4 * STEP, 16 * STEP, 96 * STEP)  # a quarter of an hour to a day
BATCH = 200  # questions to the provider at once
MAX_RUN = timedelta(minutes=1)  # what a slow provider leaves is asked about at the next age


def poll_reports(
    now: datetime, senders: Mapping[Channel, MessageSender], limit: int = BATCH
) -> int:
    """Ask about texts that were taken a while ago and no more is known of; return how many were answered."""
    source = senders.get(Channel.SMS)
    if not isinstance(source, StatusSource):
        return 0
    until, count = clock.now() + MAX_RUN, 0
    for message_id, provider_id in _list_unreported(now, limit):
        if clock.now() < until:
            count += _record_report(message_id, provider_id, source, now)
    return count


def _record_report(message_id: int, provider_id: str, source: StatusSource, now: datetime) -> bool:
    try:
        report = source.read_status(provider_id)
    except DeliveryUnknown:
        return False
    record_status(message_id, provider_id, report.status, report.error_code, now)
    return True


def _list_unreported(now: datetime, limit: int) -> list[tuple[int, str]]:
    """Return id and provider's id of the texts that have just come to one of the ages, the oldest first."""
    has_age = (Message.sent_at.between(now - age - STEP, now - age) for age in AGES)
    texts = select(Message.id, Message.provider_id).where(
        Message.channel == Channel.SMS,
        Message.status == MessageStatus.SENT,
        Message.provider_id.is_not(None),
        or_(*has_age),
    )
    rows = db.session.execute(texts.order_by(Message.sent_at, Message.id).limit(limit))
    return [(message_id, provider_id or "") for message_id, provider_id in rows]
