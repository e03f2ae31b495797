"""The words of a message are made when it is sent: what was "tomorrow" when it was planned may be today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, update

from booking.extensions import db
from booking.messaging.models import Message

# The columns that whoever owes messages makes their words of; and those words.
MADE_OF = (
    *(Message.id, Message.topic, Message.revision, Message.kind, Message.channel),
    *(Message.recipient, Message.language, Message.details),
)
WORDS = (Message.subject, Message.body, Message.attachment, Message.attachment_type)
Draft = Row[*tuple[Any, ...]]  # of MADE_OF and WORDS, and maybe more


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """The words of a message as they are true now, until `valid_until` (UTC; None: always)."""

    subject: str
    body: str
    attachment: str | None = None
    attachment_type: str | None = None
    valid_until: datetime | None = None


# By message id; None for what is no longer true. One that is left out keeps the words it was owed with.
Render = Callable[[Sequence[Draft], datetime], Mapping[int, RenderedMessage | None]]


def keep_enqueued_text(
    _drafts: Sequence[Draft], _now: datetime
) -> Mapping[int, RenderedMessage | None]:
    """Leave every message the words it was owed with."""
    return {}


def choose_text(draft: Draft, rendered: Mapping[int, RenderedMessage | None]) -> RenderedMessage:
    """Return the words a message goes with: those made now, else those it was owed with."""
    return rendered.get(draft.id) or RenderedMessage(
        *(getattr(draft, column.key) for column in WORDS)
    )


def save_attempt_text(number: int, words: RenderedMessage) -> None:
    """Put the words a message goes with on record, before it goes."""
    values = {column: getattr(words, column.key) for column in WORDS}
    db.session.execute(update(Message).where(Message.id == number).values(values))
