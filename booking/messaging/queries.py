"""What pages and lists read of texts that came in."""

from collections.abc import Collection

from sqlalchemy import select

from booking.extensions import db
from booking.messaging.models import InboundMessage


def list_inbound_messages(senders: Collection[str], limit: int) -> list[InboundMessage]:
    """Return the latest texts from these numbers (E.164), the newest first."""
    received = select(InboundMessage).where(InboundMessage.sender.in_(senders))
    newest = received.order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
    return list(db.session.scalars(newest.limit(limit)))
