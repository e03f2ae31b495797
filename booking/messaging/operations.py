"""What others ask of the outbox: owe a message, retire it, send it now, read its history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from booking.audit import operations as audit
from booking.db.statements import upsert
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import UNDELIVERED, Message
from booking.messaging.rules import ACCEPTED, Channel, MessageStatus, Reason, move_before_night
from booking.messaging.stopped import list_stopped

UNIQUE_COLUMNS = ["topic", "revision", "kind", "channel", "recipient"]
UPDATABLE_COLUMNS = [
    *["person", "details", "subject", "body", "attachment", "attachment_type"],
    *["language", "time_zone", "send_at", "expires_at"],
]


@dataclass(frozen=True, slots=True)
class MessageDraft:
    """A message someone is owed.

    `topic` names what it is about and means nothing here; a higher `revision` of it replaces lower
    ones, by `cancel_pending`. `send_at` and `expires_at` are UTC, `time_zone` is the recipient's (IANA).
    `immediate`: it answers what the person just did, at any hour. `skipped` is the reason, if it is
    known already that it won't be sent. `attachment_type` is a MIME type with its parameters.
    `person` refers to whom it is for ("patient:12"; empty when nobody is known by the recipient), and
    `details` to what its words are made of anew when it is sent; neither means anything here.
    """

    topic: str
    revision: int
    kind: str
    channel: Channel
    recipient: str
    body: str
    send_at: datetime
    expires_at: datetime
    time_zone: str
    language: str
    subject: str = ""
    attachment: str | None = None
    attachment_type: str | None = None
    immediate: bool = False
    skip_reason: str | None = None
    person: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@transaction()
def enqueue(draft: MessageDraft, now: datetime) -> None:
    """Put a message on record, once by topic, revision, kind, channel and recipient.

    Owed again before the first attempt, text and times are mended, and one that was taken back is to go
    after all; afterwards it stays as it is.
    A text that we start ourselves and that would go at night goes the evening before.
    """
    row = _row(draft, now)
    insert = upsert(Message).values(row)
    changes: dict[str, Any] = {name: insert.excluded[name] for name in UPDATABLE_COLUMNS}
    if draft.skip_reason is None:
        changes |= {"status": MessageStatus.PLANNED, "retired_at": None}
    untouched = (
        Message.status.in_((MessageStatus.PLANNED, MessageStatus.RETIRED))
        & (Message.tries == 0)
        & (Message.immediate == draft.immediate)  # the desk's "send now" stands
    )
    db.session.execute(
        insert.on_conflict_do_update(index_elements=UNIQUE_COLUMNS, set_=changes, where=untouched)
    )


def _row(draft: MessageDraft, now: datetime) -> dict[str, object]:
    row = asdict(draft)
    reason, row["person"] = row.pop("skip_reason"), draft.person or draft.recipient
    status = MessageStatus.SKIPPED if reason else MessageStatus.PLANNED
    if draft.channel is Channel.SMS and not draft.immediate:
        row["send_at"] = move_before_night(draft.send_at, draft.time_zone)
    return {**row, "status": status, "reason": reason, "tries": 0, "created_at": now}


@transaction()
def cancel_pending(topic: str, now: datetime, below_revision: int | None = None) -> int:
    """Take back what is still owed about `topic`: all of it, or all below a revision.

    Returns how many. One that is being sent this moment can't be called back, but if it turns out
    that it wasn't accepted, it is not sent again.
    """
    conditions = [Message.topic == topic, Message.retired_at.is_(None)]
    if below_revision is not None:
        conditions.append(Message.revision < below_revision)
    planned = update(Message).where(*conditions, Message.status == MessageStatus.PLANNED)
    retired = db.session.execute(planned.values(status=MessageStatus.RETIRED, retired_at=now))
    sending = update(Message).where(*conditions, Message.status == MessageStatus.SENDING)
    db.session.execute(sending.values(retired_at=now))
    return int(retired.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


@transaction()
def cancel_planned_kind(
    topic: str, kind: str, now: datetime, kept_channels: Collection[Channel] = ()
) -> set[Channel]:
    """Take back what of one kind is still planned about `topic`; return on which channels."""
    planned = update(Message).where(
        Message.topic == topic,
        Message.kind == kind,
        Message.status == MessageStatus.PLANNED,
        Message.channel.not_in(kept_channels),
    )
    retired = planned.values(status=MessageStatus.RETIRED, retired_at=now).returning(
        Message.channel
    )
    return set(db.session.scalars(retired))


@transaction()
def cancel_planned_except(
    topic: str, revision: int, keep: Collection[tuple[str, Channel, str]], now: datetime
) -> None:
    """Take back what is still planned about this revision of `topic` but not `keep`.

    That is by kind, channel and recipient.
    """
    planned = select(Message).where(
        Message.topic == topic,
        Message.revision == revision,
        Message.status == MessageStatus.PLANNED,
    )
    for message in db.session.scalars(planned.with_for_update()):
        if (message.kind, message.channel, message.recipient) not in keep:
            message.status, message.retired_at = MessageStatus.RETIRED, now


@transaction()
def delete_untried(topic: str, above_revision: int) -> None:
    """Delete what is on record of later revisions of `topic` and never was tried: they were undone."""
    later = (Message.topic == topic, Message.revision > above_revision, Message.tries == 0)
    db.session.execute(delete(Message).where(*later))


@transaction()
def skip_planned(topic: str, reason: Reason, now: datetime) -> None:
    """Skip what is still planned about `topic`, for a reason that may pass; see `restore_skipped`.

    What is being sent this moment is not sent again if it turns out that it wasn't accepted.
    """
    statement = update(Message).where(Message.topic == topic)
    planned = statement.where(Message.status == MessageStatus.PLANNED)
    db.session.execute(planned.values(status=MessageStatus.SKIPPED, reason=reason))
    sending = statement.where(Message.status == MessageStatus.SENDING, Message.retired_at.is_(None))
    db.session.execute(sending.values(retired_at=now))


@transaction()
def restore_skipped(topic: str, revision: int, reason: Reason, now: datetime) -> bool:
    """Plan again what of a revision was held back for this reason and can still go; tell whether any was."""
    held_back = update(Message).where(
        Message.topic == topic,
        Message.revision == revision,
        Message.status == MessageStatus.SKIPPED,
        Message.reason == reason,
        Message.expires_at > now,
    )
    planned = held_back.values(status=MessageStatus.PLANNED, reason=None).returning(Message.id)
    return bool(db.session.scalars(planned).all())


@transaction()
def send_now(message_id: int, actor: str, now: datetime) -> bool:
    """Let a planned message go with the next tick, at any hour; False if it isn't planned, or was stopped."""
    message = db.session.get(Message, message_id, with_for_update=True)
    if message is None or message.status is not MessageStatus.PLANNED or list_stopped([message]):
        return False
    message.send_at, message.immediate = now, True
    audit.record(actor, "send_now", "message", message.id, now)
    return True


