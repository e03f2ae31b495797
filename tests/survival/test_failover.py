"""The primary killed, or replaced by its replica, under load: nothing acknowledged is lost, soon all goes on.

`FAILOVERS=20 make test TESTS=tests/survival/test_failover.py` does so often, in turn: started again as
systemd does, and taken over by the replica. Schedulers send all the while.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from sqlalchemy import select

from booking import create_app
from booking.demo.loopback import DEMO_ACCOUNT, Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.sending import LEASE
from deploy.cluster.postgresql import Pair
from tests.databases import settings_for
from tests.demo.loopback_builders import until
from tests.forked import forkserver, run_module
from tests.reminders.prepared import a_clinic_that_reminds
from tests.server import environment_for
from tests.survival.callers import PATIENCE, Caller, Told, check_kept, end_callers
from tests.survival.killed_web import KilledWeb, killed_web
from tests.survival.pair import DATABASE, migrated_pair

FAILOVERS = int(os.environ.get("FAILOVERS", "1"))
BACK_IN = 10.0  # seconds until a change is acknowledged again
CALLERS = 3


@pytest.fixture
def pair() -> Iterator[Pair]:
    with migrated_pair() as both:
        yield both


@contextmanager
def schedulers(url: str, provider_url: str, log: Path) -> Iterator[None]:
    """Two schedulers, which send what is owed."""
    settings = {
        "TWILIO_ACCOUNT_SID": DEMO_ACCOUNT.sid, "TWILIO_AUTH_TOKEN": DEMO_ACCOUNT.auth_token,
        "TWILIO_FROM": DEMO_ACCOUNT.numbers[0], "TWILIO_BASE_URL": provider_url,
        "SCHEDULER_SECONDS": "1",
    }  # fmt: skip
    environment = environment_for(url, **settings)
    started: list[ForkServerProcess] = []
    for number in range(2):
        arguments = ("flask", ["scheduler"], environment, log.with_suffix(f".{number}"))
        started.append(forkserver.Process(target=run_module, args=arguments))
        started[-1].start()
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.join()


def fail_over(pair: Pair, number: int) -> None:
    """Kill the primary; it is started again, or the replica takes over and a new one is made."""
    pair.kill_primary()
    if number % 2 == 0:
        pair.promote_replica()
    else:
        pair.restart_primary()


def wait_for_changes(told: Told, number: int) -> None:
    enough = len(told.seconds) + number
    until(lambda: len(told.seconds) >= enough, PATIENCE)


def measure_outage(pair: Pair, told: Told, number: int) -> float:
    """Return how long after the primary was killed a change is acknowledged again, in seconds."""
    began = time.monotonic()
    fail_over(pair, number)
    wait_for_changes(told, 1)
    return time.monotonic() - began


def run_failovers(pair: Pair, web: KilledWeb, told: Told) -> list[float]:
    callers = [Caller(web.port, seed, told) for seed in range(CALLERS)]
    for caller in callers:
        caller.start()
    outages = []
    for number in range(FAILOVERS):
        wait_for_changes(told, 6)
        outages.append(measure_outage(pair, told, number))
        if number % 2 == 0:
            pair.start_replica()
    end_callers(callers)
    return outages


def is_all_sent() -> bool:
    db.session.rollback()
    waiting = (MessageStatus.PLANNED, MessageStatus.SENDING)
    due = select(Message.id).where(
        Message.status.in_(waiting),
        Message.immediate.is_(True),
        Message.channel == Channel.SMS,  # nobody sends e-mails here: they wait
    )
    return db.session.scalars(due).first() is None


def test_whatever_becomes_of_the_primary_what_was_acknowledged_is_there_once(
    pair: Pair, tmp_path: Path
) -> None:
    url, told = pair.primary_url(DATABASE), Told()
    app = create_app(settings_for(url))
    with app.app_context(), Loopback(behaviour=Behaviour(enabled=False)) as provider:
        a_clinic_that_reminds()
        db.session.remove()
        with (
            schedulers(url, provider.url, tmp_path / "scheduler"),
            killed_web(url, tmp_path / "web.log") as web,
        ):
            outages = run_failovers(pair, web, told)
            assert told.unanswered == set()
            check_kept(told)
            if FAILOVERS > 1:  # seconds mean nothing beside other tests
                assert max(outages) < BACK_IN
                # What was interrupted waits until its lease has run out
                until(is_all_sent, LEASE.total_seconds() + PATIENCE)
        texts = provider.provider.store.log()["texts"]
        times = Counter((text["to"], text["body"]) for text in texts)
        assert {text: count for text, count in times.items() if count > 1} == {}
        for engine in db.engines.values():
            engine.dispose()
