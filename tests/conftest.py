"""What every test may ask for: a database of its own, the app on it, a client, a server, a page.

Tests that take `database_url`, or anything built on it, run on SQLite and on PostgreSQL. One that
is about a single database says so:
`@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)`.
"""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings

from booking.staff import passwords
from booking.web import response_timing
from tests import network, postgresql_server, shared_run
from tests.compiled_templates import keep_compiled_templates
from tests.databases import drop_reused, drop_template, postgresql_database, sqlite_database
from tests.server import Server, serve
from tests.shared_app import app_on

pytest_plugins = ["tests.browser"]
QUICK = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1)
QUICK_DUMMY_HASH = QUICK.hash("nobody has this password")
RUN = pytest.StashKey[shared_run.SharedRun]()
# No deadline: a busy machine is no fault of the code. In CI the same examples each time.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")


def pytest_configure(config: pytest.Config) -> None:
    """Let the run's first process (not xdist's workers) make what all of them share."""
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = shared_run.begin()
    keep_compiled_templates()
    network.watch()
    # What was imported stays, so that the collector need not look through it some thousand times a run.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let each process end what is its own, and the run's first process what was shared."""
    drop_reused()
    if (run := config.stash.get(RUN, None)) is not None:
        if (run.folder / "template.postgresql").exists() and not postgresql_server.is_started():
            drop_template()
        shared_run.end(run, has_keeper=postgresql_server.is_started())


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    yield
    network.fail_if_tried()


@pytest.fixture(autouse=True)
def _answers_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers come at once that may not tell how long they took; tests/web looks at how they wait."""
    monkeypatch.setattr(response_timing, "sleep", lambda _seconds: None)


@pytest.fixture(autouse=True)
def _hashing_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are hashed by the same function with the least work; tests/staff tries it with ours."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)
    monkeypatch.setattr(passwords, "DUMMY_HASH", QUICK_DUMMY_HASH)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a migrated, empty database that only this test uses."""
    with sqlite_database() if request.param == "sqlite" else postgresql_database() as url:
        yield url


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """The app on a database of its own, its context pushed."""
    with app_on(database_url) as app:
        yield app


@pytest.fixture
def sqlite_app() -> Iterator[Flask]:
    """The app on SQLite, for what doesn't depend on the database."""
    with sqlite_database() as url, app_on(url) as app:
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a screen: keeps cookies, sends requests to `app`."""
    return app.test_client()


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """The service under gunicorn with two workers, on a database of its own."""
    with serve(database_url, tmp_path / "gunicorn.log") as running:
        yield running