def next_revision(topic: str) -> int:
    """Return a revision of `topic` that no message has yet; its messages count up from 0."""
    newest = db.session.scalar(select(func.max(Message.revision)).where(Message.topic == topic))
    return 0 if newest is None else newest + 1


def first_enqueued_at(topic: str, revision: int) -> datetime | None:
    """Return when anything about this revision of `topic` was first put on record."""
    return db.session.scalar(
        select(func.min(Message.created_at)).where(
            Message.topic == topic, Message.revision == revision
        )
    )


def list_topics_sent_to(recipient: str, since: datetime, kind: str | None = None) -> list[str]:
    """Return the topics of messages sent to an address or number since `since`, the newest first.

    With `kind`, only of those.
    """
    topics = select(Message.topic).where(Message.recipient == recipient, Message.sent_at >= since)
    if kind is not None:
        topics = topics.where(Message.kind == kind)
    newest_first = topics.order_by(Message.sent_at.desc(), Message.id.desc())
    return list(dict.fromkeys(db.session.scalars(newest_first)))


def was_enqueued(recipient: str, kind: str, since: datetime) -> bool:
    """Tell whether one of this kind was owed to an address or number since an instant, and not skipped."""
    statement = select(Message.id).where(
        Message.recipient == recipient,
        Message.kind == kind,
        Message.created_at >= since,
        Message.status != MessageStatus.SKIPPED,
    )
    return db.session.scalar(statement.limit(1)) is not None


def list_messages(topics: Sequence[str]) -> list[Message]:
    """Return all messages about `topics`, in the order in which they were to be sent."""
    statement = select(Message).where(Message.topic.in_(topics))
    return list(db.session.scalars(statement.order_by(Message.send_at, Message.id)))


def list_sent(topics: Sequence[str]) -> list[Message]:
    """Return what was sent, or is being sent, about `topics`, the newest first."""
    statement = select(Message).where(Message.topic.in_(topics), Message.status.in_(ACCEPTED))
    return list(db.session.scalars(statement.order_by(Message.id.desc())))


def list_undelivered(instant: datetime) -> list[Message]:
    """Return what failed or was given up as unknown since `instant` (included), oldest first."""
    statement = select(Message).where(UNDELIVERED, Message.failed_at >= instant)
    return list(db.session.scalars(statement.order_by(Message.failed_at)))
