"""What others read of messages, and of texts that came in."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from booking.extensions import db
from booking.messaging.models import InboundMessage, Message
from booking.messaging.operations import UNIQUE_COLUMNS, MessageDraft
from booking.messaging.rules import ACCEPTED, Channel, MessageStatus


def list_inbound_messages(senders: Collection[str], limit: int) -> list[InboundMessage]:
    """Return the latest texts from these numbers (E.164), the newest first."""
    received = select(InboundMessage).where(InboundMessage.sender.in_(senders))
    newest = received.order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
    return list(db.session.scalars(newest.limit(limit)))


def was_enqueued_about(topic: str, since: datetime) -> bool:
    """Tell whether anything about `topic` was put on record after an instant."""
    statement = select(Message.id).where(Message.topic == topic, Message.created_at > since)
    return db.session.scalar(statement.limit(1)) is not None


def is_on_record(draft: MessageDraft) -> bool:
    """Tell whether this very message was owed before, whatever became of it."""
    columns = {name: getattr(draft, name) for name in UNIQUE_COLUMNS}
    return db.session.scalar(select(Message.id).filter_by(**columns)) is not None


def list_text_times(person: str, since: datetime) -> list[datetime]:
    """Return when texts that we start went to a person since an instant, or are to go."""
    texts = select(Message.send_at).where(
        Message.person == person,
        Message.channel == Channel.SMS,
        Message.immediate.is_(False),
        Message.status.in_((MessageStatus.PLANNED, *ACCEPTED)),
        Message.send_at >= since,
    )
    return list(db.session.scalars(texts))


def list_tried(topics: Collection[str]) -> list[Message]:
    """Return what was sent about `topics`, is being sent, or was tried in vain."""
    return list(
        db.session.scalars(select(Message).where(Message.topic.in_(topics), Message.tries > 0))
    )


def count_failures(recipients: Collection[str]) -> Mapping[str, int]:
    """Return, by number or address, how many messages failed since one was last delivered there."""
    delivered = (
        select(Message.recipient, func.max(Message.delivered_at).label("at"))
        .where(Message.recipient.in_(recipients))
        .group_by(Message.recipient)
        .subquery()
    )
    failed = (
        select(Message.recipient, func.count().label("failures"))
        .outerjoin(delivered, delivered.c.recipient == Message.recipient)
        .where(
            Message.recipient.in_(recipients),
            Message.status == MessageStatus.FAILED,
            or_(delivered.c.at.is_(None), Message.failed_at > delivered.c.at),
        )
        .group_by(Message.recipient)
    )
    return {row.recipient: row.failures for row in db.session.execute(failed)}


def list_last_texts(texts: Sequence[InboundMessage]) -> Mapping[int, int]:
    """Return for texts that came in, by id, the id of the last that was sent to their number before."""
    if not texts:
        return {}
    sent = (
        select(func.max(Message.id).filter(Message.sent_at <= InboundMessage.received_at))
        .where(Message.recipient == InboundMessage.sender, Message.channel == Channel.SMS)
        .scalar_subquery()
    )
    ids = [text.id for text in texts]
    pairs = select(InboundMessage.id, sent).where(InboundMessage.id.in_(ids))
    return {text_id: message_id for text_id, message_id in db.session.execute(pairs) if message_id}
