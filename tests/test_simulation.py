"""A simulated clinic breaks no invariant, would say so if it did, and is one run for one seed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from booking import create_app
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Channel
from booking.reminders.rules import REMINDER_KINDS
from simulation.checks import list_broken, list_untrue
from simulation.run import Simulation
from tests.databases import settings_for, sqlite_copy

SEED = 4  # one whose first days have reminders
DAYS = 2


@pytest.fixture
def simulation(app: Flask) -> Simulation:
    """A clinic on its first days."""
    simulation = Simulation(app, SEED)
    simulation.run(DAYS)
    return simulation


def test_two_days_break_nothing_and_what_is_wrong_would_be_named(simulation: Simulation) -> None:
    assert simulation.broken == []
    assert simulation.kills > 0
    simulation.verify()
    taken = [each for each in simulation.provider.accepted if each.message.channel is Channel.SMS]
    assert len(taken) > 10
    first, agreed_phones = taken[0], simulation.patients.agreed_phones
    before = min(each.at for each in taken) - timedelta(hours=1)
    wrong_logs = {
        "was sent 2 times": [*taken, first],
        "was sent after": [*taken[1:], replace(first, at=first.at + timedelta(days=60))],
        "tells what it is about": [
            *taken[1:], replace(first, message=replace(first.message, body="Your ketamine"))
        ],
    }  # fmt: skip
    for says, log in wrong_logs.items():
        assert any(
            says in wrong for wrong in list_broken(log, {}, agreed_phones, simulation.now)
        ), says
    stops = {each.message.recipient: [(before, True)] for each in taken}
    assert any(
        "STOP" in wrong for wrong in list_broken(taken, stops, agreed_phones, simulation.now)
    )
    assert any("never agreed" in wrong for wrong in list_broken(taken, {}, (), simulation.now))
    kinds = {row.id: row.kind for row in db.session.scalars(select(Message))}
    reminders = [each for each in taken if kinds[each.message.id] in REMINDER_KINDS]
    coming = next(each for each in reversed(reminders) if not list_untrue([each]))
    other = replace(coming, message=replace(coming.message, body="at noon"))
    assert any("another time" in wrong for wrong in list_untrue([other]))


def test_one_seed_is_one_run(tmp_path: Path) -> None:
    digests = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        with sqlite_copy(tmp_path / name) as url:
            app = create_app(settings_for(url))
        with app.app_context():
            simulation = Simulation(app, SEED)
            simulation.run(1)
            digests.append(simulation.digest())
            db.session.remove()
            db.engine.dispose()
    assert digests[0] == digests[1]
