"""The app that the tests of one process share, each on a database of its own.

Making an app compiles its routes, and its first requests compile each template and each statement:
many times what a test itself takes. In production too, one app serves all requests of a process.
"""

import contextvars
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking import create_app
from booking.extensions import db
from tests.databases import settings_for


class SeparateClient(FlaskClient):
    """A client whose requests share nothing with the test, as in production.

    Flask would run them in the test's app context, with its session, its `g` and who is signed in.
    After each request the test's own session reads everything again.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request."""
        answer: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.rollback()
        db.session.expire_all()
        return answer


@contextmanager
def app_on(database_url: str) -> Iterator[Flask]:
    """Give this process's app on a database, its context pushed; undo what is set on it meanwhile."""
    app = _app_of_process(database_url)
    with _changes_undone(app), app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@functools.cache
def _app_of_process(database_url: str) -> Flask:
    app = create_app(settings_for(database_url))
    app.test_client_class = SeparateClient
    return app


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
