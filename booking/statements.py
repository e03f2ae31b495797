"""Writing rows with fewer and cheaper statements than the unit of work's; all within a transaction.

A flush looks at all that a session holds and keeps track of it: three times the work of the INSERT
itself, and a booking makes nine. Each statement is built once for each database: building costs as
much as running it.
"""

import functools
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, insert, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from booking.engines import lock_sqlite
from booking.extensions import Model, db

Insert = postgresql.Insert | sqlite.Insert


def on_sqlite() -> bool:
    """Tell which of the two databases is in use."""
    return db.engine.dialect.name == "sqlite"


def upsert(model: type[Model]) -> Insert:
    """Return an INSERT into `model`'s table that knows ON CONFLICT on the database in use."""
    table = _table(model)
    return sqlite.insert(table) if on_sqlite() else postgresql.insert(table)


def lock_table(model: type[Model]) -> None:
    """Keep others from writing this table (on SQLite, from writing at all) to the transaction's end."""
    connection = db.session.connection()
    if on_sqlite():
        lock_sqlite(connection)
    else:
        connection.exec_driver_sql(f"LOCK TABLE {_table(model).name} IN EXCLUSIVE MODE")


def put(model: type[Model], row: dict[str, Any], *, key: str) -> None:
    """Insert a row, or write it over the one that has the same `key` (a unique column)."""
    db.session.connection().execute(_putting(model, on_sqlite(), key, tuple(row)), row)


def insert_unless_there(model: type[Model], row: dict[str, Any], *, returning: str) -> Any:
    """Insert a row and return its column `returning`; None when a unique key was there already."""
    return db.session.connection().scalar(_inserting(model, on_sqlite(), returning), row)


def write(one: Model) -> None:
    """Write an object at once: its row, when it is new, and then it has its id; else its changes.

    What a new one was not given is read from the database when it is asked for.
    """
    if not inspect(one).transient:
        db.session.flush()
        return
    given = {name: value for name, value in vars(one).items() if name in one.__table__.columns}
    set_committed_value(one, "id", db.session.connection().scalar(_adding(type(one)), given))
    make_transient_to_detached(one)
    db.session.add(one)


def insert_all(model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns; a single one by itself, which is cheaper than a list."""
    db.session.connection().execute(_inserting_all(model), rows if len(rows) > 1 else rows[0])


def write_last(model: type[Model], row: dict[str, Any]) -> None:
    """Write a row at the end of the transaction, in one statement with others of its table.

    For what nothing within the transaction reads.
    """
    db.session.info.setdefault("last", {}).setdefault(model, []).append(row)


def write_the_last() -> None:
    """Write the rows that were put off to the end."""
    for model, rows in db.session.info.pop("last", {}).items():
        insert_all(model, rows)


def forget_last() -> None:
    """Forget the rows that were put off to the end: nothing is to be written."""
    db.session.info.pop("last", None)


def _table(model: type[Model]) -> Table:
    return cast(Table, model.__table__)


@functools.cache
def _adding(model: type[Model]) -> Any:
    return insert(_table(model)).returning(_table(model).c.id)


@functools.cache
def _inserting_all(model: type[Model]) -> Any:
    return insert(_table(model)).inline()  # else one row alone is asked for its id


@functools.cache
def _putting(model: type[Model], _on_sqlite: bool, key: str, names: tuple[str, ...]) -> Insert:
    putting = upsert(model)
    changed = {name: putting.excluded[name] for name in names}
    return putting.on_conflict_do_update(index_elements=[key], set_=changed)


@functools.cache
def _inserting(model: type[Model], _on_sqlite: bool, returning: str) -> Any:
    column = model.__table__.c[returning]
    return upsert(model).on_conflict_do_nothing().returning(column)
