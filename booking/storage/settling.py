"""After a restore: the provider is asked what was sent since the backup, before anything is sent again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from booking import clock
from booking.messaging.resolving import resolve_interrupted
from booking.messaging.restorations import (
    count_unanswered,
    find_unsettled_restoration,
    settle_restorations,
    suspect_sent,
)
from booking.messaging.rules import Channel
from booking.messaging.senders import MessageSender
from booking.reminders.operations import derive_messages
from booking.scheduler import render_messages


@dataclass(frozen=True, slots=True)
class Settlement:
    """How many messages may have been sent since the backup, and of how many nobody can tell yet.

    `unaskable` of these never will be told of, as nobody is set up who could be asked.
    """

    suspected: int
    unanswered: int
    unaskable: int = 0


class NothingToSettle(Exception):
    """No backup was restored, or what was sent since is settled."""


def settle_sent(now: datetime, senders: Mapping[Channel, MessageSender], actor: str) -> Settlement:
    """Ask about all that was due since the backup; with every question answered, messages go again.

    What the provider has is recorded as sent, what it doesn't have goes with the scheduler's next tick. Where
    nobody can be asked (e-mail), the message is `unknown` and never sent. Run again it asks about the rest.
    Raises `NothingToSettle`.
    """
    restoration = find_unsettled_restoration()
    if restoration is None:
        raise NothingToSettle
    derive_messages(now)
    suspect_sent(restoration.backed_up_at, now, render_messages)
    suspected = count_unanswered()
    while resolve_interrupted(clock.now(), senders):
        pass
    unanswered = count_unanswered()
    if not unanswered:
        settle_restorations(now, actor)
    unaskable = count_unanswered(set(Channel) - senders.keys())
    return Settlement(suspected, unanswered, unaskable)
