"""A database at one moment, as its own tools copy it while all runs."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, BinaryIO, cast

from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, NullPool, create_engine, func, inspect, select, table

from booking import clock
from booking.db.engines import parse_database_url

COPIES = ".copies-"
LEFT_AFTER = timedelta(days=1)  # longer than any backup or restore takes


class ToolFailed(Exception):
    """One of PostgreSQL's programs is missing or failed; the message has its words."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a database held at one moment: how many rows by table, its revision, and all of it to read."""

    rows: Mapping[str, int]
    revision: str
    payload: BinaryIO


@contextmanager
def open_snapshot(url: URL) -> Iterator[Snapshot]:
    """Give what a database holds now; others read and write meanwhile. Raises `ToolFailed`."""
    take = _dump_postgresql if url.get_backend_name() == "postgresql" else _copy_sqlite
    with take(url) as snapshot:
        yield snapshot


@contextmanager
def _copy_sqlite(url: URL) -> Iterator[Snapshot]:
    with folder_beside(url) as folder:
        copy = folder / "copy.sqlite3"
        copy_pages(Path(str(url.database)), copy)
        with create_engine(sqlite_url(copy), poolclass=NullPool).connect() as connection:
            rows, revision = count_rows(connection), _read_revision(connection)
        with copy.open("rb") as payload:
            yield Snapshot(rows, revision, payload)


@contextmanager
def folder_beside(url: URL) -> Iterator[Path]:
    """Give a folder for copies in plain text: where the database itself lies so, for its owner alone."""
    parent = Path(str(url.database)).parent
    delete_left_behind(parent, f"{COPIES}*")
    with TemporaryDirectory(prefix=COPIES, dir=parent) as folder:
        yield Path(folder)


def delete_left_behind(folder: Path, pattern: str) -> None:
    """Delete what killed commands have left in a folder; what one is at work on is younger."""
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):  # another command deletes it, too
            changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if clock.now() - changed_at < LEFT_AFTER:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def copy_pages(source: Path, target: Path) -> None:
    """Copy a SQLite database as it is at one moment; what `target` held is gone, or all is as it was."""
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        writing.execute("PRAGMA locking_mode = EXCLUSIVE")
        reading.backup(writing)


def sqlite_url(path: Path) -> URL:
    """Return the URL of a file."""
    return parse_database_url(f"sqlite:///{path}")


@contextmanager
def _dump_postgresql(url: URL) -> Iterator[Snapshot]:
    """Dump what one transaction sees, and count in the same."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        name = connection.scalar(select(func.pg_export_snapshot()))
        rows, revision = count_rows(connection), _read_revision(connection)
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={name}"]
        with run_tool("pg_dump", [*arguments, connect_by(url)], url) as process:
            yield Snapshot(rows, revision, stream_of(process.stdout))


@contextmanager
def run_tool(
    name: str, arguments: list[str], url: URL | None = None, *, takes_input: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of PostgreSQL's programs to its end, its output to be read. Raises `ToolFailed`."""
    program = shutil.which(name)
    if program is None:
        raise ToolFailed(f"{name} is missing: apt install postgresql-client")
    secret = {"PGPASSWORD": str(url.password)} if url is not None and url.password else {}
    with TemporaryFile() as complaints:
        process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own
            [program, *arguments],
            stdin=subprocess.PIPE if takes_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**os.environ, **secret},
        )
        with process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            complaints.seek(0)
            raise ToolFailed(f"{name}: {complaints.readline().decode(errors='replace').strip()}")


def stream_of(pipe: IO[bytes] | None) -> BinaryIO:
    """Return a pipe that a process was given."""
    if pipe is None:
        raise ToolFailed("a program without its pipe")
    return cast(BinaryIO, pipe)


def count_rows(connection: Connection) -> dict[str, int]:
    """Return how many rows each table of a database has."""
    return {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in sorted(inspect(connection).get_table_names())
    }


def _read_revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def connect_by(url: URL) -> str:
    """Return how PostgreSQL's programs connect; the password is theirs by the environment."""
    plain = url.set(drivername="postgresql", password=None)
    return f"--dbname={plain.render_as_string(hide_password=False)}"
