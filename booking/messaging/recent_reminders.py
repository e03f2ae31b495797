"""Which texts that we start went to somebody lately: reminders are few (decision 11)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from booking.extensions import db
from booking.messaging.models import Attempt, Message
from booking.messaging.rules import ACCEPTED, REMINDER_WINDOW, Channel, MessageStatus


@dataclass(frozen=True, slots=True)
class RecentReminders:
    """When texts that we started were lately sent, by person, and to whom one is on its way."""

    times_by_person: dict[str, list[datetime]] = field(default_factory=dict)
    sending_persons: set[str] = field(default_factory=set)

    def add(self, person: str, at: datetime, *, is_sending: bool = True) -> None:
        """Count a text to a person."""
        self.times_by_person.setdefault(person, []).append(at)
        if is_sending:
            self.sending_persons.add(person)


def list_recent_reminders(persons: Collection[str], now: datetime) -> RecentReminders:
    """Return the texts that we started lately to these persons, or began to send."""
    recent = RecentReminders()
    if not persons:
        return recent
    texts = (
        select(Message.person, Message.status, func.max(Attempt.started_at))
        .join(Attempt, Attempt.message_id == Message.id)
        .where(
            Message.person.in_(persons),
            Message.channel == Channel.SMS,
            Message.immediate.is_(False),
            Message.status.in_(ACCEPTED),
            Attempt.started_at > now - REMINDER_WINDOW,
        )
        .group_by(Message.id, Message.person, Message.status)
    )
    for person, status, started_at in db.session.execute(texts):
        recent.add(person, started_at, is_sending=status is MessageStatus.SENDING)
    return recent
