"""`make demo`: the fake provider, the scheduler and the web, as child processes, until told to stop."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from flask import current_app

from booking import clock
from booking.demo.loopback import DEMO_ACCOUNT
from booking.demo.operations import has_beaten
from booking.demo.own_database import BESIDE

START_TIMEOUT = 60  # seconds, for each of its parts
PROVIDER_FILE = "demo-provider.sqlite3"

Children = dict[str, subprocess.Popen[bytes]]


class StoppedEarly(RuntimeError):
    """One of the demo's processes ended by itself; the message names it."""


def settings(host: str, port: int, provider_port: int) -> dict[str, str]:
    """Return the environment in which the demo's processes run."""
    provider = f"http://127.0.0.1:{provider_port}"
    return {
        "BOOKING_DEMO": "true",
        "BOOKING_DEMO_PROVIDER_URL": provider,
        "BOOKING_DATABASE_URL": current_app.config["DATABASE_URL"],
        "BOOKING_SECURE_COOKIES": "false",
        "BOOKING_PUBLIC_URL": f"http://{host}:{port}",
        "BOOKING_TWILIO_ACCOUNT_SID": DEMO_ACCOUNT.sid,
        "BOOKING_TWILIO_AUTH_TOKEN": DEMO_ACCOUNT.auth_token,
        "BOOKING_TWILIO_FROM": DEMO_ACCOUNT.numbers[0],
        "BOOKING_TWILIO_BASE_URL": provider,
        "BOOKING_MAIL_FROM": "visits@example.com",
        "BOOKING_SCHEDULER_SECONDS": "1",
        "FLASK_APP": "wsgi:app",
    }


def forget_messages(instance: Path) -> None:
    """Delete what the demo's provider has kept."""
    for ending in BESIDE:
        (instance / (PROVIDER_FILE + ending)).unlink(missing_ok=True)


@contextmanager
def run_process(
    command: list[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a child process until the block ends."""
    child = subprocess.Popen(command, env={**os.environ, **environment})  # noqa: S603 - our own
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def serve(
    host: str, port: int, provider_port: int, instance: Path, ready: Callable[[], None]
) -> None:
    """Run all three until Ctrl-C or SIGTERM, or until one of them ends: raises `StoppedEarly`.

    The web comes last: whoever is answered by the demo finds all of it at work.
    """
    commands = _commands(host, port, provider_port, instance)
    environment, began = settings(host, port, provider_port), clock.now()
    children: Children = {}
    with ExitStack() as stack, _until_told() as stop_signals:
        awaited: dict[str, Callable[[], bool]] = {
            "provider": lambda: _listens(provider_port),
            "scheduler": lambda: has_beaten(children["scheduler"].pid, began),
            "web": lambda: _answers(f"http://{host}:{port}/healthz"),
        }
        for name, is_ready in awaited.items():
            if stop_signals:
                return
            children[name] = stack.enter_context(run_process(commands[name], environment))
            _wait_for(name, is_ready, children, stop_signals)
        ready()
        while not stop_signals:
            _require_running(children)
            time.sleep(0.2)


def _commands(host: str, port: int, provider_port: int, instance: Path) -> dict[str, list[str]]:
    """Return how each of the three is started, by its name."""
    python = sys.executable
    return {
        "provider": [
            *(python, "-m", "booking.demo", "--port", str(provider_port)),
            *("--file", str(instance / PROVIDER_FILE)),
            *("--webhook", f"http://{host}:{port}/hooks/twilio/inbound"),
        ],
        "scheduler": [python, "-m", "flask", "scheduler"],
        "web": [
            *(python, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
            *("--bind", f"{host}:{port}", "wsgi:app"),
        ],
    }  # fmt: skip


@contextmanager
def _until_told() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM in a list instead of dying of them."""
    signals: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        signals.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    yield signals


def _require_running(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise StoppedEarly(f"the {name} ended by itself with status {child.returncode}")


def _wait_for(
    name: str, is_ready: Callable[[], bool], children: Children, stop_signals: list[int]
) -> None:
    for _ in range(START_TIMEOUT * 10):
        _require_running(children)
        if stop_signals or is_ready():
            return
        time.sleep(0.1)
    raise StoppedEarly(f"the {name} was not ready in a minute")


def _listens(port: int) -> bool:
    """Tell whether anything listens on a port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def _answers(url: str) -> bool:
    """Tell whether an address answers with success."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
            return True
    except (urllib.error.URLError, OSError):
        return False
