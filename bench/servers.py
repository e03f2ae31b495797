"""Real processes to measure: a throw-away database, and gunicorn with 2 workers on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import a_postgresql_database

ROOT = Path(__file__).parent.parent


@contextmanager
def databases(folder: Path, name: str) -> Iterator[str]:
    """Give the URL of an empty database of the kind `name`, and drop it afterwards."""
    if name == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
    else:
        with a_postgresql_database() as url:
            yield url


@contextmanager
def gunicorn(app: str, database_url: str, *options: str) -> Iterator[tuple[str, int]]:
    """Serve `app` by 2 workers, sync ones unless `options` say otherwise; give address and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {
        "BOOKING_DATABASE_URL": database_url,
        "BOOKING_SECRET_KEY": "bench" * 8,
        "BOOKING_API_BOOKING_LIMIT": "100000 per second",
        "BOOKING_SECURE_COOKIES": "false",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--workers",
        "2",
        "--bind",
        f"127.0.0.1:{port}",
        *options,
        app,
    ]
    served = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}", served.pid
    finally:
        served.send_signal(signal.SIGTERM)
        served.wait(10)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")


def get(url: str) -> bytes:
    """Return what a GET answers."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        body: bytes = answer.read()
    return body
