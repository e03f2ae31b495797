"""Workers in processes of their own, killed at each step: each message is sent exactly once.

Counted by the provider's own log (DESIGN invariant 8).
"""

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from multiprocessing.context import ForkServerProcess

import pytest
from flask import Flask

from booking import clock
from booking.demo.loopback import Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.messaging import operations as outbox
from booking.messaging.leasing import lease_due_messages
from booking.messaging.rules import Channel
from booking.messaging.sending import LEASE
from tests.demo.loopback_builders import log_of
from tests.forked import exit_code, forkserver
from tests.messaging.builders import owed
from tests.messaging.worker import run_worker

MESSAGES = 12
STEPS = ["claiming", "claimed", "before sending", "before hearing", "recording", "recorded"]


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A provider that makes no reports: only the database and its own list may tell."""
    with Loopback(behaviour=Behaviour(enabled=False)) as server:
        yield server


def owe_many(count: int = MESSAGES) -> None:
    """Owe texts, two of them word for word the same, to one number; due an hour ago."""
    now = clock.now()
    for number in range(count):
        outbox.enqueue(
            owed(
                topic=f"appointment:{number}",
                body=f"See you at {max(number, 1)}",
                send_at=now - timedelta(hours=1),
                expires_at=now + timedelta(days=1),
                immediate=True,
            ),
            now,
        )


def start(app: Flask, loopback: Loopback, minutes_ago: int, step: str) -> ForkServerProcess:
    """Start a worker."""
    arguments = (str(app.config["DATABASE_URL"]), loopback.url, minutes_ago, step)
    worker = forkserver.Process(target=run_worker, args=arguments)
    worker.start()
    return worker


def expected(count: int = MESSAGES) -> list[str]:
    """Return what must have arrived."""
    return sorted(f"See you at {max(number, 1)}" for number in range(count))


def arrived(loopback: Loopback) -> list[str]:
    """Return what the provider has."""
    return sorted(text["body"] for text in log_of(loopback.url)["texts"])


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_loses_and_repeats_nothing(
    app: Flask, loopback: Loopback, step: str
) -> None:
    owe_many()
    victim = start(app, loopback, 30, step)
    assert exit_code(victim) == -signal.SIGKILL
    assert exit_code(start(app, loopback, 0, "never")) == 0
    assert arrived(loopback) == expected()


def test_worker_after_worker_killed_loses_and_repeats_nothing(
    app: Flask, loopback: Loopback
) -> None:
    owe_many()
    for minutes_ago, step in [(40, "before hearing"), (30, "asking"), (20, "recording")]:
        assert exit_code(start(app, loopback, minutes_ago, step)) == -signal.SIGKILL
    assert exit_code(start(app, loopback, 0, "never")) == 0
    assert arrived(loopback) == expected()


def test_two_workers_at_once_send_each_message_once(app: Flask, loopback: Loopback) -> None:
    owe_many(100)
    workers = [start(app, loopback, 0, "never") for _ in range(2)]
    assert [exit_code(worker) for worker in workers] == [0, 0]
    assert arrived(loopback) == expected(100)


def test_workers_that_claim_at_the_same_moment_never_share_a_message(app: Flask) -> None:
    owe_many(24)
    together = threading.Barrier(4)

    def take(worker: int) -> list[int]:
        with app.app_context():
            together.wait(10)
            leaseds = lease_due_messages(clock.now(), f"worker-{worker}", 6, [Channel.SMS], LEASE)
            return [leased.message.id for leased in leaseds]

    with ThreadPoolExecutor(4) as pool:
        taken = [number for numbers in pool.map(take, range(4)) for number in numbers]
    assert len(taken) == len(set(taken)) == 24
