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
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from flask import current_app

from booking import clock
from booking.demo.loopback import DEMO_ACCOUNT, HOST
from booking.demo.operations import has_beaten
from booking.demo.own_database import BESIDE
from booking.demo.ports import bind_port, url_of

START_TIMEOUT = 180  # seconds, for each of its parts: a busy machine takes its time
PROVIDER_FILE = "demo-provider.sqlite3"

Children = dict[str, subprocess.Popen[bytes]]


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A child process: its command, what tells by its id that it is ready, the open files it is given."""

    command: list[str]
    is_ready: Callable[[int], bool]
    descriptors: tuple[int, ...] = ()


class StoppedEarly(RuntimeError):
    """One of the demo's processes ended by itself; the message names it."""


def settings(address: str, provider: socket.socket) -> dict[str, str]:
    """Return the environment in which the demo's processes run."""
    return {
        "BOOKING_DEMO": "true",
        "BOOKING_DEMO_PROVIDER_URL": url_of(provider),
        "BOOKING_DATABASE_URL": current_app.config["DATABASE_URL"],
        "BOOKING_SECURE_COOKIES": "false",
        "BOOKING_SECOND_FACTOR_ROLES": "",
        "BOOKING_PUBLIC_URL": address,
        "BOOKING_TWILIO_ACCOUNT_SID": DEMO_ACCOUNT.sid,
        "BOOKING_TWILIO_AUTH_TOKEN": DEMO_ACCOUNT.auth_token,
        "BOOKING_TWILIO_FROM": DEMO_ACCOUNT.numbers[0],
        "BOOKING_TWILIO_BASE_URL": url_of(provider),
        "BOOKING_MAIL_FROM": "visits@example.com",
        "BOOKING_SCHEDULER_SECONDS": "1",
        "FLASK_APP": "wsgi:app",
    }


def forget_messages(instance: Path) -> None:
    """Delete what the demo's provider has kept."""
    for ending in BESIDE:
        (instance / (PROVIDER_FILE + ending)).unlink(missing_ok=True)


@contextmanager
def running_process(
    part: ChildProcess, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a child process until the block ends."""
    child = subprocess.Popen(  # noqa: S603 - our own
        part.command, env={**os.environ, **environment}, pass_fds=part.descriptors
    )
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def serve(listener: socket.socket, address: str, instance: Path, ready: Callable[[], None]) -> None:
    """Run all three until Ctrl-C or SIGTERM, or until one of them ends: raises `StoppedEarly`.

    `listener` is bound to `address`, which patients see. The web comes last: whoever is answered by the
    demo finds all of it at work.
    """
    children: Children = {}
    with bind_port(HOST, 0) as provider, ExitStack() as stack, _until_told() as stopped:
        environment = settings(address, provider)
        for name, part in _parts(listener, address, provider, instance).items():
            if stopped:
                return
            children[name] = stack.enter_context(running_process(part, environment))
            _wait_for(name, part, children, stopped)
        ready()
        while not stopped:
            _require_running(children)
            time.sleep(0.2)


def _parts(
    listener: socket.socket, address: str, provider: socket.socket, instance: Path
) -> dict[str, ChildProcess]:
    """Return the three by name, in the order they start."""
    python, began = sys.executable, clock.now()
    fake_provider = [
        *(python, "-m", "booking.demo", "--fd", str(provider.fileno())),
        *("--file", str(instance / PROVIDER_FILE)),
        *("--webhook", f"{address}/hooks/twilio/inbound"),
    ]
    scheduler = [python, "-m", "flask", "scheduler"]
    web = [
        *(python, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
        *("--bind", f"fd://{listener.fileno()}", "wsgi:app"),
    ]
    return {
        "provider": ChildProcess(fake_provider, lambda _: _listens(provider), (provider.fileno(),)),
        "scheduler": ChildProcess(scheduler, lambda pid: has_beaten(pid, began)),
        "web": ChildProcess(
            web, lambda _: _answers(f"{url_of(listener)}/healthz"), (listener.fileno(),)
        ),
    }


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


def _wait_for(name: str, part: ChildProcess, children: Children, stop_signals: list[int]) -> None:
    for _ in range(START_TIMEOUT * 10):
        _require_running(children)
        if stop_signals or part.is_ready(children[name].pid):
            return
        time.sleep(0.1)
    raise StoppedEarly(f"the {name} was not ready in {START_TIMEOUT} s")


def _listens(listener: socket.socket) -> bool:
    """Tell whether a child listens on a socket that was bound for it."""
    try:
        with socket.create_connection(listener.getsockname(), timeout=2):
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
