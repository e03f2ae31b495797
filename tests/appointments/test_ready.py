"""A host whose `tzdata` knows other local times than the promised ones is not ready."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from flask_migrate import upgrade

from booking.reminders.operations import record_heartbeat
from tests.appointments.laws import the_law_of_before
from tests.builders import NOW, a_booking, local
from tests.reminders.prepared import a_clinic_that_reminds

VANCOUVER = "America/Vancouver"


@pytest.fixture
def booked_before(app: Flask, tmp_path: Path) -> Iterator[None]:
    """An appointment booked by the law of before."""
    with the_law_of_before(tmp_path):
        a_clinic_that_reminds(zone=VANCOUVER)
        a_booking(local(10, zone=ZoneInfo(VANCOUVER)))
    with time_machine.travel(NOW, tick=False):
        record_heartbeat("someone", NOW)
        yield


@pytest.mark.usefixtures("booked_before")
def test_a_forgotten_upgrade_is_named(app: Flask) -> None:
    forgotten = app.test_client().get("/readyz")
    assert (forgotten.status_code, forgotten.json["local_times"]) == (503, False)
    upgrade()
    ready = app.test_client().get("/readyz")
    assert (ready.status_code, ready.json["local_times"]) == (200, True)


@pytest.mark.usefixtures("booked_before")
def test_a_host_that_was_left_behind_is_not_ready(app: Flask, tmp_path: Path) -> None:
    upgrade()
    behind = tmp_path / "behind"
    behind.mkdir()
    with the_law_of_before(behind):
        assert app.test_client().get("/readyz").json["local_times"] is False
