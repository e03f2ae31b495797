"""A clinic whose practitioner has a calendar elsewhere, at eight on a Monday morning in Phoenix."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask

from booking.busy_calendars.operations import set_calendar
from booking.busy_calendars.updating import ReadingTerms, update_due_calendars
from booking.staff.secret_box import CALENDAR_ADDRESS, SecretBox
from tests.builders import NOW, Clinic, a_clinic
from tests.busy_calendars.elsewhere import Elsewhere, serve_elsewhere

BOX = SecretBox.from_settings("", "tests", CALENDAR_ADDRESS)
TERMS = ReadingTerms(timedelta(minutes=15), BOX, with_loopback=True)


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    """Monday, 30 November 2026, 08:00 in Phoenix, standing still."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """The server that has the practitioner's own calendar."""
    with serve_elsewhere() as server:
        yield server


@pytest.fixture
def clinic(sqlite_app: Flask, time: time_machine.Traveller, elsewhere: Elsewhere) -> Clinic:
    """A clinic whose practitioner's own calendar is to be read."""
    return with_calendar(elsewhere)


@pytest.fixture
def both_clinics(app: Flask, time: time_machine.Traveller, elsewhere: Elsewhere) -> Clinic:
    """The same on either database."""
    return with_calendar(elsewhere)


def with_calendar(elsewhere: Elsewhere) -> Clinic:
    """Return a clinic whose practitioner gave the address of their own calendar."""
    clinic = a_clinic()
    set_calendar(clinic.practitioner.id, elsewhere.address, BOX, NOW, "staff:1")
    return clinic


def read(now: datetime = NOW) -> None:
    """Let the scheduler read what is due."""
    update_due_calendars(now, TERMS)
