"""The app that the tests of one process share, each on a database of its own.

Making an app compiles its routes, and its first requests compile each template and each statement:
many times what a test itself takes. In production too, one app serves all requests of a process.
"""

import contextvars
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from psycopg import OperationalError
from sqlalchemy import Engine, QueuePool, event
from werkzeug.test import TestResponse

from booking import create_app
from booking.extensions import db
from tests.databases import settings_for
from tests.reused_database import OURS
from tests.written_once import begin_empty


class SeparateClient(FlaskClient):
    """A client whose requests share nothing with the test, as in production.

    Flask would run them in the test's app context, with its session, its `g` and who is signed in.
    After each request the test's own session reads everything again.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request."""
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.rollback()
        db.session.expire_all()
        return response


@contextmanager
def app_on(database_url: str) -> Iterator[Flask]:
    """Give this process's app on a database, its context pushed; undo what is set on it meanwhile."""
    app = _app_of_process(database_url)
    with _changes_undone(app), app.app_context():
        begin_empty()
        yield app
        db.session.remove()
        for engine in db.engines.values():
            _release_connections(engine)


@functools.cache
def _app_of_process(database_url: str) -> Flask:
    app = create_app(settings_for(database_url))
    app.test_client_class = SeparateClient
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            for engine in db.engines.values():
                event.listen(engine, "do_connect", _name_connection)
    return app


def _name_connection(_dialect: Any, _record: Any, _values: Any, options: dict[str, Any]) -> None:
    options["application_name"] = OURS


def _release_connections(engine: Engine) -> None:
    """Close SQLite's, whose file goes; keep PostgreSQL's as they were made."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        return
    idle = [engine.raw_connection() for _ in range(cast(QueuePool, engine.pool).checkedin())]
    for connection in idle:
        try:
            connection.cursor().execute("RESET ALL")
        except OperationalError:  # a test ended it
            connection.invalidate()
        connection.close()


@contextmanager
def _changes_undone(app: Flask) -> Iterator[None]:
    """Restore settings, hooks and what extensions keep, the memory of free times among it."""
    kept = dict(app.config), dict(app.extensions), list(app.before_request_funcs[None])
    try:
        yield
    finally:
        for now, before in zip((app.config, app.extensions), kept[:2], strict=True):
            now.clear()
            now.update(before)
        app.before_request_funcs[None] = kept[2]
