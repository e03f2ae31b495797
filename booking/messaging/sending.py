"""Sending what is due, each message once.

Claim and record the attempt in one transaction; send with none open; record the results in another.
Whatever happens in between, the row stays `sending` until its lease runs out, and `resolving` then
asks the provider what it has. A worker held up longer than its lease allows sends nothing more.
"""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import ceil

from booking import clock
from booking.messaging.leasing import LeasedMessage, Outdated, lease_due_messages, none_outdated
from booking.messaging.rendering import Render, keep_enqueued_text
from booking.messaging.results import AttemptResult, record_results
from booking.messaging.rules import AttemptOutcome, Channel
from booking.messaging.senders import DeliveryUnknown, MessageSender, SendFailed

LEASE = timedelta(minutes=2)
MAX_SEND = timedelta(seconds=60)  # a sender's time limits together: none starts later than that
THREADS = 4
LARGEST_SHARE = 100  # messages that a thread sends before their results are recorded

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SendingRun:
    """One run of a worker. It counts as begun at `began`; nothing is started after `last_start`.

    Time gone by is the clock's, so that a machine that slept knows that its lease has run out.
    """

    began: datetime
    last_start: datetime
    clock_began: datetime
    # Until when a provider asks to be left alone, by channel; what is due till then waits for it.
    busy_until: dict[Channel, datetime] = field(default_factory=dict)

    def now(self) -> datetime:
        """Return the time of this tick: when it began plus what has gone by."""
        return self.began + (clock.now() - self.clock_began)


def send_due(
    now: datetime,
    worker: str,
    limit: int,
    senders: Mapping[Channel, MessageSender],
    lease: timedelta = LEASE,
    threads: int = THREADS,
    outdated: Outdated = none_outdated,
    render: Render = keep_enqueued_text,
) -> int:
    """Send up to `limit` messages that are due at `now` (UTC); return how many were taken on lease.

    Several workers may do so at once. Messages on a channel without a sender, or about a topic that is
    `outdated`, wait. What each says is made by `render` as it is leased; one that can't go before
    that stops being true (at midnight, "tomorrow" is over) is put off, and its words are made again.
    """
    tick = SendingRun(now, now + lease - min(MAX_SEND, lease / 2), clock.now())
    messages = lease_due_messages(now, worker, limit, tuple(senders), lease, outdated, render)
    with ThreadPoolExecutor(threads) as pool:
        shares = pool.map(
            partial(_attempt_all, senders=senders, tick=tick), _split_batches(messages, threads)
        )
        for results in shares:
            record_results(results)
    return len(messages)


def _split_batches(
    messages: Sequence[LeasedMessage], threads: int
) -> list[Sequence[LeasedMessage]]:
    """Return `messages` in runs, each to be sent by one thread and recorded at once."""
    size = min(LARGEST_SHARE, max(1, ceil(len(messages) / threads)))
    return [messages[first : first + size] for first in range(0, len(messages), size)]


def _attempt_all(
    share: Sequence[LeasedMessage], senders: Mapping[Channel, MessageSender], tick: SendingRun
) -> list[AttemptResult]:
    return [_attempt(message, senders, tick) for message in share]


def _attempt(
    leased: LeasedMessage, senders: Mapping[Channel, MessageSender], tick: SendingRun
) -> AttemptResult:
    end = _send(leased, senders, tick)
    message = leased.message
    if end.retry_after:
        tick.busy_until[message.channel] = tick.now() + end.retry_after
    return AttemptResult(
        message_id=message.id,
        number=leased.attempt_number,
        recipient=message.recipient,
        at=tick.now(),
        outcome=end.outcome,
        provider_id=end.provider_id,
        error_code=end.error_code,
        retry_after=end.retry_after or timedelta(0),
    )


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How an attempt ended: the provider's id or its error code, and how long it asks to be left alone."""

    outcome: AttemptOutcome
    provider_id: str | None = None
    error_code: str | None = None
    retry_after: timedelta | None = None


def _send(
    leased: LeasedMessage, senders: Mapping[Channel, MessageSender], tick: SendingRun
) -> AttemptEnd:
    message, now = leased.message, tick.now()
    if now >= min(tick.last_start, leased.expires_at):
        return AttemptEnd(AttemptOutcome.POSTPONED, error_code="out of time")
    busy_until = tick.busy_until.get(message.channel, now)
    if busy_until > now:
        return AttemptEnd(AttemptOutcome.POSTPONED, None, "provider busy", busy_until - now)
    try:
        provider_id = senders[message.channel].send(message).provider_id
        return AttemptEnd(AttemptOutcome.ACCEPTED, provider_id)
    except SendFailed as failure:
        outcome = AttemptOutcome.REFUSED if failure.permanent else AttemptOutcome.POSTPONED
        return AttemptEnd(outcome, None, failure.code, failure.retry_after)
    except DeliveryUnknown as failure:
        return AttemptEnd(AttemptOutcome.AMBIGUOUS, None, failure.code, failure.retry_after)
    except Exception as error:  # noqa: BLE001 - whatever broke, it may have been sent by then
        log.error("sending message %s broke: %s", message.id, type(error).__name__)
        return AttemptEnd(AttemptOutcome.AMBIGUOUS, None, type(error).__name__[:40])
