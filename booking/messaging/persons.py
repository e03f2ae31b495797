"""What is owed to a person ("patient:12", which means nothing here), whatever it is about."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, update

from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rendering import MADE_OF, Draft
from booking.messaging.rules import Channel, MessageStatus, Reason


def list_persons_by_recipient(recipients: Collection[str], since: datetime) -> dict[str, set[str]]:
    """Return the persons with messages due since an instant, or still to come, by address or number."""
    due = select(Message.recipient, Message.person).where(
        Message.recipient.in_(recipients),
        Message.send_at >= since,
        Message.person != Message.recipient,
    )
    persons: dict[str, set[str]] = {}
    for recipient, person in db.session.execute(due.distinct()):
        persons.setdefault(recipient, set()).add(person)
    return persons


def list_texts_by_person(
    persons: Collection[str], kinds: Collection[str], since: datetime, until: datetime
) -> dict[str, list[Draft]]:
    """Return the texts of these kinds that are planned or were sent since an instant, by person.

    Of use only until an instant: what expires later is left out.
    """
    columns = (*MADE_OF, Message.status, Message.send_at, Message.sent_at)
    texts = select(*columns).where(
        Message.person.in_(persons),
        Message.channel == Channel.SMS,
        Message.kind.in_(kinds),
        or_(Message.status == MessageStatus.PLANNED, Message.sent_at >= since),
        Message.expires_at < until,
    )
    by_person: dict[str, list[Draft]] = {}
    for text in db.session.execute(texts.order_by(Message.id)):
        by_person.setdefault(text.person, []).append(text)
    return by_person


@transaction()
def reassign_person(person: str, new_person: str) -> list[int]:
    """Count the messages of `person` as those of another, whose record took this one's place.

    Returns their ids.
    """
    statement = update(Message).where(Message.person == person).values(person=new_person)
    return sorted(db.session.scalars(statement.returning(Message.id)))


@transaction()
def assign_messages(message_ids: Collection[int], topics: Collection[str], person: str) -> None:
    """Count these messages, and whatever is about these topics, as those of `person`."""
    theirs = Message.id.in_(message_ids) | Message.topic.in_(topics)
    db.session.execute(update(Message).where(theirs).values(person=person))


@transaction()
def skip_planned_texts(person: str, reason: Reason) -> None:
    """Skip the texts still planned for a person, for a reason that may pass; see `restore_texts`."""
    planned = update(Message).where(
        Message.person == person,
        Message.channel == Channel.SMS,
        Message.status == MessageStatus.PLANNED,
    )
    db.session.execute(planned.values(status=MessageStatus.SKIPPED, reason=reason))


@transaction()
def restore_texts(person: str, reason: Reason, now: datetime) -> None:
    """Plan again a person's texts that were skipped for this reason and are not due yet."""
    skipped = update(Message).where(
        Message.person == person,
        Message.channel == Channel.SMS,
        Message.status == MessageStatus.SKIPPED,
        Message.reason == reason,
        Message.send_at > now,
    )
    db.session.execute(skipped.values(status=MessageStatus.PLANNED, reason=None))
