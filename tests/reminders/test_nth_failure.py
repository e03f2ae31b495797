"""Whatever fails in a tick, each message arrives once, or its reason is on record (invariant 8).

Every statement, every commit (before it, and after it with its answer lost) and every step of the
conversation with the provider is made to fail, once or from then on, until a tick has no more of them.
`FAILURE_STEP=1 make test TESTS=tests/reminders/test_nth_failure.py` tries each; a run of all tests some.
"""

import http.client
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from booking import clock
from booking.appointments import operations as appointments
from booking.demo.loopback import Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.senders import LookupUnsupported, OutgoingMessage
from booking.messaging.sending import LEASE
from booking.scheduler import Senders, run_job, send_owed
from tests.builders import NOW, local
from tests.demo.loopback_builders import log_of, sender_to
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import NEXT_WEEK, a_clinic_that_reminds, an_appointment

STEP = int(os.environ.get("FAILURE_STEP", "11"))
RECOVERY = (LEASE + timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=16))
CONVERSATION = ("connect", "request", "getresponse")


class MailServer(ObedientSender):
    """Can't be asked what it has, as SMTP can't."""

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        raise LookupUnsupported


@dataclass
class Trouble:
    """Fails at the `at`th operation, and at all after it if it `lasts`; counts them."""

    at: int
    lasts: bool
    count: int = 0

    def meet(self, error: Exception) -> None:
        """Raise `error` if it is its turn."""
        self.count += 1
        if self.count == self.at or (self.lasts and self.count > self.at):
            raise error


@contextmanager
def in_the_way(trouble: Trouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let `trouble` meet each statement, commit and step of a conversation."""
    lost = OperationalError("", {}, Exception("the connection is lost"))

    def before_statement(*_arguments: Any) -> None:
        trouble.meet(lost)

    def around_commit(commit: Callable[..., None]) -> Callable[..., None]:
        def committed(*arguments: Any) -> None:
            trouble.meet(lost)
            commit(*arguments)
            trouble.meet(lost)

        return committed

    def before_step(step: Callable[..., Any]) -> Callable[..., Any]:
        def taken(*arguments: Any, **options: Any) -> Any:
            trouble.meet(ConnectionResetError())
            return step(*arguments, **options)

        return taken

    with monkeypatch.context() as patch:
        for name in CONVERSATION:
            step = getattr(http.client.HTTPConnection, name)
            patch.setattr(http.client.HTTPConnection, name, before_step(step))
        patch.setattr(db.engine.dialect, "do_commit", around_commit(db.engine.dialect.do_commit))
        event.listen(db.engine, "before_cursor_execute", before_statement)
        try:
            yield
        finally:
            event.remove(db.engine, "before_cursor_execute", before_statement)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A provider that makes no reports: only the database and its own list may tell."""
    with Loopback(behaviour=Behaviour(enabled=False)) as server:
        yield server


def unsettled() -> list[Message]:
    """Return messages that should have gone and are neither sent nor given up for a reason."""
    waiting = (MessageStatus.PLANNED, MessageStatus.SENDING)
    messages = db.session.query(Message).filter(Message.send_at <= clock.now())
    return messages.filter(Message.status.in_(waiting)).all()


def count_unknown() -> int:
    """Return how many e-mails nobody can say of whether they arrived."""
    return db.session.query(Message).filter_by(status=MessageStatus.UNKNOWN).count()


@pytest.mark.parametrize("lasts", [False, True], ids=["once", "from then on"])
def test_invariant_8_whatever_fails_each_message_arrives_once(
    app: Flask, loopback: Loopback, lasts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = MailServer()
    senders: Senders = {Channel.SMS: sender_to(loopback.url), Channel.EMAIL: mail}

    def tick() -> None:
        run_job(app, "send", lambda _began: send_owed("worker", senders))

    with time_machine.travel(NOW) as traveller:
        a_clinic_that_reminds()
        appointment_id = an_appointment().id
        tick()
        at, texts, mails = 1, 1, 1
        while True:
            hour = 15 if at // STEP % 2 == 0 else 14
            moved_to = local(hour, day=NEXT_WEEK)
            appointments.move(appointment_id, moved_to, clock.now(), "online")
            texts, mails = texts + 1, mails + 1
            trouble = Trouble(at, lasts)
            with in_the_way(trouble, monkeypatch):
                tick()
            for pause in RECOVERY:
                traveller.shift(pause)
                tick()
            assert unsettled() == [], at
            assert len(log_of(loopback.url)["texts"]) == texts, at
            arrived = len(mail.accepted)
            assert arrived <= mails <= arrived + count_unknown(), at
            if trouble.count < at:
                break
            at += STEP
    assert at > 3 * STEP
