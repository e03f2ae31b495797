"""An empty database of either kind, and plain SQL on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask

from booking import create_database_app
from booking.extensions import db
from tests.databases import postgresql_database, settings_for, sqlite_database
from tests.postgresql_server import create_database, drop_database, url_of


@contextmanager
def empty_postgresql() -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database; dropped afterwards."""
    name = f"empty_{uuid4().hex}"
    create_database(name)
    try:
        yield url_of(name)
    finally:
        drop_database(name)


@contextmanager
def empty_sqlite(path: Path) -> Iterator[str]:
    """Give the URL of a SQLite database that isn't there yet."""
    yield f"sqlite:///{path / 'empty.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database before the first migration."""
    with empty_sqlite(tmp_path) if request.param == "sqlite" else empty_postgresql() as url:
        yield url


@contextmanager
def app_on_empty(database_url: str) -> Iterator[Flask]:
    """Give the app on an empty database, its context pushed."""
    app = create_database_app(settings_for(database_url))
    with app.app_context():
        yield app
        db.engine.dispose()


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """The app on an empty database, its context pushed."""
    with app_on_empty(database_url) as app:
        yield app


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The app on an empty database at the newest revision, its context pushed."""
    database = sqlite_database() if request.param == "sqlite" else postgresql_database()
    with database as url, app_on_empty(url) as app:
        yield app
