"""One PostgreSQL for the run, started from Debian's programs when the first test asks for it.

It listens on a socket in the run's folder and nowhere else, and gives up durability for speed.
BOOKING_TEST_POSTGRES_URL names a server to use instead, with the right to create databases.
"""

import functools
import os
import pwd
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.shared_run import folder, one_at_a_time, server_user

EXTERNAL = "BOOKING_TEST_POSTGRES_URL"
DEBIAN = Path("/usr/lib/postgresql")
DURABLE = ("listen_addresses=", "max_connections=200")
FORGETFUL = (
    *DURABLE, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
    "wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1h", "max_wal_size=256MB",
)  # fmt: skip
# $1 is the folder, the rest starts the server; `read` ends when the run's first process is gone.
KEEPER = """
folder=$1; shift
keep() {
    "$@" & server=$!
    read _ < "$folder/alive"
    kill -QUIT "$server"; wait "$server"
    rm -rf "$folder"
}
keep "$@" < /dev/null > "$folder/postgresql.log" 2>&1 &
"""


@functools.cache
def server_url() -> str:
    """Return the URL of the server's database `postgres`; starts the server if nobody has yet."""
    if EXTERNAL in os.environ:
        return os.environ[EXTERNAL]
    with one_at_a_time("postgresql"):
        return url_in(folder()) if is_started() else start(folder(), FORGETFUL)


def url_in(place: Path) -> str:
    """Return the URL of the server that runs in the folder `place`."""
    return f"postgresql://postgres@/postgres?host={place}"


def is_started() -> bool:
    """Tell whether this run has started a server of its own."""
    return (folder() / "postgresql.log").exists()


def start(place: Path, settings: Sequence[str]) -> str:
    """Start a server in the folder `place` of a run, which ends it; return its URL.

    Raises RuntimeError where PostgreSQL isn't installed or doesn't start.
    """
    programs, data = _programs(), place / "data"
    make = [*_become(), f"{programs}/initdb", "-D", f"{data}", "-U", "postgres", "-A", "trust"]
    make += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(make, check=True, cwd=place, stdout=subprocess.DEVNULL)
    serve = [*_become(), f"{programs}/postgres", "-D", f"{data}", "-k", f"{place}"]
    serve += [part for setting in settings for part in ("-c", setting)]
    keeper = ["sh", "-c", KEEPER, "keeper", f"{place}", *serve]
    subprocess.run(keeper, check=True, cwd=place, start_new_session=True)
    _wait_until_ready(place)
    return url_in(place)


def _wait_until_ready(place: Path) -> None:
    ready = [f"{_programs()}/pg_isready", "-q", "-h", f"{place}"]
    for _ in range(400):
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start: " + (place / "postgresql.log").read_text())


def _programs() -> Path:
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError(f"no PostgreSQL in {DEBIAN}: `make test` installs it, or set {EXTERNAL}")
    return found[-1].parent


def _become() -> list[str]:
    if (user := server_user()) is None:
        return []
    group = pwd.getpwnam(user).pw_gid
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
