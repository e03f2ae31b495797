"""A provider that does as it is told, the scheduler that ticks by it, and the languages it is in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale

from booking.extensions import db
from booking.languages import LANGUAGES
from booking.messaging.models import Message
from booking.messaging.rules import Channel
from booking.scheduler import list_jobs, run_job
from tests.builders import NOW
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import Pass, Tick, ticking

TICKS = 2  # in a while that goes by


@pytest.fixture
def sender(app: Flask) -> ObedientSender:
    return ObedientSender()


@pytest.fixture
def tick(sender: ObedientSender) -> Tick:
    return ticking(sender)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, sqlite_app: Flask) -> Iterator[str]:
    """Each language that messages are written in, as a message's rendering sets it."""
    with force_locale(request.param):
        yield request.param


@pytest.fixture
def traveller() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def pass_time(app: Flask, sender: ObedientSender, traveller: time_machine.Traveller) -> Pass:
    """Let time go by, with every job of the scheduler every so often; return what was sent."""
    jobs = list_jobs(app, {Channel.SMS: sender, Channel.EMAIL: sender})

    def tick(duration: timedelta) -> list[Message]:
        before = len(sender.accepted)
        for _ in range(TICKS):
            traveller.shift(duration / TICKS)
            for name, (_seconds, job) in jobs.items():
                run_job(app, name, job)
        db.session.rollback()
        ids = [message.id for _, message in sender.accepted[before:]]
        return [db.session.get_one(Message, number) for number in ids]

    return tick
