"""A scheduler in its own process: derives, settles and sends a few times, and may kill itself at one step."""

import os
from datetime import datetime, timedelta

from booking import clock, create_app
from booking.messaging import operations as messaging
from booking.messaging import resolving, sending
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.messaging.senders import MessageSender
from booking.reminders import operations as reminders
from booking.reminders.queries import list_outdated_topics
from booking.reminders.rendering import render_messages
from booking.reminders.rules import MessageKind
from booking.reminders.topics import MOVES
from tests.demo.loopback_builders import sender_to
from tests.messaging.worker import DyingSender, arm, die

TICKS, BATCH = 4, 20


def run_scheduler(database_url: str, provider_url: str, minutes_ago: int, step: str) -> None:
    """Tick a few times, or die at `step`, as if it were some minutes earlier.

    Its leases have then long run out for those that come after it.
    """
    app = create_app({"DATABASE_URL": database_url, "SECRET_KEY": "for a test only"})
    with app.app_context():
        sender = _arm(step, sender_to(provider_url))
        for _ in range(TICKS):
            _tick(sender, timedelta(minutes=minutes_ago))


def _tick(sender: MessageSender, ago: timedelta) -> None:
    senders, now = {Channel.SMS: sender}, clock.now() - ago
    reminders.derive_messages(now)
    if os.environ.pop("DIE_DERIVED", ""):
        die()
    resolving.resolve_interrupted(now, senders)
    sending.send_due(
        now,
        f"worker-{os.getpid()}",
        BATCH,
        senders,
        outdated=list_outdated_topics,
        render=render_messages,
    )


def _arm(step: str, sender: MessageSender) -> MessageSender:
    if step == "deriving":
        enqueue = messaging.enqueue

        def enqueue_and_die(draft: MessageDraft, now: datetime) -> None:
            enqueue(draft, now)
            if draft.topic.startswith(f"{MOVES}:") or draft.kind == MessageKind.SCHEDULE:
                die()

        messaging.enqueue = enqueue_and_die
    if step == "derived":
        os.environ["DIE_DERIVED"] = "1"
    armed = arm(step, sender)
    if isinstance(armed, DyingSender):
        armed.left = 1  # there is but one message
    return armed
