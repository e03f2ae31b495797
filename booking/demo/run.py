"""`make demo`: the fake provider, the scheduler and the web, as child processes, until told to stop."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from booking.demo.loopback import DEMO_ACCOUNT

STARTS_WITHIN = 60  # seconds
PROVIDER_FILE = "provider.sqlite3"


class StoppedEarly(RuntimeError):
    """One of the demo's processes ended by itself; the message names it."""


def settings(host: str, port: int, provider_port: int) -> dict[str, str]:
    """Return the environment in which the demo's processes run."""
    provider = f"http://127.0.0.1:{provider_port}"
    return {
        "BOOKING_DEMO": "true",
        "BOOKING_DEMO_PROVIDER_URL": provider,
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


def start_afresh(instance: Path) -> None:
    """Delete what an earlier demo left, its provider's messages too; the secret stays."""
    for left in [*instance.glob("booking.sqlite3*"), *instance.glob(PROVIDER_FILE + "*")]:
        shutil.rmtree(left) if left.is_dir() else left.unlink()


@contextmanager
def process(
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
    """Run all three until Ctrl-C or SIGTERM, or until one of them ends: raises `StoppedEarly`."""
    environment = settings(host, port, provider_port)
    python = sys.executable
    commands = {
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
    with ExitStack() as stack, _until_told() as told:
        children = {
            name: stack.enter_context(process(command, environment))
            for name, command in commands.items()
        }
        _wait_until_alive(f"http://{host}:{port}/healthz", children)
        ready()
        while not told:
            _require_running(children)
            time.sleep(0.2)


@contextmanager
def _until_told() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM in a list instead of dying of them."""
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    yield told


def _require_running(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise StoppedEarly(f"the {name} ended by itself with status {child.returncode}")


def _wait_until_alive(url: str, children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for _ in range(STARTS_WITHIN * 5):
        _require_running(children)
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise StoppedEarly("the web did not answer in a minute")
