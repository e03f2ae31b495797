"""A scheduler in its own process: settles and sends in a loop, and may kill itself at one step."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from booking import clock, create_app
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import leasing, resolving, results, sending
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.senders import MessageSender, OutgoingMessage, SendReceipt
from tests.demo.loopback_builders import sender_to

BATCH = 5
SETTLED = (MessageStatus.SENT, MessageStatus.DELIVERED)


def die(*_: Any) -> None:
    """End at once, as if the power went."""
    os.kill(os.getpid(), signal.SIGKILL)


def then_die(step: Callable[..., Any], commit: bool) -> Callable[..., Any]:
    """Return `step` followed by death, before its transaction is committed or after."""

    def run(*args: Any) -> None:
        if commit:
            step(*args)
        else:
            with transaction():
                step(*args)
                die()
        die()

    return run


class DyingSender:
    """A sender that dies with its third message: before it is sent, or before anyone is told."""

    def __init__(self, sender: MessageSender, before: bool) -> None:
        self.sender, self.before = sender, before
        self.left = 3

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Send, unless it is time to die."""
        self.left -= 1
        if self.before and self.left <= 0:
            die()
        receipt = self.sender.send(message)
        if self.left <= 0:
            die()
        return receipt

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Ask as usual."""
        return self.sender.list_accepted(message, since)


def arm(step: str, sender: MessageSender) -> MessageSender:
    """Arrange for death at `step`; return the sender to use."""
    if step in ("before sending", "before hearing"):
        return DyingSender(sender, before=step == "before sending")
    claim, record = leasing.lease_due_messages, results.record_results
    arrangements: Mapping[str, tuple[Any, str, Callable[..., Any]]] = {
        "claiming": (sending, "lease_due_messages", then_die(claim, commit=False)),
        "claimed": (sending, "lease_due_messages", then_die(claim, commit=True)),
        "recording": (sending, "record_results", then_die(record, commit=False)),
        "recorded": (sending, "record_results", then_die(record, commit=True)),
        "asking": (resolving, "_record_found", die),
    }
    if step in arrangements:
        setattr(*arrangements[step])
    return sender


def unsettled() -> int:
    """Return how many messages are still to be sent or settled."""
    db.session.rollback()
    open_ones = select(func.count()).where(Message.status.not_in(SETTLED))
    return db.session.scalar(open_ones) or 0


def work(sender: MessageSender, ago: timedelta) -> None:
    """Do a scheduler's ticks until nothing is left."""
    senders = {Channel.SMS: sender}
    while unsettled():
        now = clock.now() - ago
        resolving.resolve_interrupted(now, senders)
        sending.send_due(now, f"worker-{os.getpid()}", BATCH, senders)
        time.sleep(0.02)


def run_worker_for_good(database_url: str, provider_url: str) -> None:
    """Work until killed, asking about what was interrupted once its lease has run out."""
    app = create_app({"DATABASE_URL": database_url, "SECRET_KEY": "for a test only"})
    with app.app_context():
        while True:
            work(sender_to(provider_url), timedelta(0))
            time.sleep(0.02)


def run_worker(database_url: str, provider_url: str, minutes_ago: int, step: str) -> None:
    """Work until nothing is left, or die at `step`, as if it were some minutes earlier.

    Its leases have then long run out for those that come after it.
    """
    app = create_app({"DATABASE_URL": database_url, "SECRET_KEY": "for a test only"})
    with app.app_context():
        work(arm(step, sender_to(provider_url)), timedelta(minutes=minutes_ago))
