"""A provider in a storm: nothing is lost, nothing comes twice, nothing follows a refusal for good.

Counted from the provider's own log. `STORM_MESSAGES=2000 make test
TESTS=tests/messaging/test_storm.py` owes so many.
"""

import os
import random
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from booking.db.transactions import transaction
from booking.demo import loopback_api
from booking.demo.loopback import Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.demo.loopback_faults import Fault, Faults, Trouble
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.operations import enqueue
from booking.messaging.resolving import resolve_interrupted
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.sending import send_due
from tests.demo.loopback_builders import sender_to
from tests.messaging.builders import NOON, owed

MESSAGES = int(os.environ.get("STORM_MESSAGES", "60"))
SEED = int(os.environ.get("STORM_SEED", "1"))
STOPPED = 0.05  # the share of numbers that the provider knows to have said STOP
SHARES = (
    (Trouble.BUSY, 0.30), (Trouble.BROKEN, 0.10), (Trouble.BROKEN_AFTER, 0.10),
    (Trouble.HANG_BEFORE, 0.05), (Trouble.HANG, 0.05),
)  # fmt: skip
HANGS, TIMEOUT = 0.2, 0.1  # seconds
OPEN = (MessageStatus.PLANNED, MessageStatus.SENDING)


class Storm(Faults):
    """Trouble by the dice, for as long as it lasts; it counts what it made."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.dice, self.made = random.Random(seed), Counter[Trouble]()

    def take(self) -> Fault | None:
        """Return the trouble for this request, if any."""
        with self._lock:
            number = self.dice.random()
            for trouble, share in SHARES:
                number -= share
                if number < 0:
                    self.made[trouble] += 1
                    return Fault(trouble, 1, 0 if trouble is Trouble.BUSY else HANGS)
        return None


def recipient(number: int) -> str:
    return f"+1602{2000000 + number}"


@transaction()
def owe() -> None:
    """Owe a text each to as many people, all due now."""
    for number in range(MESSAGES):
        enqueue(
            owed(
                topic=f"appointment:{number}", recipient=recipient(number), body=f"At {number}",
                expires_at=NOON + timedelta(days=7), immediate=True,
            ),
            NOON,
        )  # fmt: skip


def count_open() -> int:
    db.session.rollback()
    waiting = select(func.count()).where(Message.status.in_(OPEN))
    return db.session.scalar(waiting) or 0


def test_a_storm_loses_and_repeats_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: Counter[str] = Counter()
    create = loopback_api.create

    def count_refusals(account: loopback_api.Account, store: object, form: Mapping[str, str]):  # type: ignore[no-untyped-def]  # as it returns
        try:
            return create(account, store, form)  # type: ignore[arg-type]  # handed on
        except loopback_api.Refused:
            refused[form["To"]] += 1
            raise

    monkeypatch.setattr(loopback_api, "create", count_refusals)
    stopped = {recipient(number) for number in range(MESSAGES) if number % round(1 / STOPPED) == 0}
    storm = Storm(SEED)
    with (
        Loopback(behaviour=Behaviour(enabled=False)) as loopback,
        time_machine.travel(NOON, tick=False) as traveller,
    ):
        loopback.provider.faults = storm
        for phone in stopped:
            loopback.provider.store.stop(phone)
        owe()
        senders = {Channel.SMS: sender_to(loopback.url, timeout=TIMEOUT)}
        now = NOON
        while count_open():
            traveller.move_to(now)
            resolve_interrupted(now, senders, limit=MESSAGES)
            send_due(now, "worker", 200, senders)
            now += timedelta(seconds=30)
        arrived = Counter(text["to"] for text in loopback.provider.store.log()["texts"])
    everybody = {recipient(number) for number in range(MESSAGES)}
    assert arrived == dict.fromkeys(everybody - stopped, 1)
    assert set(refused) == stopped
    assert set(refused.values()) == {1}  # nothing after a refusal for good
    statuses = Counter(db.session.scalars(select(Message.status)))
    assert statuses == {
        MessageStatus.SENT: MESSAGES - len(stopped), MessageStatus.FAILED: len(stopped)
    }  # fmt: skip
    assert set(storm.made) == {trouble for trouble, _ in SHARES}
