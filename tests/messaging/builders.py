"""Builders for messages, and a sender that does as it is told."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from booking.extensions import db
from booking.messaging.models import Attempt, Message
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.messaging.senders import MessageSender, OutgoingMessage, SendReceipt
from booking.messaging.sending import LEASE, send_due

NOON = datetime(2026, 12, 1, 19, 0, tzinfo=UTC)  # in Phoenix
PATIENT = "+16025550123"


def owed(**changes: Any) -> MessageDraft:
    """Return a text due at noon in Phoenix, about an appointment the day after."""
    facts: dict[str, Any] = {
        "topic": "appointment:1",
        "revision": 0,
        "kind": "reminder",
        "channel": Channel.SMS,
        "recipient": PATIENT,
        "body": "See you on Wednesday",
        "send_at": NOON,
        "expires_at": NOON + timedelta(days=1),
        "time_zone": "America/Phoenix",
        "language": "en",
    }
    return MessageDraft(**{**facts, **changes})


class ObedientSender:
    """Keeps what it is sent, and can be asked; `before` and `after` may raise."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, OutgoingMessage]] = []
        self.before: Callable[[OutgoingMessage], None] = lambda message: None
        self.after: Callable[[OutgoingMessage], None] = lambda message: None
        self._lock = threading.Lock()

    @property
    def bodies(self) -> list[str]:
        """What was accepted, oldest first."""
        return [message.body for _, message in self.accepted]

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Accept `message`, unless told to fail before or after."""
        self.before(message)
        with self._lock:
            provider_id = f"SM{len(self.accepted)}"
            self.accepted.append((provider_id, message))
        self.after(message)
        return SendReceipt(provider_id)

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Return the ids of what is like `message`."""
        wanted = (message.recipient, message.body)
        return [
            provider_id
            for provider_id, message in self.accepted
            if (message.recipient, message.body) == wanted
        ]


def raising(error: Exception) -> Callable[[OutgoingMessage], None]:
    """Return a step that fails with `error`."""

    def fail(message: OutgoingMessage) -> None:
        raise error

    return fail


def tick(sender: MessageSender, now: datetime = NOON, lease: timedelta = LEASE) -> int:
    """Send what is due on both channels."""
    senders = {Channel.SMS: sender, Channel.EMAIL: sender}
    return send_due(now, "worker", 100, senders, lease)


def the_message() -> Message:
    """Return the only message there is, read again."""
    db.session.rollback()
    return db.session.scalars(select(Message)).one()


def outcomes() -> list[str | None]:
    """Return how each attempt ended, in order."""
    db.session.rollback()
    ended = select(Attempt.outcome).order_by(Attempt.message_id, Attempt.number)
    return list(db.session.scalars(ended))
