"""A database of which this process is the only user: whatever else has it open is a refusal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    column,
    create_engine,
    event,
    func,
    select,
    table,
)
from sqlalchemy.exc import OperationalError

PATIENCE, TRIES = 0.5, 10  # seconds for others to let go
# In this order: locked before the file is read, or SQLite shares its write-ahead log with others.
ALONE_ON_SQLITE = (
    "PRAGMA locking_mode=EXCLUSIVE", f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}", "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "BEGIN EXCLUSIVE",
)  # fmt: skip
SESSIONS = table("pg_stat_activity", column("pid"), column("datname"), column("backend_type"))
OTHERS = select(func.count()).where(
    SESSIONS.c.datname == func.current_database(),
    SESSIONS.c.backend_type == "client backend",
    SESSIONS.c.pid != func.pg_backend_pid(),
)


class DatabaseInUse(Exception):
    """Something else has the database open; the message says what is known of it."""


class DatabaseUnreachable(Exception):
    """There is no such database, or it doesn't let us in."""


@contextmanager
def open_alone(url: URL) -> Iterator[Connection]:
    """Give a connection in a transaction, which is kept where the block ends without an error.

    Raises `DatabaseInUse` and `DatabaseUnreachable`. On SQLite nobody else gets in until it ends; on
    PostgreSQL `require_alone` tells afterwards whether somebody did.
    """
    engine = create_engine(url, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _begin_nothing)
    with _connect(engine) as connection:
        require_alone(connection)
        yield connection


def _begin_nothing(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # no BEGIN by the driver: a PRAGMA has to come first


@contextmanager
def _connect(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise DatabaseUnreachable(f"{_named(engine.url)}: {reason}") from error
    with connection, connection.begin():
        if engine.dialect.name == "sqlite":
            _lock_sqlite(connection)
        yield connection


def _lock_sqlite(connection: Connection) -> None:
    try:
        for statement in ALONE_ON_SQLITE:
            connection.exec_driver_sql(statement)
    except OperationalError as error:
        raise DatabaseInUse(f"{_named(connection.engine.url)} is open elsewhere") from error


def require_alone(connection: Connection) -> None:
    """Raise `DatabaseInUse` when others are connected to this database; SQLite keeps them out."""
    if connection.dialect.name == "sqlite":
        return
    for _ in range(TRIES):
        connection.execute(select(func.pg_stat_clear_snapshot()))  # else it answers as before
        count = connection.scalar(OTHERS)
        if not count:
            return
        time.sleep(PATIENCE / TRIES)  # a process that has just stopped leaves within that
    raise DatabaseInUse(f"{_named(connection.engine.url)} has other connections: {count}")


def _named(url: URL) -> str:
    return url.render_as_string(hide_password=True)
