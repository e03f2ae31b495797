"""Texts exchanged with a number, as one conversation; which of them a person has still to read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import UNREAD, InboundMessage, Message
from booking.messaging.rules import Channel


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """The latest text of a number, and how many of its texts nobody has read."""

    latest: InboundMessage
    unread_count: int


@dataclass(frozen=True, slots=True)
class ConversationState:
    """What tells a conversation from itself later: the latest text each way, and the latest read one."""

    inbound_id: int | None
    unread_count: int
    outbound_id: int | None


def find_text(text_id: int) -> InboundMessage | None:
    """Return a text that came in."""
    return db.session.get(InboundMessage, text_id)


def count_unread_conversations() -> int:
    """Count the numbers with a text that a person has still to read."""
    senders = select(func.count(InboundMessage.sender.distinct())).where(UNREAD)
    return db.session.scalar(senders) or 0


def list_conversations(limit: int, before_id: int | None = None) -> list[ConversationSummary]:
    """Return conversations, with unread texts first, then by their latest; `before_id` turns the page."""
    unread_count = func.count().filter(UNREAD)
    latest_id = func.max(InboundMessage.id)
    latest = select(latest_id.label("id"), unread_count.label("unread")).group_by(
        InboundMessage.sender
    )
    if before_id is not None:
        latest = latest.having(latest_id < before_id, unread_count == 0)
    listed = latest.order_by((unread_count > 0).desc(), latest_id.desc()).limit(limit).subquery()
    rows = db.session.execute(
        select(InboundMessage, listed.c.unread)
        .join(listed, listed.c.id == InboundMessage.id)
        .order_by((listed.c.unread > 0).desc(), InboundMessage.id.desc())
    )
    return [ConversationSummary(text, unread) for text, unread in rows]


def list_texts_from(phone: str, limit: int) -> list[InboundMessage]:
    """Return the latest texts from a number (E.164 or a short code), the newest first."""
    texts = select(InboundMessage).where(InboundMessage.sender == phone)
    return list(db.session.scalars(texts.order_by(InboundMessage.id.desc()).limit(limit)))


def list_texts_to(phone: str, limit: int) -> list[Message]:
    """Return the latest texts to a number that were tried, are due or were not sent, the newest first."""
    texts = select(Message).where(Message.recipient == phone, Message.channel == Channel.SMS)
    return list(db.session.scalars(texts.order_by(Message.id.desc()).limit(limit)))


def list_text_ids(phone: str) -> list[int]:
    """Return the ids of all texts from a number, the oldest first."""
    texts = select(InboundMessage.id).where(InboundMessage.sender == phone)
    return list(db.session.scalars(texts.order_by(InboundMessage.id)))


def read_conversation_state(phone: str, topics: Sequence[str]) -> ConversationState:
    """Return where a conversation stands; `topics` are those of our replies in it."""
    texts = select(func.max(InboundMessage.id), func.count().filter(UNREAD))
    inbound_id, unread_count = db.session.execute(texts.where(InboundMessage.sender == phone)).one()
    replies = select(func.max(Message.id)).where(Message.topic.in_(topics))
    return ConversationState(inbound_id, unread_count, db.session.scalar(replies))


@transaction()
def mark_read(phone: str, staff_id: int, now: datetime) -> None:
    """Record that a person has read all texts of a number."""
    unread = update(InboundMessage).where(InboundMessage.sender == phone, UNREAD)
    read = unread.values(read_at=now, read_by_id=staff_id).returning(InboundMessage.id)
    for text_id in sorted(db.session.scalars(read)):
        audit.record(staff_actor(staff_id), "read_text", "inbound", text_id, now)


@transaction()
def mark_dealt_with(text_id: int, now: datetime, staff_id: int | None = None) -> None:
    """Record that nobody has to read a text any more: a person dealt with it, or (None) the program."""
    text = update(InboundMessage).where(InboundMessage.id == text_id, UNREAD)
    db.session.execute(text.values(read_at=now, read_by_id=staff_id))
