"""Schedulers killed at random moments while texts keep coming due: each arrives once.

Counted from the provider's own log. `KILLS=200 KILLED_SCHEDULERS=4 make test
TESTS=tests/messaging/test_killed_at_random.py` kills so often, with five texts owed for each.
"""

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from multiprocessing.context import ForkServerProcess

from flask import Flask
from sqlalchemy import func, select, update

from booking import clock
from booking.db.transactions import transaction
from booking.demo.loopback import Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.demo.loopback_faults import Fault, Trouble
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.operations import enqueue
from booking.messaging.rules import MessageStatus
from tests.demo.loopback_builders import until
from tests.forked import exit_code, forkserver
from tests.messaging.builders import owed
from tests.messaging.worker import run_worker_for_good

KILLS = int(os.environ.get("KILLS", "4"))
SCHEDULERS = int(os.environ.get("KILLED_SCHEDULERS", "2"))
OWED = 5  # texts for each kill
ANSWER_SECONDS = 0.01  # that the provider takes: there is always something under way
GONE_AFTER = 1.0  # seconds from a kill until its leases count as run out: its requests have ended


@transaction()
def owe(first: int) -> None:
    """Owe some texts, each to somebody else."""
    now = clock.now()
    for number in range(first, first + OWED):
        enqueue(
            owed(
                topic=f"appointment:{number}", recipient=f"+1602{2000000 + number}",
                body=f"At {number}", send_at=now, expires_at=now + timedelta(days=1), immediate=True,
            ),
            now,
        )  # fmt: skip


@transaction()
def end_leases(killed: dict[int, float]) -> None:
    """Be two minutes later for what schedulers held that were killed a while ago."""
    gone = [f"worker-{pid}" for pid, at in killed.items() if time.monotonic() > at + GONE_AFTER]
    under_way = update(Message).where(
        Message.status == MessageStatus.SENDING, Message.claimed_by.in_(gone)
    )
    db.session.execute(under_way.values(claimed_until=clock.now()))


def is_done(killed: dict[int, float]) -> bool:
    end_leases(killed)
    done = select(func.count()).where(Message.status == MessageStatus.SENT)
    return db.session.scalar(done) == KILLS * OWED


def test_schedulers_killed_at_random_lose_and_repeat_nothing(app: Flask) -> None:
    dice, killed = random.Random(7), dict[int, float]()
    with Loopback(behaviour=Behaviour(enabled=False)) as loopback:
        loopback.provider.faults.add(Fault(Trouble.DELAY, 10**6, ANSWER_SECONDS))

        def start() -> ForkServerProcess:
            arguments = (str(app.config["DATABASE_URL"]), loopback.url)
            worker = forkserver.Process(target=run_worker_for_good, args=arguments)
            worker.start()
            return worker

        workers = [start() for _ in range(SCHEDULERS)]
        try:
            for number in range(KILLS):
                owe(number * OWED)
                time.sleep(dice.uniform(0.05, 0.6))
                place = dice.randrange(SCHEDULERS)
                victim, workers[place] = workers[place], start()
                victim.kill()
                assert exit_code(victim) == -signal.SIGKILL
                killed[victim.pid or 0] = time.monotonic()
                end_leases(killed)
            until(lambda: is_done(killed), 120)
        finally:
            for worker in workers:
                worker.kill()
                worker.join()
        arrived = Counter(str(text["to"]) for text in loopback.provider.store.log()["texts"])
    assert arrived == {f"+1602{2000000 + number}": 1 for number in range(KILLS * OWED)}
