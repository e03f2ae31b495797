"""One PostgreSQL for the run, started from Debian's programs when the first test asks for it.

It listens on a socket in the run's folder and nowhere else, and gives up durability for speed.
BOOKING_TEST_POSTGRES_URL names a server to use instead, with the right to create databases.
"""

import functools
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

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


def url_of(name: str) -> str:
    """Return the URL of the PostgreSQL database `name`."""
    return make_url(server_url()).set(database=name).render_as_string(hide_password=False)


def create_database(name: str, template: str = "template0") -> None:
    """Create a PostgreSQL database."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    _connection().execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def drop_database(name: str) -> None:
    """Drop a PostgreSQL database if it is there, ending its connections."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    _connection().execute(statement.format(sql.Identifier(name)))


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
    _make_cluster(place)
    keeper = ["sh", "-c", KEEPER, "keeper", f"{place}", *_serving(place, settings)]
    subprocess.run(keeper, check=True, cwd=place, start_new_session=True)
    _wait_until_ready(place)
    return url_in(place)


class RestartableServer:
    """A server of one test's own, in a folder that belongs to `server_user`; stopped at its end."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._process: subprocess.Popen[bytes] | None = None
        _make_cluster(place)

    @property
    def url(self) -> str:
        """The URL of its database `postgres`."""
        return url_in(self.place)

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.place / "postgresql.log").open("ab") as log:
            command = _serving(self.place, FORGETFUL)
            self._process = subprocess.Popen(command, cwd=self.place, stdout=log, stderr=log)
        _wait_until_ready(self.place)

    def stop(self) -> None:
        """Stop it at once, as `pg_ctl stop -m fast` does: connections are ended, transactions undone."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
            self._process = None

    def restart(self) -> None:
        """Stop it, and start it again."""
        self.stop()
        self.start()


def _make_cluster(place: Path) -> None:
    make = [*_become(), f"{_programs()}/initdb", "-D", f"{place}/data", "-U", "postgres"]
    make += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(make, check=True, cwd=place, stdout=subprocess.DEVNULL)


def _serving(place: Path, settings: Sequence[str]) -> list[str]:
    serve = [*_become(), f"{_programs()}/postgres", "-D", f"{place}/data", "-k", f"{place}"]
    return serve + [part for setting in settings for part in ("-c", setting)]


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


@functools.cache
def _connection() -> psycopg.Connection[Any]:
    return psycopg.connect(url_of("postgres"), autocommit=True)
