"""Visits moved together are told of once, with two schedulers at work and one killed at any step."""

import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess

import pytest
from flask import Flask

from booking import clock
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.demo.loopback import Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.extensions import db
from booking.series.models import InfusionSeries, Session
from booking.series.progress import SessionState
from tests.builders import a_booking, a_contact, local
from tests.demo.loopback_builders import log_of
from tests.forked import exit_code, forkserver
from tests.reminders.killed_scheduler import run_scheduler
from tests.reminders.prepared import PHONE, a_clinic_that_reminds
from tests.series.prescribed import SIX, a_series, appointments

STEPS = ["deriving", "derived", "claimed", "before sending", "before hearing", "recording"]


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A provider that makes no reports: only the database and its own list may tell."""
    with Loopback(behaviour=Behaviour(enabled=False)) as server:
        yield server


def start(app: Flask, loopback: Loopback, minutes_ago: int, step: str) -> ForkServerProcess:
    arguments = (str(app.config["DATABASE_URL"]), loopback.url, minutes_ago, step)
    scheduler = forkserver.Process(target=run_scheduler, args=arguments)
    scheduler.start()
    return scheduler


def a_weekday(weeks: int) -> datetime:
    """Return ten in the morning of a Tuesday so many weeks ahead."""
    today = clock.local_date(clock.now(), "America/Phoenix")
    return local(10, day=today + timedelta(days=(1 - today.weekday()) % 7 + 7 * weeks))


def move_all(appointments: list[Appointment], now: datetime) -> None:
    """Move them by an hour in one action, as a new plan does."""
    with transaction():
        for appointment in appointments:
            to = appointment.starts_at + timedelta(hours=1)
            appointment_operations.move(appointment.id, to, now, "staff:1")


@pytest.fixture
def moved(app: Flask, loopback: Loopback) -> list[Appointment]:
    """Two visits of one person, told of an hour ago and moved together since."""
    an_hour_ago = clock.now() - timedelta(hours=1)
    a_clinic_that_reminds()
    contact = a_contact(phone=PHONE, email=None)
    appointments = [a_booking(a_weekday(weeks), an_hour_ago, contact=contact) for weeks in (2, 3)]
    assert exit_code(start(app, loopback, 60, "never")) == 0
    assert len(texts(loopback)) == 2
    move_all(appointments, clock.now() - timedelta(minutes=50))
    return appointments


def texts(loopback: Loopback) -> list[str]:
    return [text["body"] for text in log_of(loopback.url)["texts"]]


def news(loopback: Loopback) -> list[str]:
    """Return the texts after the two that told of the bookings."""
    return texts(loopback)[2:]


@pytest.mark.parametrize("step", STEPS)
def test_invariant_8_a_scheduler_killed_at_any_step_repeats_nothing(
    app: Flask, loopback: Loopback, moved: list[Appointment], step: str
) -> None:
    assert exit_code(start(app, loopback, 30, step)) == -signal.SIGKILL
    others = [start(app, loopback, 0, "never") for _ in range(2)]
    assert [exit_code(other) for other in others] == [0, 0]
    (text,) = news(loopback)
    assert "NEW TIMES: " in text
    assert text.count("11:00 AM") == len(moved)


def test_invariant_8_two_schedulers_at_once_tell_of_each_move_once(
    app: Flask, loopback: Loopback, moved: list[Appointment]
) -> None:
    both = [start(app, loopback, 0, "never") for _ in range(2)]
    assert [exit_code(scheduler) for scheduler in both] == [0, 0]
    (text,) = news(loopback)
    assert text.count("11:00 AM") == len(moved)


@pytest.fixture
def rearranged(app: Flask, loopback: Loopback) -> list[Appointment]:
    """A series' visit, told of an hour ago; since, it was moved and another booked at once."""
    an_hour_ago = clock.now() - timedelta(hours=1)
    series = a_series(a_clinic_that_reminds(), SIX)
    contact = a_contact(phone=PHONE, email=None)
    add_session(series, 1, a_booking(a_weekday(2), an_hour_ago, contact=contact))
    assert exit_code(start(app, loopback, 60, "never")) == 0
    now = clock.now() - timedelta(minutes=50)
    with transaction():
        move_all(appointments(series), now)
        add_session(series, 2, a_booking(a_weekday(3), now, contact=contact))
    return appointments(series)


def add_session(series: InfusionSeries, number: int, appointment: Appointment) -> None:
    """Let an appointment be a session's."""
    with transaction():
        db.session.add(
            Session(
                series_id=series.id, number=number, phase=0, state=SessionState.BOOKED,
                appointment_id=appointment.id,
            )
        )  # fmt: skip


@pytest.mark.parametrize("step", ["deriving"])
def test_invariant_8_a_scheduler_killed_at_any_step_tells_once_of_what_was_moved_and_booked(
    app: Flask, loopback: Loopback, rearranged: list[Appointment], step: str
) -> None:
    assert exit_code(start(app, loopback, 30, step)) == -signal.SIGKILL
    others = [start(app, loopback, 0, "never") for _ in range(2)]
    assert [exit_code(other) for other in others] == [0, 0]
    assert len(rearranged) == 2
    _, text = texts(loopback)
    assert "NEW TIMES for 1 visit; 1 is new" in text
