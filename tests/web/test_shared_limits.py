"""Rate limits in Redis: shared while it is there; while it is away the database counts, and nothing stops."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from booking import create_app
from booking.extensions import db
from booking.web.models import RateWindow
from deploy.cluster.processes import Processes
from deploy.cluster.redis import NAME, start_redis
from tests.builders import a_clinic
from tests.databases import settings_for
from tests.survival.pair import free_port


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    running = Processes(tmp_path)
    yield running
    running.stop_all()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def storage_url(processes: Processes, port: int) -> str:
    return start_redis(processes, "127.0.0.1", port)


@pytest.fixture
def limited(sqlite_app: Flask, storage_url: str) -> Iterator[Flask]:
    """The app of another process, which counts in Redis."""
    a_clinic()
    database = {"LIMITS_STORAGE_URL": storage_url}
    made = create_app(settings_for(sqlite_app.config["DATABASE_URL"]) | database)
    yield made
    with made.app_context():
        db.engine.dispose()


def tries(app: Flask, number: int) -> list[int]:
    client = app.test_client()
    return [client.post("/book/call", data={}).status_code for _ in range(number)]


def counted_in_database() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(RateWindow.count).order_by(RateWindow.key)))


def test_redis_counts_for_all_processes(limited: Flask) -> None:
    other = create_app(dict(limited.config))
    assert [*tries(limited, 3), *tries(other, 3)] == [422] * 5 + [429]
    assert counted_in_database() == []


def test_while_redis_is_away_the_database_counts_and_no_request_fails(
    limited: Flask,
    processes: Processes,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert tries(limited, 1) == [422]
    processes.kill(NAME)
    assert tries(limited, 6) == [422] * 5 + [429]
    assert counted_in_database() != []
    logged = [line for line in capsys.readouterr().out.splitlines() if "limits_storage" in line]
    assert len(logged) == 1  # once, not with each request
    start_redis(processes, "127.0.0.1", port)
    monkeypatch.setattr(limited.extensions["limits"], "away_until", 0.0)
    before = counted_in_database()
    assert tries(limited, 6) == [422] * 5 + [429]
    assert counted_in_database() == before


def test_a_store_that_was_never_there_stops_nothing(sqlite_app: Flask, port: int) -> None:
    a_clinic()
    nowhere = {"LIMITS_STORAGE_URL": f"redis://127.0.0.1:{port}"}
    made = create_app(settings_for(sqlite_app.config["DATABASE_URL"]) | nowhere)
    assert tries(made, 6) == [422] * 5 + [429]
    with made.app_context():
        db.engine.dispose()
