"""INSERT ... VALUES of several rows, into several tables at once where the database can.

On PostgreSQL each statement is a way there and back; SQLite has one table a statement. The statements
are written out, since SQLAlchemy builds an INSERT of several rows anew each time it runs; each shape
is built once. Rows must have every column that may not be null: models' defaults don't count here.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Table, TextClause, bindparam, text
from sqlalchemy.engine import Connection

from booking.extensions import Model

Row = dict[str, Any]
Target = tuple[type[Model], str | None]  # a table; the unique column whose row is written over
Rows = Mapping[Target, Sequence[Row]]  # all of one table with the same columns
Shape = tuple[Target, tuple[str, ...], int]  # a table, its columns named, how many rows

TOGETHER = 8  # rows of a table in one statement; more are sent one after the other


def table_of(model: type[Model]) -> Table:
    """Return the table that a model maps."""
    return cast(Table, model.__table__)


def insert_rows(connection: Connection, rows: Rows) -> None:
    """Insert rows into each table, over the rows that have the same keys where a target says so."""
    few = {target: some for target, some in rows.items() if len(some) <= TOGETHER}
    for target in rows.keys() - few.keys():
        one_by_one = [_values({target: [row]}) for row in rows[target]]
        connection.execute(_inserting(_shapes({target: rows[target][:1]})), one_by_one)
    for part in _together(connection, few):
        connection.execute(_inserting(_shapes(part)), _values(part))


def _together(connection: Connection, rows: Rows) -> list[Rows]:
    """Return the rows in parts, each for one statement."""
    if connection.dialect.name == "sqlite":
        return [{target: some} for target, some in rows.items()]
    return [rows] if rows else []


def _shapes(rows: Rows) -> tuple[Shape, ...]:
    return tuple((target, tuple(some[0]), len(some)) for target, some in rows.items())


def _values(rows: Rows) -> Row:
    """Return the rows as one statement's parameters."""
    return {
        _parameter(target, place, name): value
        for target, some in rows.items()
        for place, row in enumerate(some)
        for name, value in row.items()
    }


def _parameter(target: Target, place: int, name: str) -> str:
    return f"{target[0].__tablename__}_{place}_{name}"


@lru_cache(maxsize=256)
def _inserting(shapes: tuple[Shape, ...]) -> TextClause:
    """Return one statement: the last table's INSERT, WITH those of all others."""
    *others, last = [_inserting_into(*shape) for shape in shapes]
    beside = ", ".join(f"part_{number} AS ({one})" for number, one in enumerate(others))
    typed = [
        bindparam(_parameter(target, place, name), type_=table_of(target[0]).c[name].type)
        for target, names, count in shapes
        for place in range(count)
        for name in names
    ]
    return text(f"WITH {beside} {last}" if beside else last).bindparams(*typed)


def _inserting_into(target: Target, names: Sequence[str], count: int) -> str:
    rows = ", ".join(
        "(" + ", ".join(f":{_parameter(target, place, name)}" for name in names) + ")"
        for place in range(count)
    )
    model, key = target
    into = f"INSERT INTO {table_of(model).name} ({', '.join(names)}) VALUES {rows}"  # noqa: S608 - names of our own
    return f"{into} {_over(key, names)}" if key else into


def _over(key: str, names: Sequence[str]) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    return f"ON CONFLICT ({key}) DO UPDATE SET {changes}"
