"""How the outbox stands, for whoever watches it: each figure by an index, however long the history."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, TextClause, func, select

from booking.extensions import db
from booking.messaging.models import PLANNED, SENDING, UNDELIVERED, Message

LATE = timedelta(minutes=5)  # a tick is 5 s, a first retry 30 s: what is due for longer is stuck
RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """Counts of messages. `oldest_due` (UTC): when the longest-waiting should have gone, if any."""

    planned: int
    due: int
    late: int
    sending: int
    sent_recently: int
    undelivered_recently: int
    oldest_due: datetime | None


def read_outbox_figures(now: datetime) -> OutboxFigures:
    """Return how the outbox stands at `now`; "recently" is the last hour."""
    return OutboxFigures(
        planned=_count(PLANNED),
        due=_count(PLANNED, Message.send_at <= now),
        late=_count(PLANNED, Message.send_at <= now - LATE),
        sending=_count(SENDING),
        sent_recently=_count(Message.sent_at > now - RECENT),
        undelivered_recently=_count(UNDELIVERED, Message.failed_at > now - RECENT),
        oldest_due=_find_oldest_due(now),
    )


def _find_oldest_due(now: datetime) -> datetime | None:
    oldest = select(Message.send_at).where(PLANNED, Message.send_at <= now)
    return db.session.scalar(oldest.order_by(Message.send_at).limit(1))


def _count(*conditions: ColumnElement[bool] | TextClause) -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(*conditions)) or 0
