"""Settling interrupted attempts: the provider is asked before anything is sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from booking import clock
from booking.db.each import run_each
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import SENDING, Attempt, Message
from booking.messaging.results import ASK_AFTER
from booking.messaging.rules import AttemptOutcome, Channel, MessageStatus, retry_delay
from booking.messaging.senders import (
    DeliveryUnknown,
    LookupUnsupported,
    MessageSender,
    OutgoingMessage,
)

BATCH = 50  # questions to the provider at once
MAX_RUN = timedelta(minutes=1)  # what a slow provider leaves is asked about later


@dataclass(frozen=True, slots=True)
class InterruptedAttempt:
    """A message whose attempt `number` nobody recorded the end of.

    `since` is its first attempt's start, `bodies` the words of all its attempts, the last first: one that
    the provider didn't have when it was asked may have reached it later.
    """

    message: OutgoingMessage
    number: int
    since: datetime
    bodies: Sequence[str]


def resolve_interrupted(
    now: datetime, senders: Mapping[Channel, MessageSender], limit: int = BATCH
) -> int:
    """Ask about messages whose lease has run out at `now`; return how many were settled.

    Found: recorded as sent. Not found: planned again. Unanswerable: `unknown`, never sent again. A
    provider that doesn't answer now is asked again later.
    """
    until = clock.now() + MAX_RUN
    attempts = {each.message.id: each for each in _lease_interrupted(now, limit, tuple(senders))}

    def resolve(message_id: int) -> bool:
        return clock.now() < until and _look_up_and_resolve(attempts[message_id], senders, now)

    return run_each(attempts, resolve, "lookup_failed")


def _look_up_and_resolve(
    attempt: InterruptedAttempt, senders: Mapping[Channel, MessageSender], now: datetime
) -> bool:
    try:
        provider_ids = _find(attempt, senders[attempt.message.channel])
    except LookupUnsupported:
        return _record_unknown(attempt, now)
    except DeliveryUnknown:
        return False
    try:
        return _record_found(attempt, provider_ids, now)
    except IntegrityError:  # what was found has just been recorded as another message's
        return False


def _find(attempt: InterruptedAttempt, sender: MessageSender) -> list[str]:
    messages = (replace(attempt.message, body=body) for body in attempt.bodies)
    ids = [
        number for message in messages for number in sender.list_accepted(message, attempt.since)
    ]
    return list(dict.fromkeys(ids))


@transaction()
def _lease_interrupted(
    now: datetime, limit: int, channels: Sequence[Channel]
) -> list[InterruptedAttempt]:
    """Take the interrupted, so that no other worker asks about them meanwhile."""
    lapsed = (
        select(Message)
        .where(SENDING, Message.claimed_until <= now, Message.channel.in_(channels))
        .order_by(Message.claimed_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    messages = db.session.scalars(lapsed).all()
    for message in messages:
        message.claimed_by, message.claimed_until = None, now + ASK_AFTER
    attempts = _attempts_at([message.id for message in messages])
    return [_interrupted(message, attempts[message.id]) for message in messages]


def _interrupted(message: Message, attempts: Sequence[Attempt]) -> InterruptedAttempt:
    bodies = dict.fromkeys(
        [message.body, *(attempt.body for attempt in reversed(attempts) if attempt.body)]
    )
    return InterruptedAttempt(
        OutgoingMessage.from_message(message), message.tries, attempts[0].started_at, tuple(bodies)
    )


def _attempts_at(ids: Sequence[int]) -> dict[int, list[Attempt]]:
    """Return the attempts at messages, oldest first, by message."""
    attempts: dict[int, list[Attempt]] = {}
    rows = select(Attempt).where(Attempt.message_id.in_(ids)).order_by(Attempt.number)
    for attempt in db.session.scalars(rows):
        attempts.setdefault(attempt.message_id, []).append(attempt)
    return attempts


@transaction()
def _record_unknown(attempt: InterruptedAttempt, now: datetime) -> bool:
    message = _still_interrupted(attempt)
    if message is None:
        return False
    message.status, message.claimed_until, message.failed_at = MessageStatus.UNKNOWN, None, now
    _finish(attempt, AttemptOutcome.UNKNOWN, now)
    return True


@transaction()
def _record_found(attempt: InterruptedAttempt, provider_ids: Sequence[str], now: datetime) -> bool:
    """Record the first of `provider_ids` that is no other message's; with none left, plan it again."""
    message = _still_interrupted(attempt)
    if message is None or _identical_message_in_flight(attempt, now):
        return False
    recorded = select(Message.provider_id).where(Message.provider_id.in_(provider_ids))
    recorded_ids = set(db.session.scalars(recorded.where(Message.id != message.id)))
    own_id = next(
        (provider_id for provider_id in provider_ids if provider_id not in recorded_ids), None
    )
    if own_id is None:
        _plan_again(message, attempt, now)
    else:
        message.status, message.provider_id, message.sent_at = MessageStatus.SENT, own_id, now
        message.claimed_until, message.error_code = None, None
        _finish(attempt, AttemptOutcome.ACCEPTED, now, own_id)
    return True


def _plan_again(message: Message, attempt: InterruptedAttempt, now: datetime) -> None:
    """Plan it again, after a pause if it was the provider that had trouble."""
    message.status = MessageStatus.RETIRED if message.retired_at else MessageStatus.PLANNED
    message.claimed_until = None
    if _finish(attempt, AttemptOutcome.NOT_ACCEPTED, now) is AttemptOutcome.AMBIGUOUS:
        message.send_at = now + retry_delay(attempt.number)


def _finish(
    interrupted: InterruptedAttempt,
    outcome: AttemptOutcome,
    now: datetime,
    provider_id: str | None = None,
) -> AttemptOutcome | None:
    """Record the end of the interrupted attempt; return what was recorded of it before."""
    attempt = db.session.get_one(Attempt, (interrupted.message.id, interrupted.number))
    previous_outcome, attempt.outcome = attempt.outcome, outcome
    attempt.provider_id, attempt.finished_at = provider_id, now
    return previous_outcome


def _still_interrupted(attempt: InterruptedAttempt) -> Message | None:
    """Return the row, locked, unless a callback or another worker settled it meanwhile."""
    message = db.session.get(Message, attempt.message.id, with_for_update=True)
    if message is None or (message.status, message.tries) != (
        MessageStatus.SENDING,
        attempt.number,
    ):
        return None
    return message


def _identical_message_in_flight(attempt: InterruptedAttempt, now: datetime) -> bool:
    """Tell whether the same text to the same number is being sent right now.

    What the provider has may then be that one's, accepted and not yet recorded: ask again later.
    """
    twin = select(Message.id).where(
        SENDING,
        Message.claimed_by.is_not(None),
        Message.claimed_until > now,
        Message.recipient == attempt.message.recipient,
        Message.body == attempt.message.body,
        Message.id != attempt.message.id,
    )
    return db.session.scalar(twin.limit(1)) is not None
