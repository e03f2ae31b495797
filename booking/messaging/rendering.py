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
class Rendered:
    """The words of a message as they are true now, until `true_until` (UTC; None: always)."""

    subject: str
    body: str
    attachment: str | None = None
    attachment_type: str | None = None
    true_until: datetime | None = None


# By message id; None for what is no longer true. One that is left out keeps the words it was owed with.
Render = Callable[[Sequence[Draft], datetime], Mapping[int, Rendered | None]]


def as_owed(_drafts: Sequence[Draft], _now: datetime) -> Mapping[int, Rendered | None]:
    """Leave every message the words it was owed with."""
    return {}


def words_of(draft: Draft, rendered: Mapping[int, Rendered | None]) -> Rendered:
    """Return the words a message goes with: those made now, else those it was owed with."""
    return rendered.get(draft.id) or Rendered(*(getattr(draft, column.key) for column in WORDS))


def keep(number: int, words: Rendered) -> None:
    """Put the words a message goes with on record, before it goes."""
    values = {column: getattr(words, column.key) for column in WORDS}
    db.session.execute(update(Message).where(Message.id == number).values(values))
