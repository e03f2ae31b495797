"""PostgreSQL is asked whether a connection still holds only after the connection has rested."""

import pytest
from flask import Flask
from sqlalchemy import select

from booking.db import engines
from booking.extensions import db

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Seconds:
    """Seconds that go by when a test says so."""

    now = 1000.0

    def __call__(self) -> float:
        """Return how many there were."""
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    """What the engine reads the time of."""
    monkeypatch.setattr(engines, "monotonic", times := Seconds())
    return times


@pytest.fixture
def pings(app: Flask, seconds: Seconds, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One for each time that a connection is tried from now on; there is one, used just now."""
    db.engine.dispose()
    _ask()
    asked: list[object] = []
    monkeypatch.setattr(db.engine.dialect, "do_ping", asked.append)
    return asked


def _ask() -> None:
    with db.engine.connect() as connection:
        connection.execute(select(1))


@pytest.mark.parametrize(("rest", "times"), [(0, 0), (0.09, 0), (0.11, 1), (3600, 1)])
def test_it_is_tried_after_a_rest(
    pings: list[object], seconds: Seconds, rest: float, times: int
) -> None:
    seconds.now += rest
    _ask()
    assert len(pings) == times


def test_held_without_a_question_it_has_rested(pings: list[object], seconds: Seconds) -> None:
    with db.engine.connect():
        seconds.now += 1
    _ask()
    assert len(pings) == 1
