"""The service as real processes: gunicorn with two workers, on a free port of this machine."""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from flask import Flask

from tests.databases import settings_for
from tests.forked import forkserver, run_module
from tests.shared_app import app_on

ROOT = Path(__file__).parent.parent
IN_PROCESS_ONLY = {"TESTING", "WTF_CSRF_ENABLED"}  # a real service has real errors and form tokens


@dataclass(frozen=True, slots=True)
class Server:
    """A running service: where it answers, and its database."""

    url: str
    database_url: str


def environment_for(database_url: str, **more: str) -> dict[str, str]:
    """Return the environment of a process of the service: test settings, none of the caller's."""
    settings = {**settings_for(database_url), **more}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOOKING_")}
    ours = {f"BOOKING_{name}": str(settings[name]) for name in settings.keys() - IN_PROCESS_ONLY}
    return {**kept, **ours, "FLASK_APP": "wsgi:app", "PYTHONPATH": str(ROOT)}


@contextmanager
def serve(database_url: str, log: Path, *, workers: int = 2, **settings: str) -> Iterator[Server]:
    """Run gunicorn until the block ends; its output goes to the file `log`.

    `settings` are the service's, by name: `serve(url, log, DEMO="true")`.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        port = listener.getsockname()[1]
        public = {"PUBLIC_URL": f"http://127.0.0.1:{port}", **settings}
        arguments = (listener, workers, environment_for(database_url, **public), log)
        process = forkserver.Process(target=run_gunicorn, args=arguments)
        process.start()
        try:
            wait_until_alive(port, log)
            yield Server(f"http://127.0.0.1:{port}", database_url)
        finally:
            _stop(process)


def run_gunicorn(
    listener: socket.socket, workers: int, environment: Mapping[str, str], log: Path
) -> None:
    address = ["--bind", f"fd://{listener.fileno()}"]
    config = ["--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
    options = [*config, "--workers", str(workers), *address]
    run_module("gunicorn", [*options, "wsgi:app"], environment, log)


def wait_until_alive(port: int, log: Path) -> None:
    """The port is ours and listens already, so one request waits in its queue for a worker."""
    connection = HTTPConnection("127.0.0.1", port, timeout=90)  # a busy machine starts slowly
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except OSError as error:
        raise RuntimeError(f"the service did not start: {log.read_text()}") from error
    finally:
        connection.close()
    if status != 200:
        raise RuntimeError(f"/healthz answered {status}: {log.read_text()}")


def _stop(process: ForkServerProcess) -> None:
    process.terminate()
    process.join(30)  # longer than gunicorn waits for its workers, which would outlive it
    process.kill()


@contextmanager
def app_beside(server: Server) -> Iterator[Flask]:
    """Give this process's app on the server's own database, in its context, until the block ends."""
    with app_on(server.database_url) as app:
        yield app
