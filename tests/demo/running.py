"""The demo as `make demo` runs it: deploy/demo in a fresh copy of the project, on free ports."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from booking import clock
from tests.demo.filled import copy_filled_database
from tests.demo.loopback_builders import until
from tests.proxy import free_port
from tests.server import ROOT

NEEDED = ("booking", "deploy", "migrations", "templates")
READY = "Ctrl-C ends it"
PROVIDER_URL = re.compile(r"^loopback provider at (\S+)$", re.MULTILINE)
STARTS_WITHIN = 120  # seconds
THIS_HOUR = clock.now().replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: where it answers, its processes' group, and what they print."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def url(self) -> str:
        """The address its patients see."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def provider_url(self) -> str:
        """The address of its fake text and mail provider, as printed when that began to listen."""
        (url,) = PROVIDER_URL.findall(self.printed())[-1:]
        return str(url)

    def printed(self) -> str:
        """Return what was printed so far."""
        return self.log.read_text()

    def ask(self, path: str, accept: str = "application/json", **posted: Any) -> tuple[int, str]:
        """Ask for a page, or post JSON to it; return status and text."""
        headers = {
            "Accept": accept,
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid4()),
        }
        data = json.dumps(posted).encode() if posted else None
        try:
            wanted = urllib.request.Request(self.url + path, data, headers)
            with urllib.request.urlopen(wanted, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def read(self, path: str) -> Any:
        """Return what an address answers, as data."""
        return json.loads(self.ask(path)[1])

    def stop(self, number: signal.Signals = signal.SIGINT, *, as_by_keyboard: bool = True) -> int:
        """Tell it to stop, all its processes as Ctrl-C does or only the first; return its status."""
        tell = os.killpg if as_by_keyboard else os.kill
        tell(self.process.pid, number)
        return self.process.wait(20)

    def is_gone(self) -> bool:
        """Tell whether none of its processes is left."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False


def a_copy_of_the_project(path: Path, filled_at: datetime) -> Path:
    """Copy what the demo needs: it keeps its data in the folder it is run from.

    Its database is filled already, as by a first start at `filled_at`.
    """
    for name in NEEDED:
        shutil.copytree(ROOT / name, path / name)
    for name in ("config.py", "wsgi.py"):
        shutil.copy2(ROOT / name, path / name)
    (path / ".venv").symlink_to(sys.prefix)
    (path / "instance").mkdir()
    copy_filled_database(filled_at, path / "instance" / "demo.sqlite3")
    return path


@contextmanager
def running(project: Path, *options: str) -> Iterator[Demo]:
    """Run the demo in `project` until the block ends, which begins when it says that it is ready."""
    with starting(project, *options) as demo:
        until(lambda: READY in demo.printed() or demo.process.poll() is not None, STARTS_WITHIN)
        assert demo.process.poll() is None, demo.printed()
        yield demo


@contextmanager
def starting(project: Path, *options: str) -> Iterator[Demo]:
    """Start the demo in `project`, waiting for nothing; it ends with the block."""
    port, log = free_port(), project / "printed.log"
    command = [str(project / "deploy" / "demo"), "--port", str(port), *options]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOOKING_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=kept, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield Demo(port, process, log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def sign_ins(demo: Demo) -> dict[str, tuple[str, str]]:
    """Return what was printed of who can sign in: e-mail and password by role."""
    found = re.findall(r"^  ([a-z ]+): (\S+@\S+)  password: (.+)$", demo.printed(), re.MULTILINE)
    return {role: (email, password) for role, email, password in found}


def answers(demo: Demo) -> bool:
    """Tell whether the demo answers at all."""
    try:
        return bool(demo.ask("/healthz")[0])
    except OSError:
        return False


def newest_heartbeat(project: Path) -> datetime:
    """Return when a scheduler of the demo in `project` was last at work."""
    with closing(sqlite3.connect(project / "instance" / "demo.sqlite3")) as connection:
        (at,) = connection.execute("SELECT max(at) FROM heartbeat").fetchone()
    return datetime.fromisoformat(at).replace(tzinfo=UTC)


def slow_the_provider(project: Path) -> None:
    """Let the provider of the demo in `project` take six seconds to start."""
    provider = project / "booking" / "demo" / "__main__.py"
    slow = "import time\n\ntime.sleep(6)\nimport argparse\n"
    provider.write_text(provider.read_text().replace("import argparse\n", slow))
