"""`flask scheduler` as a real process: it sends what is owed once, however it ends.

Counted by the provider's own log (DESIGN invariant 8).
"""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib.metadata import version
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from booking import clock, create_app
from booking.db.transactions import transaction
from booking.demo.loopback import DEMO_ACCOUNT, Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.extensions import db
from booking.messaging import operations as outbox
from booking.messaging.models import Attempt, Message
from booking.messaging.rules import AttemptOutcome, MessageStatus
from booking.reminders.models import Heartbeat
from booking.reminders.operations import record_heartbeat
from tests.builders import PHOENIX, local
from tests.databases import settings_for
from tests.demo.loopback_builders import control, log_of, until
from tests.forked import exit_code, forkserver, run_module
from tests.messaging.builders import owed
from tests.reminders.prepared import PHONE, a_clinic_that_reminds, an_appointment
from tests.server import environment_for

Start = Callable[[], ForkServerProcess]
MANY = 12


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A provider that makes no reports: only the database and its own list may tell."""
    with Loopback(behaviour=Behaviour(enabled=False)) as server:
        yield server


@pytest.fixture
def start(app: Flask, loopback: Loopback) -> Iterator[Start]:
    """Start schedulers on the test's database, which end with the test."""
    settings = {
        "TWILIO_ACCOUNT_SID": DEMO_ACCOUNT.sid,
        "TWILIO_AUTH_TOKEN": DEMO_ACCOUNT.auth_token,
        "TWILIO_FROM": DEMO_ACCOUNT.numbers[0],
        "TWILIO_BASE_URL": loopback.url,
        "SCHEDULER_SECONDS": "1",
    }
    environment = environment_for(str(app.config["DATABASE_URL"]), **settings)
    started: list[ForkServerProcess] = []

    def start_one() -> ForkServerProcess:
        arguments = ("flask", ["scheduler"], environment)
        started.append(forkserver.Process(target=run_module, args=arguments))
        started[-1].start()
        return started[-1]

    yield start_one
    for scheduler in started:
        scheduler.kill()
        scheduler.join()


def owe(count: int = MANY) -> None:
    """Owe texts that were due an hour ago, all to one number."""
    now = clock.now()
    times = {"send_at": now - timedelta(hours=1), "expires_at": now + timedelta(days=1)}
    for number in range(count):
        about = {"topic": f"notice:{number}", "body": f"See you at {number}"}
        outbox.enqueue(owed(**about, **times, immediate=True), now)


def arrived(loopback: Loopback) -> Counter[str]:
    """Return what the provider has, and how often."""
    return Counter(one["body"] for one in log_of(loopback.url)["texts"])


def each_once(count: int = MANY) -> Counter[str]:
    return Counter(f"See you at {number}" for number in range(count))


def has(status: MessageStatus, count: int) -> bool:
    db.session.rollback()
    statement = select(func.count()).select_from(Message).where(Message.status == status)
    return db.session.scalar(statement) == count


def stop(scheduler: ForkServerProcess) -> int | None:
    scheduler.terminate()
    return exit_code(scheduler, 10)


def let_leases_run_out() -> None:
    """Be two minutes later, for those who look whether a worker is still at it."""
    with transaction():
        past = clock.now() - timedelta(seconds=1)
        under_way = update(Message).where(Message.status == MessageStatus.SENDING)
        db.session.execute(under_way.values(claimed_until=past))


def test_a_booking_is_told_of_and_the_scheduler_stops_cleanly(
    start: Start, loopback: Loopback
) -> None:
    a_clinic_that_reminds()
    day = clock.now().astimezone(PHOENIX).date() + timedelta(days=7)
    appointment = an_appointment(local(10, day=day - timedelta(days=day.weekday())), clock.now())
    scheduler = start()
    until(lambda: has(MessageStatus.SENT, 1))
    (sent,) = log_of(loopback.url)["texts"]
    assert (sent["to"], sent["from"]) == (PHONE, DEMO_ACCOUNT.numbers[0])
    assert f"/a/{appointment.token}" in sent["body"]
    assert stop(scheduler) == 0
    assert len(log_of(loopback.url)["texts"]) == 1


def test_told_to_stop_while_sending_it_finishes_what_it_began(
    start: Start, loopback: Loopback
) -> None:
    control(loopback.url, "faults", trouble="delay", seconds=1)
    owe(1)
    scheduler = start()
    until(lambda: has(MessageStatus.SENDING, 1))
    assert stop(scheduler) == 0
    assert has(MessageStatus.SENT, 1)
    assert arrived(loopback) == each_once(1)


def test_invariant_8_killed_while_sending_and_started_again_it_sends_each_once(
    start: Start, loopback: Loopback
) -> None:
    control(loopback.url, "faults", trouble="hang-after-accept", times=2, seconds=60)
    owe()
    victim = start()
    until(lambda: arrived(loopback).total() == 8)  # two of its four threads hang with their first
    victim.kill()
    assert exit_code(victim, 10) == -signal.SIGKILL
    let_leases_run_out()
    start()
    until(lambda: has(MessageStatus.SENT, MANY))
    assert arrived(loopback) == each_once()
    outcomes = Counter(db.session.scalars(select(Attempt.outcome)))
    assert outcomes == {AttemptOutcome.ACCEPTED: MANY, AttemptOutcome.NOT_ACCEPTED: 4}


def test_invariant_8_two_schedulers_at_once_send_each_message_once(
    start: Start, loopback: Loopback
) -> None:
    control(loopback.url, "faults", trouble="delay", times=300, seconds=0.02)
    schedulers = [start(), start()]
    until(lambda: heartbeats() == 2)
    with transaction():
        owe(300)  # more than one takes at a time
    until(lambda: has(MessageStatus.SENT, 300))
    assert arrived(loopback) == each_once(300)
    assert len(set(db.session.scalars(select(Message.claimed_by)))) == 2
    assert [stop(scheduler) for scheduler in schedulers] == [0, 0]


def heartbeats() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Heartbeat)) or 0


def test_ready_is_said_while_a_scheduler_beats(start: Start, client: FlaskClient) -> None:
    unwatched = client.get("/readyz")
    assert (unwatched.status_code, unwatched.json["scheduler"]) == (503, False)
    start()
    until(lambda: client.get("/readyz").status_code == 200)
    works = client.get("/readyz").json
    assert works == parts(*PARTS)


PARTS = ("database", "migrations", "scheduler", "local_times", "settled")


def parts(*working: str) -> dict[str, object]:
    return {**{name: name in working for name in PARTS}, "tzdata": version("tzdata")}


def test_a_scheduler_silent_for_two_minutes_is_missed(start: Start, client: FlaskClient) -> None:
    scheduler = start()
    until(lambda: client.get("/readyz").status_code == 200)
    stop(scheduler)
    for seconds, status in ((100, 200), (121, 503)):
        with time_machine.travel(clock.now() + timedelta(seconds=seconds), tick=False):
            assert client.get("/readyz").status_code == status


def test_an_older_database_is_not_ready(client: FlaskClient) -> None:
    with transaction():
        record_heartbeat("someone", clock.now())
        db.session.execute(text("UPDATE alembic_version SET version_num = 'an older one'"))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json == parts("database", "scheduler", "local_times", "settled")


def test_a_database_without_tables_is_not_ready(tmp_path: Path) -> None:
    empty = create_app(settings_for(f"sqlite:///{tmp_path / 'empty.sqlite3'}"))
    response = empty.test_client().get("/readyz")
    assert response.status_code == 503
    assert response.json == parts("database")
