"""A migrated database for each test: its own, so that it may commit for real and start processes.

The migrations run once a run for each kind of database; a test gets a copy of what they made.
"""

import functools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from booking import create_database_app
from booking.extensions import db
from tests import shared_run
from tests.postgresql_server import DURABLE, create_database, drop_database, start, url_of
from tests.reused_database import ReusedDatabase
from tests.shared_run import folder, one_at_a_time


def settings_for(database_url: str) -> dict[str, Any]:
    """Return the app's settings in tests: plain cookies, no form tokens, no rate limits."""
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "only for tests, thirty-two bytes or more",
        "SECURE_COOKIES": False,
        "TESTING": True,
        "WTF_CSRF_ENABLED": False,
        "LIMITS_STORAGE_URL": "",
        "SECOND_FACTOR_ROLES": "",
    }


@contextmanager
def sqlite_copy(path: Path) -> Iterator[str]:
    """Give the URL of a migrated SQLite database in the folder `place`."""
    shutil.copyfile(_sqlite_template(), path / "booking.sqlite3")
    yield f"sqlite:///{path / 'booking.sqlite3'}"


@contextmanager
def sqlite_database() -> Iterator[str]:
    """Give the URL of this process's SQLite database, migrated and empty, and remove it afterwards."""
    path = folder() / f"sqlite-{os.getpid()}"
    path.mkdir()
    try:
        with sqlite_copy(path) as url:
            yield url
    finally:
        shutil.rmtree(path)


@contextmanager
def postgresql_database() -> Iterator[str]:
    """Give the URL of this process's PostgreSQL database, migrated and empty."""
    database = _reused_database()
    database.prepare()
    try:
        yield url_of(database.name)
    finally:
        database.clear()


@contextmanager
def a_postgresql_database() -> Iterator[str]:
    """Give the URL of an empty database on a durable server of its own, for measuring."""
    run = shared_run.begin(on_disk=True)
    try:
        yield start(run.folder, DURABLE)
    finally:
        shared_run.end(run, has_keeper=True)


def drop_reused() -> None:
    """Drop this process's PostgreSQL database, for a server that outlives the run."""
    if _reused_database.cache_info().currsize:
        _reused_database().drop()


def drop_template() -> None:
    """Drop what the migrations made on PostgreSQL, for a server that outlives the run."""
    drop_database(_prefix())


@functools.cache
def _sqlite_template() -> Path:
    path = folder() / "template.sqlite3"
    with one_at_a_time("template"):
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            _migrate(f"sqlite:///{unfinished}")
            unfinished.rename(path)
    return path


@functools.cache
def _reused_database() -> ReusedDatabase:
    template = postgresql_template()
    return ReusedDatabase(f"{_prefix()}_{os.getpid()}", template)


@functools.cache
def postgresql_template() -> str:
    path = folder() / "template.postgresql"
    with one_at_a_time("template"):
        if not path.exists():
            drop_template()  # what a run that failed half-way may have left
            create_database(_prefix())
            _migrate(url_of(_prefix()))
            path.touch()
    return _prefix()


def _migrate(database_url: str) -> None:
    with create_database_app(settings_for(database_url)).app_context():
        upgrade()
        db.engine.dispose()


def _prefix() -> str:
    return folder().name.replace("-", "_")
