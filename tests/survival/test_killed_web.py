"""SQLite's web killed at random moments, every process at once: what was acknowledged is there, once.

`WEB_KILLS=200 make test TESTS=tests/survival/test_killed_web.py` kills so often; every tenth time gunicorn's
first process too.
"""

import os
import random
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from booking.extensions import db
from tests.builders import a_clinic
from tests.demo.loopback_builders import until
from tests.survival.callers import PATIENCE, Caller, Told, check_kept, end_callers
from tests.survival.killed_web import killed_web

KILLS = int(os.environ.get("WEB_KILLS", "3"))
CALLERS, WORKERS = 4, 3
AT_WORK = 6  # changes that are acknowledged between two kills


def is_intact() -> bool:
    db.session.rollback()
    return bool(db.session.scalar(text("PRAGMA integrity_check")) == "ok")


def wait_for_changes(told: Told, number: int) -> None:
    """Wait until so many more changes are acknowledged."""
    enough = len(told.seconds) + number
    until(lambda: len(told.seconds) >= enough, PATIENCE)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whatever_is_killed_what_was_acknowledged_is_there_once(app: Flask, tmp_path: Path) -> None:
    a_clinic(rooms=8, practitioners=8)
    dice, told = random.Random(14), Told()
    with killed_web(str(app.config["DATABASE_URL"]), tmp_path / "web.log", WORKERS) as web:
        callers = [Caller(web.port, seed, told) for seed in range(CALLERS)]
        for caller in callers:
            caller.start()
        for number in range(KILLS):
            wait_for_changes(told, AT_WORK)
            time.sleep(dice.uniform(0, 0.1))
            if number % 10 == 1:
                web.kill_all()
                assert is_intact()
                web.start()
            else:
                web.kill_workers()
                assert is_intact()
        end_callers(callers)
    assert told.asked_again
    assert told.unanswered == set()
    check_kept(told)
