"""What SQLAlchemy spells for each database by itself: upserts and locks; all within a transaction.

Each upsert is built once for each database: building costs as much as running it.
"""

import functools
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ARRAY, String, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from booking.db.engines import lock_sqlite_for_writing
from booking.extensions import Model, db

# For a row that is changed but keeps its id: rows that refer to it can be added meanwhile.
KEEPS_ITS_ID: dict[str, Any] = {"key_share": True}

Row = dict[str, Any]
Insert = postgresql.Insert | sqlite.Insert
NAME = func.unnest(bindparam("names", type_=ARRAY(String))).column_valued("name")
LOCKING = select(func.pg_advisory_xact_lock(func.hashtext(NAME)))


def table_of(model: type[Model]) -> Table:
    """Return the table that a model maps."""
    return cast(Table, model.__table__)


def on_sqlite() -> bool:
    """Tell which of the two databases is in use."""
    return db.engine.dialect.name == "sqlite"


def upsert(model: type[Model]) -> Insert:
    """Return an INSERT into `model`'s table that knows ON CONFLICT on the database in use."""
    table = table_of(model)
    return sqlite.insert(table) if on_sqlite() else postgresql.insert(table)


def lock_table(model: type[Model]) -> None:
    """Keep others from writing this table (on SQLite, from writing at all) to the transaction's end."""
    connection = db.session.connection()
    if on_sqlite():
        lock_sqlite_for_writing(connection)
    else:
        connection.exec_driver_sql(f"LOCK TABLE {table_of(model).name} IN EXCLUSIVE MODE")


def lock_name(name: str) -> None:
    """Take an advisory lock on `name` until the transaction ends (on SQLite, the lock of all writers)."""
    connection = db.session.connection()
    if on_sqlite():
        lock_sqlite_for_writing(connection)
    else:
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))


def lock_names(names: Sequence[str]) -> None:
    """Lock several names at once; see `lock_name`. Two that meet crosswise are run again."""
    connection = db.session.connection()
    if on_sqlite():
        lock_sqlite_for_writing(connection)
    else:
        connection.execute(LOCKING, {"names": sorted(names)})


def put(model: type[Model], row: Row, *, key: str) -> None:
    """Insert a row, or write it over the one that has the same `key` (a unique column)."""
    db.session.connection().execute(_putting(model, on_sqlite(), key, tuple(row)), row)


def insert_unless_there(model: type[Model], row: Row, *, returning: str) -> Any:
    """Insert a row and return its column `returning`; None when a unique key was there already."""
    return db.session.connection().scalar(_inserting(model, on_sqlite(), returning), row)


@functools.cache
def _inserting(model: type[Model], _on_sqlite: bool, returning: str) -> Any:
    column = table_of(model).c[returning]
    return upsert(model).on_conflict_do_nothing().returning(column)


@functools.cache
def _putting(model: type[Model], _on_sqlite: bool, key: str, names: tuple[str, ...]) -> Insert:
    row = upsert(model)
    return row.on_conflict_do_update(
        index_elements=[key], set_={name: row.excluded[name] for name in names}
    )
