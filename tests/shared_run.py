"""What the processes of one run of the tests share: a folder, a lock, and knowing when it is over.

xdist runs tests in several processes. The first process makes the folder and holds one end of a
pipe open; the other end tells a server that was started meanwhile that the run is gone, however it
ended.
"""

import fcntl
import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FOLDER = "TEST_RUN_FOLDER"  # environment: where the run's processes meet
MEMORY = Path("/dev/shm")  # where Linux keeps files in memory
ENOUGH = 2**30  # bytes; a copy of a PostgreSQL database takes ten million of them


@dataclass(frozen=True, slots=True)
class SharedRun:
    """One run: its folder, and the open end of its pipe `alive`."""

    folder: Path
    alive: int


def begin(*, on_disk: bool = False) -> SharedRun:
    """Make the folder and the pipe; called by the run's first process only.

    The folder is in memory where there is room, or else `on_disk`, for measuring durable writes.
    """
    path = None if on_disk else _fastest_place()
    made = Path(tempfile.mkdtemp(prefix="booking-tests-", dir=path))
    if (owner := server_user()) is not None:
        shutil.chown(made, owner)
    os.mkfifo(made / "alive")
    os.environ[FOLDER] = str(made)
    return SharedRun(made, os.open(made / "alive", os.O_RDWR))


def end(run: SharedRun, *, has_keeper: bool) -> None:
    """Close the pipe; a keeper then removes the folder within ten seconds, else we do."""
    os.close(run.alive)
    deadline = time.monotonic() + 10
    while has_keeper and run.folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    shutil.rmtree(run.folder, ignore_errors=True)


def _fastest_place() -> Path | None:
    """Return the folder for temporary files in memory, or None for the usual one."""
    in_memory = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    return MEMORY if in_memory and shutil.disk_usage(MEMORY).free > ENOUGH else None


def folder() -> Path:
    """Return the folder of the run this process belongs to."""
    return Path(os.environ[FOLDER])


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Keep the run's other processes out of what is called `name` meanwhile."""
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def server_user() -> str | None:
    """Return whom a server runs as where we are root, which PostgreSQL refuses; else None."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
