"""The words of a message are made when it is sent: what was "tomorrow" when it was planned may be today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, update

from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Reason, WaitUntil

# The columns that whoever owes messages makes their words of; and those words.
MADE_OF = (
    *(Message.id, Message.topic, Message.revision, Message.kind, Message.channel),
    *(Message.recipient, Message.person, Message.language, Message.details),
)
WORDS = (Message.subject, Message.body, Message.attachment, Message.attachment_type)
Draft = Row[*tuple[Any, ...]]  # of MADE_OF and WORDS, and maybe more


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """The words of a message as they are true now, until `valid_until` (UTC; None: always).

    `details` are kept in place of those it was owed with, where they tell of something else.
    """

    subject: str
    body: str
    attachment: str | None = None
    attachment_type: str | None = None
    valid_until: datetime | None = None
    details: Mapping[str, Any] | None = None


# By message id; None for what is no longer true, the reason for what must not go for another, and when it is
# to be looked at again for what waits. One that is left out keeps the words it was owed with.
Rendered = Mapping[int, RenderedMessage | Reason | WaitUntil | None]
Render = Callable[[Sequence[Draft], datetime], Rendered]


def keep_enqueued_text(_drafts: Sequence[Draft], _now: datetime) -> Rendered:
    """Leave every message the words it was owed with."""
    return {}


def choose_text(draft: Draft, rendered: Rendered) -> RenderedMessage:
    """Return the words a message goes with: those made now, else those it was owed with."""
    message = rendered.get(draft.id)
    if isinstance(message, RenderedMessage):
        return message
    return RenderedMessage(*(getattr(draft, column.key) for column in WORDS))


def save_attempt_text(number: int, words: RenderedMessage) -> None:
    """Put the words a message goes with on record, before it goes."""
    values: dict[Any, Any] = {column: getattr(words, column.key) for column in WORDS}
    if words.details is not None:
        values[Message.details] = words.details
    db.session.execute(update(Message).where(Message.id == number).values(values))
