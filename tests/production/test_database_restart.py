"""PostgreSQL is restarted under a service that runs: nobody after the restart notices."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, text

from booking import clock, create_app
from booking.access import Access, access
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import InboundMessage, OptOut
from booking.patients.models import Patient
from booking.reminders.models import Heartbeat
from tests.builders import a_clinic
from tests.databases import settings_for
from tests.demo.loopback_builders import until
from tests.forked import forkserver, run_module
from tests.postgresql_server import RestartableServer
from tests.reminders.signed import INBOUND, TOKEN, signature, text_from
from tests.server import Server, environment_for, serve
from tests.shared_run import server_user

PHONE = "+16025550123"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[RestartableServer]:
    """A server of this file's own, with the migrations done and a clinic."""
    path = Path(tempfile.mkdtemp(prefix="booking-restart-"))
    if (owner := server_user()) is not None:
        shutil.chown(path, owner)
    server = RestartableServer(path)
    server.start()
    with create_app(settings_for(server.url)).app_context():
        upgrade()
        a_clinic()
        db.session.remove()
        db.engine.dispose()
    yield server
    server.stop()
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def web(
    postgresql: RestartableServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The service on it; one worker, whose connections have all been used."""
    log = tmp_path_factory.mktemp("restart") / "gunicorn.log"
    with serve(postgresql.url, log, workers=1, TWILIO_AUTH_TOKEN=TOKEN) as running:
        yield running


@pytest.fixture
def app(postgresql: RestartableServer) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    made = create_app(settings_for(postgresql.url))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def ask(server: Server, path: str, form: dict[str, str] | None = None, **more: str) -> HTTPResponse:
    """Ask for a page, or post a form."""
    connection = HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded", **more}
    if form is None:
        connection.request("GET", path)
    else:
        connection.request("POST", path, urlencode(form), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def send_text(server: Server, body: str, sid: str) -> int:
    """Hand a text on as Twilio does; return the status."""
    form = text_from(PHONE, body, sid)
    signed = {"X-Twilio-Signature": signature(INBOUND, form, at=server.url)}
    return ask(server, INBOUND, form, **signed).status


def test_the_next_pages_after_a_restart_are_whole(
    postgresql: RestartableServer, web: Server
) -> None:
    # The page of times first as it is made, then as it is kept: by a connection that isn't tried.
    paths = ["/", "/book/time", "/book/time", "/api/v1/services", "/api/v1/screening", "/"]
    for path in paths:
        assert ask(web, path).status == 200
    postgresql.restart()
    assert [ask(web, path).status for path in paths] == [200] * len(paths)


def test_a_stop_that_comes_after_a_restart_is_kept(
    postgresql: RestartableServer, web: Server, app: Flask
) -> None:
    assert send_text(web, "hello", "IN1") == 200
    postgresql.restart()
    assert send_text(web, "STOP", "IN2") == 200
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(OptOut)) == 1
    assert db.session.scalar(select(func.count()).select_from(InboundMessage)) == 2


def test_while_the_database_is_gone_programs_are_told_when_to_come_back(
    postgresql: RestartableServer, web: Server
) -> None:
    postgresql.stop()
    for path in ("/", "/api/v1/services"):
        response = ask(web, path)
        assert response.status == 503
        assert int(response.getheader("Retry-After") or 0) > 0
    postgresql.start()
    assert ask(web, "/").status == 200


def test_a_connection_lost_before_anything_was_written_is_no_news(
    app: Flask, postgresql: RestartableServer
) -> None:
    times = []

    @app.get("/lost")
    @access(Access.PUBLIC)
    def lost() -> str:
        times.append(clock.now())
        if len(times) == 1:
            db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return f"{db.session.scalar(select(func.count()).select_from(Patient))} patients"

    assert app.test_client().get("/lost").status_code == 200
    assert len(times) == 2


def test_a_connection_lost_after_a_commit_was_tried_is_not_tried_again(
    app: Flask, postgresql: RestartableServer
) -> None:
    times = []

    @app.get("/lost")
    @access(Access.PUBLIC)
    def lost() -> str:
        times.append(clock.now())
        with transaction():
            db.session.execute(select(1))
        db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return "never"

    response = app.test_client().get("/lost")
    assert (response.status_code, len(times)) == (503, 1)
    assert "Nothing was changed" not in response.text


@contextmanager
def a_scheduler(url: str, log: Path) -> Iterator[None]:
    environment = environment_for(url, SCHEDULER_SECONDS="1")
    process = forkserver.Process(target=run_module, args=("flask", ["scheduler"], environment, log))
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(60)


def beats_after(moment: object) -> bool:
    db.session.rollback()
    newest = db.session.scalar(select(func.max(Heartbeat.at)))
    return newest is not None and newest > moment


def test_the_scheduler_goes_on_after_a_restart(
    app: Flask, postgresql: RestartableServer, tmp_path: Path
) -> None:
    with a_scheduler(postgresql.url, tmp_path / "scheduler.log"):
        until(lambda: beats_after(clock.now() - timedelta(hours=1)), 90)
        postgresql.restart()
        restarted = clock.now()
        until(lambda: beats_after(restarted), 90)
