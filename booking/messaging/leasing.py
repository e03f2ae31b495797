"""Leasing what is due: the last look at each message, and its attempt on record."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, literal, select, update

from booking.db.transactions import UtcDateTime, transaction
from booking.extensions import db
from booking.messaging import email_preferences, opt_outs
from booking.messaging.models import PLANNED, Attempt, Message
from booking.messaging.recent_reminders import list_recent_reminders
from booking.messaging.rendering import (
    MADE_OF,
    WORDS,
    Render,
    Rendered,
    RenderedMessage,
    choose_text,
    keep_enqueued_text,
    save_attempt_text,
)
from booking.messaging.rules import (
    Channel,
    Decision,
    DueMessageFacts,
    MessageStatus,
    Reason,
    SendNow,
    SkipMessage,
    WaitUntil,
    decide_delivery,
)
from booking.messaging.senders import OutgoingMessage

COLUMNS = (
    *(*MADE_OF, *WORDS, Message.tries, Message.expires_at),
    *(Message.immediate, Message.time_zone, Message.send_at),
)

DueRow = Row[*tuple[Any, ...]]  # of COLUMNS
OUTCOME_WAIT = timedelta(minutes=1)  # a reminder waits this long for what becomes of another


# Of these topics, those that have changed and are to be told of anew
Outdated = Callable[[Collection[str], datetime], Collection[str]]


def none_outdated(_topics: Collection[str], _now: datetime) -> Collection[str]:
    """Return that no topic has changed since its messages were derived."""
    return ()


@dataclass(frozen=True, slots=True)
class LeasedMessage:
    """A message that is ours to send for a while, and the number of this attempt."""

    message: OutgoingMessage
    attempt_number: int
    expires_at: datetime


@transaction()
def lease_due_messages(
    now: datetime,
    worker: str,
    limit: int,
    channels: Collection[Channel],
    lease: timedelta,
    outdated: Outdated = none_outdated,
    render: Render = keep_enqueued_text,
) -> list[LeasedMessage]:
    """Take up to `limit` due messages for `worker` until `now` + `lease`, each with its attempt.

    What must not go any more is skipped with its reason, what must not go at this hour is put off
    (rules.decide). Rows that another worker is taking are left to it, and those about a topic that is
    `outdated` wait: what they tell has changed. The words are made now by `render`.
    """
    _expire(now)
    due_rows = _due(now, limit, channels)
    outdated_topics = outdated({row.topic for row in due_rows}, now)
    rows = [row for row in due_rows if row.topic not in outdated_topics]
    rendered = render(rows, now)
    decisions = _decide(rows, rendered, now)
    _apply_verdicts([(row.id, decision) for row, decision in decisions])
    sendable = [row for row, decision in decisions if isinstance(decision, SendNow)]
    words = {row.id: choose_text(row, rendered) for row in sendable}
    for row in sendable:
        if words[row.id] != choose_text(row, {}):
            save_attempt_text(row.id, words[row.id])
    if sendable:
        _start_attempts(sendable, worker, now, now + lease)
    stop_tokens = email_preferences.assign_tokens(
        {row.recipient for row in sendable if _can_be_stopped(row)}, now
    )
    return [_to_leased(row, words[row.id], stop_tokens) for row in sendable]


def _can_be_stopped(row: DueRow) -> bool:
    """Tell whether an e-mail comes unasked: answers to what somebody just did can't be stopped."""
    return row.channel is Channel.EMAIL and not row.immediate


def _to_leased(
    row: DueRow, words: RenderedMessage, stop_tokens: Mapping[str, str]
) -> LeasedMessage:
    message = OutgoingMessage(
        row.id,
        row.channel,
        row.recipient,
        words.subject,
        words.body,
        words.attachment,
        words.attachment_type,
        row.language,
        stop_tokens.get(row.recipient, "") if _can_be_stopped(row) else "",
    )
    limits = [limit for limit in (row.expires_at, words.valid_until) if limit is not None]
    return LeasedMessage(message, row.tries + 1, min(limits))


