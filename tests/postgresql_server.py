"""One PostgreSQL for the run, started from Debian's programs when the first test asks for it.

It listens on a socket in the run's folder and nowhere else, and forgets durability for speed.
BOOKING_TEST_POSTGRES_URL names a server to use instead, with the right to create databases.
"""

import functools
import os
import pwd
import subprocess
import time
from pathlib import Path

from tests.shared_run import folder, one_at_a_time, server_user

EXTERNAL = "BOOKING_TEST_POSTGRES_URL"
DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = (
    "listen_addresses= fsync=off synchronous_commit=off full_page_writes=off wal_level=minimal "
    "max_wal_senders=0 checkpoint_timeout=1h max_wal_size=4GB autovacuum=off max_connections=200"
).split()
# $1 is the folder, the rest starts the server; `read` ends when the run's first process is gone.
KEEPER = """
folder=$1; shift
"$@" & server=$!
read _ < "$folder/alive"
kill -QUIT "$server"; wait "$server"
rm -rf "$folder"
"""


@functools.cache
def server_url() -> str:
    """Return the URL of the server's database `postgres`; starts the server if nobody has yet."""
    if EXTERNAL in os.environ:
        return os.environ[EXTERNAL]
    with one_at_a_time("postgresql"):
        if not is_started():
            _make_data()
            _serve()
    return f"postgresql://postgres@/postgres?host={folder()}"


def is_started() -> bool:
    """Tell whether this run has started a server of its own."""
    return (folder() / "postgresql.log").exists()


def _make_data() -> None:
    made = [f"{_programs()}/initdb", "-D", folder() / "data", "-U", "postgres", "-A", "trust"]
    subprocess.run(
        [*_become(), *made, "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"],
        check=True,
        cwd=folder(),
        stdout=subprocess.DEVNULL,
    )


def _serve() -> None:
    serve = [f"{_programs()}/postgres", "-D", folder() / "data", "-k", folder()]
    options = [part for setting in SETTINGS for part in ("-c", setting)]
    with (folder() / "postgresql.log").open("wb") as log:
        subprocess.Popen(
            ["sh", "-c", KEEPER, "keeper", folder(), *_become(), *serve, *options],
            cwd=folder(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _wait_until_ready()


def _wait_until_ready() -> None:
    ready = [f"{_programs()}/pg_isready", "-q", "-h", folder()]
    for _ in range(400):
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start: " + (folder() / "postgresql.log").read_text())


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
