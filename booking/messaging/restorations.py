"""After a backup was restored: what was planned in it may have been sent since, and is asked about first.

To the outbox such a message is one whose attempt was interrupted, and `resolving` does the rest.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from booking.audit import operations as audit
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.leasing import COLUMNS, DueRow
from booking.messaging.models import PLANNED, SENDING, Attempt, Message, Restoration
from booking.messaging.rendering import Render, choose_text
from booking.messaging.rules import Channel, MessageStatus


def find_unsettled_restoration() -> Restoration | None:
    """Return the restored backup, the oldest of several, after which nothing may be sent yet."""
    unsettled = select(Restoration).where(Restoration.settled_at.is_(None))
    return db.session.scalar(unsettled.order_by(Restoration.backed_up_at).limit(1))


@transaction()
def suspect_sent(since: datetime, now: datetime, render: Render) -> int:
    """Take all that is planned and was due by `now` for perhaps sent after `since`; return how many.

    The words asked for are those it was planned with, and those that `render` makes of it for the
    moment it was due.
    """
    due = select(*COLUMNS).where(PLANNED, Message.send_at <= now).with_for_update()
    rows = db.session.execute(due).all()
    if rows:
        db.session.execute(insert(Attempt), [_to_attempt(row, since, render) for row in rows])
        interrupted = {"status": MessageStatus.SENDING, "claimed_by": None, "claimed_until": now}
        change = update(Message).where(Message.id.in_([row.id for row in rows]))
        db.session.execute(change.values(tries=Message.tries + 1, **interrupted))
    return len(rows)


def _to_attempt(row: DueRow, since: datetime, render: Render) -> dict[str, Any]:
    rendered = render([row], row.send_at)
    words = choose_text(row, rendered)
    number = row.tries + 1
    return {
        "message_id": row.id, "number": number, "started_at": since,
        "subject": words.subject, "body": words.body,
    }  # fmt: skip


def count_unanswered(channels: Collection[Channel] = tuple(Channel)) -> int:
    """Return how many messages nobody can tell of yet whether they were sent."""
    unanswered = select(func.count()).where(SENDING, Message.channel.in_(channels))
    return db.session.scalar(unanswered) or 0


@transaction()
def settle_restorations(now: datetime, actor: str) -> None:
    """Let messages go again: what may have been sent is settled."""
    unsettled = select(Restoration).where(Restoration.settled_at.is_(None)).with_for_update()
    for restoration in db.session.scalars(unsettled).all():
        restoration.settled_at = now
        backed_up_at = restoration.backed_up_at.isoformat()
        audit.record(
            actor, "settle_restore", "restoration", restoration.id, now, backed_up_at=backed_up_at
        )