def _expire(now: datetime) -> None:
    """Skip what nobody could send in time, on channels without a sender too."""
    late = update(Message).where(PLANNED, Message.send_at <= now, Message.expires_at <= now)
    db.session.execute(late.values(status=MessageStatus.SKIPPED, reason=Reason.TOO_LATE))


def _due(now: datetime, limit: int, channels: Collection[Channel]) -> Sequence[DueRow]:
    due = select(*COLUMNS).where(PLANNED, Message.send_at <= now, Message.channel.in_(channels))
    in_turn = due.order_by(  # answers before reminders
        Message.immediate.desc(), Message.send_at, Message.id
    )
    return db.session.execute(in_turn.limit(limit).with_for_update(skip_locked=True)).all()


def _decide(
    rows: Sequence[DueRow], rendered: Rendered, now: datetime
) -> list[tuple[DueRow, Decision]]:
    """Return what to do with each message; each reminder that goes counts for the person's next.

    Of several that are due at once, after a pause, that goes which is soonest of no use any more, and of
    those the latest, as the truest; the others wait until it is known whether it went.
    """
    opted_out = opt_outs.filter_opted_out({row.recipient for row in rows})
    unsubscribed = email_preferences.list_unsubscribed(
        {row.recipient for row in rows if _can_be_stopped(row)}
    )
    recent = list_recent_reminders({row.person for row in rows if _is_reminder(row)}, now)
    decisions: dict[int, Decision] = {}
    for row in sorted(rows, key=lambda row: (row.expires_at, now - row.send_at)):
        facts = _facts(row, opted_out, unsubscribed, recent.times_by_person.get(row.person, ()))
        decision = decide_delivery(facts, now)
        if decision in (SendNow(), SkipMessage(Reason.ENOUGH)):
            decision = _find_withheld(row, rendered) or decision
        if decision == SkipMessage(Reason.ENOUGH) and row.person in recent.sending_persons:
            decision = WaitUntil(now + OUTCOME_WAIT)
        if isinstance(decision, SendNow) and _is_reminder(row):
            recent.add(row.person, now)
        decisions[row.id] = decision
    return [(row, decisions[row.id]) for row in rows]


def _find_withheld(row: DueRow, rendered: Rendered) -> Decision | None:
    """Return what whoever owes a message wants done with it instead of sending it."""
    message = rendered.get(row.id, True)
    if isinstance(message, Reason):
        return SkipMessage(message)
    if isinstance(message, WaitUntil):
        return message
    return SkipMessage(Reason.UNTRUE) if message is None else None


def _is_reminder(row: DueRow) -> bool:
    return row.channel is Channel.SMS and not row.immediate


def _facts(
    row: DueRow,
    opted_out: set[str],
    unsubscribed: set[str],
    recent_reminders: Sequence[datetime],
) -> DueMessageFacts:
    return DueMessageFacts(
        channel=row.channel,
        immediate=row.immediate,
        time_zone=row.time_zone,
        expires_at=row.expires_at,
        opted_out=row.recipient in opted_out,
        unsubscribed=row.recipient in unsubscribed,
        recent_reminders=recent_reminders,
    )


def _apply_verdicts(decisions: Sequence[tuple[int, Decision]]) -> None:
    for number, decision in decisions:
        if isinstance(decision, WaitUntil):
            _change(number, send_at=decision.until)
        elif isinstance(decision, SkipMessage):
            _change(number, status=MessageStatus.SKIPPED, reason=decision.reason)


def _change(number: int, **values: object) -> None:
    db.session.execute(update(Message).where(Message.id == number).values(values))


def _start_attempts(rows: Sequence[DueRow], worker: str, now: datetime, until: datetime) -> None:
    these = Message.id.in_([row.id for row in rows])
    lease = (
        update(Message)
        .where(these)
        .values(
            status=MessageStatus.SENDING,
            claimed_by=worker,
            claimed_until=until,
            tries=Message.tries + 1,
        )
    )
    db.session.execute(lease, execution_options={"synchronize_session": False})
    columns = ["message_id", "number", "started_at", "subject", "body"]
    started = select(
        Message.id, Message.tries, literal(now, UtcDateTime), Message.subject, Message.body
    ).where(these)
    attempts = insert(Attempt).from_select(columns, started)
    db.session.execute(attempts)
