"""A clinic with a month in it, and empty databases to put it into."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import URL, update

from booking import create_app
from booking.audit import operations as audit
from booking.audit.rules import SealKeys
from booking.db.engines import parse_database_url
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from tests.databases import postgresql_template, settings_for, sqlite_copy, sqlite_database
from tests.demo.filled import copy_filled_database
from tests.postgresql_server import create_database, drop_database, url_of
from tests.shared_app import app_on

FILLED_AT = datetime(2026, 12, 2, 19, 10, tzinfo=UTC)  # as tests/clinic has it: filled once a run
KEYS = SealKeys.from_settings("", settings_for("")["SECRET_KEY"])


@pytest.fixture
def clinic(tmp_path: Path) -> URL:
    """A clinic's month on SQLite; nobody has it open."""
    path = tmp_path / "clinic.sqlite3"
    copy_filled_database(FILLED_AT, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 0")  # no longer the demo's
    app = create_app(settings_for(f"sqlite:///{path}"))
    with app.app_context():
        _merge_and_seal()
        close_all(app)
    return parse_database_url(f"sqlite:///{path}")


@transaction()
def _merge_and_seal() -> None:
    """Let an earlier record point to a later one, and seal some of the trail."""
    db.session.execute(update(Patient).where(Patient.id == 1).values(merged_into_id=2))
    audit.seal_entries(FILLED_AT + timedelta(days=1), KEYS)


def close_all(app: Flask) -> None:
    """Let go of the app's connections."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@contextmanager
def own_postgresql() -> Iterator[URL]:
    """Give an empty PostgreSQL database, migrated, that nobody else is connected to."""
    name = f"{postgresql_template()}_storage_{os.getpid()}"
    drop_database(name)
    create_database(name, postgresql_template())
    try:
        yield parse_database_url(url_of(name))
    finally:
        drop_database(name)


@pytest.fixture
def postgresql() -> Iterator[URL]:
    """An empty PostgreSQL database, migrated."""
    with own_postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def own_app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The app on a database of its own, empty, that nobody else is connected to."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = stack.enter_context(sqlite_database())
        else:
            url = stack.enter_context(own_postgresql()).render_as_string(hide_password=False)
        app = stack.enter_context(app_on(url))
        stack.callback(close_all, app)
        yield app


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[URL]:
    """An empty SQLite database, migrated."""
    with sqlite_copy(tmp_path) as url:
        yield parse_database_url(url)
