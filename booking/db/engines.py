"""What each kind of database is told: when a connection opens, and when it begins a transaction."""

import fcntl
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any, TextIO

from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import InvalidatePoolError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

DATABASES = ("postgresql", "sqlite")

# How a connection is told to begin a transaction; reads outside need none, and save its round trips.
WRITING: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "READ COMMITTED"},
    "sqlite": {"writing": True},
}


# Connections of a process: each thread at work has one at most, further threads wait for one.
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 5, "pool_timeout": 15}
READING: dict[str, Any] = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "connect_args": {"connect_timeout": 5},
}
RESTED = 0.1  # seconds since its last statement; within less no server is restarted
# Two more, each for one short question at a time, that are not tried first: whoever asks has another
# way when one has broken (`calendars.queries.read_stamp`), and a question costs one way there and back.
STAMPS = "stamps"
REPLICA = "replica"  # engines for reads that may be a second old (`web/replica_reads.py`)
REPLICA_STAMPS = "replica_stamps"
RECYCLED = {"pool_recycle": 60}  # seconds; a replica that was promoted is left alone after that
READ_ONLY = "25006"  # SQLSTATE of a server that was the primary, and is not any more
STAMP_POOL = {
    **POOL,
    "pool_size": 2,
    "max_overflow": 0,
    "pool_use_lifo": True,
    "pool_reset_on_return": None,
}


def parse_database_url(text: str) -> URL:
    """Return the URL of a database with our driver. Raises `ArgumentError`."""
    url = make_url(text)
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    return url


def engine_options(backend: str) -> dict[str, Any]:
    """Return the options of an engine whose reads run outside transactions (SQLite's do anyway)."""
    return {**POOL, **READING} if backend == "postgresql" else POOL


def further_engines(url: URL, replica_url: str) -> dict[str, dict[str, Any]]:
    """Return the options of further engines, by their keys: of short questions, and of a replica's reads.

    SQLite needs none.
    """
    if url.get_backend_name() != "postgresql":
        return {}
    engines = {STAMPS: {"url": url, **STAMP_POOL, **READING}}
    if replica_url:
        replica = parse_database_url(replica_url)
        engines[REPLICA] = {
            "url": replica,
            "pool_pre_ping": True,
            **engine_options("postgresql"),
            **RECYCLED,
        }
        engines[REPLICA_STAMPS] = {"url": replica, **STAMP_POOL, **READING, **RECYCLED}
    return engines


def write_options(engine: Engine) -> dict[str, Any]:
    """Return the execution options of a connection that is to begin a transaction."""
    return WRITING[engine.dialect.name]


def prepare_engine(engine: Engine) -> None:
    """Set up `engine`'s connections: on SQLite, WAL, foreign keys, and one writer at a time.

    On PostgreSQL, connections to a server that takes no writes any more are given up as if they had broken,
    and one that has rested is tried first.
    """
    if engine.dialect.name == "postgresql":
        event.listen(engine, "handle_error", _give_up_read_only)
        event.listen(engine, "after_cursor_execute", _record_use)
        event.listen(engine, "checkout", partial(_ping_rested, engine))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "before_cursor_execute", _lock_where_rows_would_be)
        event.listen(engine, "checkin", _end_turn)


def _give_up_read_only(context: ExceptionContext) -> None:
    """After a failover the next connection finds the new primary (`target_session_attrs=read-write`)."""
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        context.is_disconnect = True


def _record_use(connection: Connection, *_statement: Any) -> None:
    connection.info["used"] = monotonic()


def _ping_rested(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Raise `InvalidatePoolError`, on which the pool connects anew, where the server was restarted meanwhile.

    SQLAlchemy's `pool_pre_ping` asks before each use, a way there and back for every page and transaction.
    """
    if monotonic() - record.info.get("used", -inf) < RESTED:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise InvalidatePoolError from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # no BEGIN by the driver, which would be a deferred one
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=15000",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _lock_where_rows_would_be(
    connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
) -> None:
    """Begin at what locks rows on PostgreSQL: a transaction's first write or SELECT ... FOR UPDATE.

    What it reads before that, it reads as READ COMMITTED does, and keeps nobody from writing.
    """
    if not connection.get_execution_options().get("writing"):
        return
    compiled = context.compiled and context.compiled.statement
    locks_rows = getattr(compiled, "_for_update_arg", None) is not None
    if locks_rows or not statement.startswith("SELECT"):
        lock_sqlite_for_writing(connection)


def lock_sqlite_for_writing(connection: Connection) -> None:
    """Keep all other writers out to the end of the transaction (BEGIN IMMEDIATE)."""
    if "turn" not in connection.info:
        connection.info["turn"] = _turn(f"{connection.engine.url.database}-turn")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _turn(path: str) -> TextIO:
    """Wait for this process's turn to write; closing the file gives it to the next.

    SQLite's own waiting sleeps and looks again, longer each time: half the time nobody writes, and one
    of several writers can starve for seconds. Raises `OperationalError` where there is no room for the file.
    """
    try:
        turn = Path(path).open("w")  # noqa: SIM115 - it stays open while the transaction does
    except OSError as error:
        raise OperationalError("BEGIN IMMEDIATE", {}, error) from error
    fcntl.flock(turn, fcntl.LOCK_EX)
    return turn


def _end_turn(_connection: Any, record: ConnectionPoolEntry) -> None:
    if turn := record.info.pop("turn", None):
        turn.close()
