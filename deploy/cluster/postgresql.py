"""A PostgreSQL primary and the replica that streams from it, on addresses of their own.

A commit is acknowledged once the replica has it on its disk too (`synchronous_standby_names`), so that
nothing acknowledged is lost when the replica takes over. While there is no replica, commits wait for none.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.cluster.processes import Processes, wait_until

DEBIAN = Path("/usr/lib/postgresql")
OWNER = "postgres"  # Debian's; PostgreSQL doesn't run as root
WAITS_FOR = "FIRST 1 (*)"
SETTINGS = (
    "max_connections=200",
    "wal_retrieve_retry_interval=500ms",  # commits wait until the replica is back, else for 5 s
    "dynamic_shared_memory_type=mmap",  # in its folder: one that is killed leaves nothing elsewhere
)


@dataclass(frozen=True, slots=True)
class Server:
    """One server: its name, address and port, and the folder that holds its data."""

    name: str
    host: str
    port: int
    folder: Path

    @property
    def data(self) -> Path:
        """Its data directory."""
        return self.folder / self.name

    def execute(self, statement: str) -> object:
        """Run one statement on its database `postgres`; return the first value, if any."""
        address = f"postgresql://postgres@{self.host}:{self.port}/postgres?connect_timeout=2"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    def answers(self) -> bool:
        """Tell whether it takes connections."""
        try:
            return self.execute("SELECT 1") == 1
        except psycopg.OperationalError:
            return False


class Pair:
    """The two servers; which one is the primary changes."""

    def __init__(self, processes: Processes, primary: Server, replica: Server) -> None:
        self.processes, self.primary, self.replica = processes, primary, replica

    @property
    def hosts(self) -> str:
        """Both, as a URL's query names them."""
        return "&".join(f"host={server.host}:{server.port}" for server in self._both)

    @property
    def _both(self) -> list[Server]:
        return sorted((self.primary, self.replica), key=lambda server: server.name)

    def primary_url(self, database: str) -> str:
        """Return the address that leads to whichever server takes writes."""
        return f"postgresql://postgres@/{database}?{self.hosts}&target_session_attrs=read-write"

    def replica_url(self, database: str) -> str:
        """Return the address that leads to whichever server is the replica."""
        return f"postgresql://postgres@/{database}?{self.hosts}&target_session_attrs=standby"

    def create(self, database: str) -> None:
        """Make both, start them, and make an empty database."""
        _run("initdb", "-D", str(self.primary.data), "-U", "postgres", "-A", "trust", "--no-sync")
        with (self.primary.data / "pg_hba.conf").open("a") as access:
            for what in ("all", "replication"):
                access.write(f"host {what} all 127.0.0.0/8 trust\n")
        self.start(self.primary)
        self.primary.execute(f'CREATE DATABASE "{database}"')
        self.start_replica()

    def start(self, server: Server) -> None:
        """Start a server and wait until it answers; raises `RuntimeError` where it ends instead."""
        settings = (f"listen_addresses={server.host}", f"port={server.port}", *SETTINGS)
        options = [part for setting in settings for part in ("-c", setting)]
        command = [_program("postgres"), "-D", str(server.data), "-k", "", *options]
        at_once = signal.SIGINT  # else it waits until nobody is connected
        self.processes.start(server.name, [*_as_owner(), *command], end_signal=at_once)
        wait_until(lambda: self._answers(server), f"{server.name} answers")

    def _answers(self, server: Server) -> bool:
        self.processes.require_running()
        return server.answers()

    def start_replica(self) -> None:
        """Copy the primary, stream from it, and let commits wait for the copy from now on."""
        server = self.replica
        shutil.rmtree(server.data, ignore_errors=True)
        source = f"host={self.primary.host} port={self.primary.port} user=postgres"
        source += f" application_name={server.name}"
        _run(
            "pg_basebackup",
            "-D",
            str(server.data),
            "-d",
            source,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
        )
        self.start(server)
        streams = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        wait_until(lambda: self.primary.execute(streams) == 1, "the replica streams")
        self._wait_for_replica(WAITS_FOR)

    def kill_primary(self) -> None:
        """End the primary at once."""
        self.processes.kill(self.primary.name)
        wait_until(lambda: not self.primary.answers(), f"{self.primary.name} is gone")

    def restart_primary(self) -> None:
        """Start the primary that was killed: what systemd does."""
        self.start(self.primary)

    def kill_replica(self) -> None:
        """End the replica at once; commits wait for nobody until there is another."""
        self.processes.kill(self.replica.name)
        self._wait_for_replica("")

    def promote_replica(self) -> None:
        """Let the replica be the primary; the other one is to be made anew (`start_replica`)."""
        self.primary, self.replica = self.replica, self.primary
        self.primary.execute("SELECT pg_promote()")
        self._wait_for_replica("")

    def _wait_for_replica(self, names: str) -> None:
        self.primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        self.primary.execute("SELECT pg_reload_conf()")


def _run(program: str, *arguments: str) -> None:
    command = [*_as_owner(), _program(program), *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _program(name: str) -> str:
    versions = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise RuntimeError(f"no {name} in {DEBIAN}: install postgresql")
    return str(versions[-1])


def _as_owner() -> Sequence[str]:
    """Return what starts a program as PostgreSQL's user, where we are root."""
    if os.getuid():
        return ()
    group = pwd.getpwnam(OWNER).pw_gid
    return (
        "setpriv",
        f"--reuid={OWNER}",
        f"--regid={group}",
        "--clear-groups",
        "--pdeathsig",
        "TERM",
    )


def make_folder(path: Path) -> Path:
    """Make a folder that PostgreSQL may write to."""
    path.mkdir(parents=True)
    if not os.getuid():
        os.chown(path, pwd.getpwnam(OWNER).pw_uid, pwd.getpwnam(OWNER).pw_gid)
    return path
