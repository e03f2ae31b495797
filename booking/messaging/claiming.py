"""Claiming what is due: the last look at each message, and its attempt on record."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, literal, select, update

from booking.db import UtcDateTime, transaction
from booking.extensions import db
from booking.messaging import opt_outs
from booking.messaging.models import PLANNED, Attempt, Message
from booking.messaging.rendering import MADE_OF, WORDS, Render, Rendered, as_owed, keep, words_of
from booking.messaging.rules import (
    REMINDED_WITHIN,
    UNDER_WAY,
    Channel,
    Due,
    Reason,
    Send,
    Skip,
    Status,
    Wait,
    decide,
)
from booking.messaging.senders import OutgoingMessage

COLUMNS = (
    *(*MADE_OF, *WORDS, Message.person, Message.tries, Message.expires_at),
    *(Message.immediate, Message.time_zone, Message.send_at),
)

DueRow = Row[*tuple[Any, ...]]  # of COLUMNS


Outdated = Callable[[Collection[str]], Collection[str]]  # of these topics, those that have changed


def none_is(_topics: Collection[str]) -> Collection[str]:
    """Return that no topic has changed since its messages were derived."""
    return ()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send for a while, and the number of this attempt."""

    message: OutgoingMessage
    number: int
    expires_at: datetime


@transaction()
def claim(
    now: datetime,
    worker: str,
    limit: int,
    channels: Collection[Channel],
    lease: timedelta,
    outdated: Outdated = none_is,
    render: Render = as_owed,
) -> list[Claimed]:
    """Take up to `limit` due messages for `worker` until `now` + `lease`, each with its attempt.

    What must not go any more is skipped with its reason, what must not go at this hour is put off
    (rules.decide). Rows that another worker is taking are left to it, and those about a topic that is
    `outdated` wait: what they tell has changed. The words are made now by `render`.
    """
    _expire(now)
    due = _due(now, limit, channels)
    waiting = outdated({row.topic for row in due})
    rows = [row for row in due if row.topic not in waiting]
    rendered = render(rows, now)
    verdicts = _decide(rows, rendered, now)
    _put_aside([(row.id, verdict) for row, verdict in verdicts])
    taken = [row for row, verdict in verdicts if isinstance(verdict, Send)]
    words = {row.id: words_of(row, rendered) for row in taken}
    for row in taken:
        if words[row.id] != words_of(row, {}):
            keep(row.id, words[row.id])
    if taken:
        _start_attempts(taken, worker, now, now + lease)
    return [_claimed(row, words[row.id]) for row in taken]


def _claimed(row: DueRow, words: Rendered) -> Claimed:
    message = OutgoingMessage(
        row.id,
        row.channel,
        row.recipient,
        words.subject,
        words.body,
        words.attachment,
        words.attachment_type,
    )
    limits = [limit for limit in (row.expires_at, words.true_until) if limit is not None]
    return Claimed(message, row.tries + 1, min(limits))


def _expire(now: datetime) -> None:
    """Skip what nobody could send in time, on channels without a sender too."""
    late = update(Message).where(PLANNED, Message.send_at <= now, Message.expires_at <= now)
    db.session.execute(late.values(status=Status.SKIPPED, reason=Reason.TOO_LATE))


def _due(now: datetime, limit: int, channels: Collection[Channel]) -> Sequence[DueRow]:
    due = select(*COLUMNS).where(PLANNED, Message.send_at <= now, Message.channel.in_(channels))
    in_turn = due.order_by(Message.immediate.desc(), Message.send_at)  # answers before reminders
    return db.session.execute(in_turn.limit(limit).with_for_update(skip_locked=True)).all()


def _decide(
    rows: Sequence[DueRow], rendered: Mapping[int, Rendered | None], now: datetime
) -> list[tuple[DueRow, Send | Wait | Skip]]:
    """Return what to do with each message; each reminder that goes counts for the person's next.

    Of several that are due at once, after a pause, the latest goes: it is the truest.
    """
    stopped = opt_outs.opted_out_among({row.recipient for row in rows})
    reminded = _reminded({row.person for row in rows if _is_reminder(row)}, now)
    verdicts: dict[int, Send | Wait | Skip] = {}
    for row in sorted(rows, key=lambda row: row.send_at, reverse=True):
        verdict = decide(_facts(row, stopped, reminded.get(row.person, ())), now)
        if isinstance(verdict, Send) and rendered.get(row.id, True) is None:
            verdict = Skip(Reason.UNTRUE)
        if isinstance(verdict, Send) and _is_reminder(row):
            reminded.setdefault(row.person, []).append(now)
        verdicts[row.id] = verdict
    return [(row, verdicts[row.id]) for row in rows]


def _is_reminder(row: DueRow) -> bool:
    return row.channel is Channel.SMS and not row.immediate


def _reminded(persons: Collection[str], now: datetime) -> dict[str, list[datetime]]:
    """Return when texts that we started were lately sent, or begun to be, by person."""
    if not persons:
        return {}
    sent = (
        select(Message.person, func.max(Attempt.started_at))
        .join(Attempt, Attempt.message_id == Message.id)
        .where(
            Message.person.in_(persons),
            Message.channel == Channel.SMS,
            Message.immediate.is_(False),
            Message.status.in_(UNDER_WAY),
            Attempt.started_at > now - REMINDED_WITHIN,
        )
        .group_by(Message.id, Message.person)
    )
    reminded: dict[str, list[datetime]] = {}
    for person, started_at in db.session.execute(sent):
        reminded.setdefault(person, []).append(started_at)
    return reminded


def _facts(row: DueRow, stopped: set[str], reminded: Sequence[datetime]) -> Due:
    return Due(
        channel=row.channel,
        immediate=row.immediate,
        time_zone=row.time_zone,
        expires_at=row.expires_at,
        opted_out=row.recipient in stopped,
        reminded=reminded,
    )


def _put_aside(verdicts: Sequence[tuple[int, Send | Wait | Skip]]) -> None:
    for number, verdict in verdicts:
        if isinstance(verdict, Wait):
            _change(number, send_at=verdict.until)
        elif isinstance(verdict, Skip):
            _change(number, status=Status.SKIPPED, reason=verdict.reason)


def _change(number: int, **values: object) -> None:
    db.session.execute(update(Message).where(Message.id == number).values(values))


def _start_attempts(rows: Sequence[DueRow], worker: str, now: datetime, until: datetime) -> None:
    these = Message.id.in_([row.id for row in rows])
    taken = (
        update(Message)
        .where(these)
        .values(
            status=Status.SENDING,
            claimed_by=worker,
            claimed_until=until,
            tries=Message.tries + 1,
        )
    )
    db.session.execute(taken, execution_options={"synchronize_session": False})
    columns = ["message_id", "number", "started_at", "subject", "body"]
    begun = select(
        Message.id, Message.tries, literal(now, UtcDateTime), Message.subject, Message.body
    ).where(these)
    attempts = insert(Attempt).from_select(columns, begun)
    db.session.execute(attempts)
