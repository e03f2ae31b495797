"""All that is in a database's tables, and changing one such content into another, on either database."""

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from booking.db.statements import on_sqlite
from booking.extensions import db

Rows = tuple[Any, ...]  # as SQLite gives them, or PostgreSQL's text of each; in their order on disk
COUNTED = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """The rows of each table that has any, and how far PostgreSQL's sequences have counted."""

    rows: Mapping[str, Rows] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def read_content() -> Content:
    """Return what the session's database holds."""
    counts = {} if on_sqlite() else dict(_driver().execute(COUNTED).fetchall())
    return Content(_read(db.metadata.tables), counts)


def is_content(content: Content) -> bool:
    """Tell whether the tables hold just these rows."""
    return _are_alike(_read(db.metadata.tables), content.rows)


def replace_content(before: Content, after: Content) -> bool:
    """Write what makes one content of another; False, and nothing written, where the tables hold others.

    Triggers and foreign keys, which `after` has passed once, are not asked again.
    """
    tables = changed_tables(before, after)
    expected = {name: before.rows[name] for name in tables if name in before.rows}
    if not _are_alike(_read(tables), expected):
        return False
    try:
        (_change_sqlite if on_sqlite() else _change_postgresql)(before, after)
    except psycopg.errors.InsufficientPrivilege:  # only a superuser may keep triggers from firing
        return False
    return True


@functools.cache
def changed_tables(before: Content, after: Content) -> frozenset[str]:
    """Return the tables whose rows differ."""
    names = before.rows.keys() | after.rows.keys()
    return frozenset(name for name in names if before.rows.get(name) != after.rows.get(name))


def _driver() -> Any:
    return db.session.connection().connection.driver_connection


def _read(tables: Collection[str]) -> dict[str, Rows]:
    if not tables:
        return {}
    if on_sqlite():
        read = ((name, _driver().execute(f"SELECT * FROM {name}").fetchall()) for name in tables)
    else:
        each = (f"SELECT '{name}', array_agg(t::text) FROM {name} AS t" for name in tables)
        read = _driver().execute(" UNION ALL ".join(each)).fetchall()
    return {name: tuple(rows) for name, rows in read if rows}


def _are_alike(some: Mapping[str, Rows], others: Mapping[str, Rows]) -> bool:
    """Tell whether two contents hold the same rows, in whatever order."""
    return some.keys() == others.keys() and all(
        sorted(map(repr, rows)) == sorted(map(repr, others[name])) for name, rows in some.items()
    )


def _difference(before: Content, after: Content, name: str) -> tuple[Rows, Rows]:
    """Return the rows of a table that go and those that come."""
    earlier, later = before.rows.get(name, ()), after.rows.get(name, ())
    return tuple(row for row in earlier if row not in later), tuple(
        row for row in later if row not in earlier
    )


def _change_postgresql(before: Content, after: Content) -> None:
    _driver().execute(_message(before, after))


@functools.cache
def _message(before: Content, after: Content) -> str:
    """Return one message to the server, which makes it one transaction."""
    statements = ["SET session_replication_role = replica"]
    for name in changed_tables(before, after):
        gone, new = map(_literals, _difference(before, after, name))
        if gone:
            statements.append(f"DELETE FROM {name} AS t WHERE t::text IN ({gone})")
        if new:
            statements.append(f"INSERT INTO {name} SELECT * FROM unnest(ARRAY[{new}]::{name}[])")
    statements += [
        f"SELECT setval('{name}', {count})"
        for name, count in after.counts.items()
        if before.counts.get(name) != count
    ]
    return "; ".join([*statements, "SET session_replication_role = origin"])


def _literals(rows: Rows) -> str:
    return ", ".join(sql.Literal(row).as_string() for row in rows)


def _change_sqlite(before: Content, after: Content) -> None:
    driver = _driver()
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute("BEGIN IMMEDIATE")
    for statement, values in _statements(before, after):
        driver.executemany(statement, values)
    driver.execute("COMMIT")
    driver.execute("PRAGMA foreign_keys=ON")


@functools.cache
def _statements(before: Content, after: Content) -> list[tuple[str, Sequence[Any]]]:
    """Return statements, each with the values that it is run with."""
    statements: list[tuple[str, Sequence[Any]]] = []
    for name in changed_tables(before, after):
        columns = _driver().execute(f"PRAGMA table_info({name})").fetchall()
        keys = [position for position, *_, is_key in columns if is_key]
        gone, new = _difference(before, after, name)
        condition = " AND ".join(f"{columns[position][1]} = ?" for position in keys)
        gone_keys = [[row[position] for position in keys] for row in gone]
        marks = ", ".join("?" * len(columns))
        statements += [
            (f"DELETE FROM {name} WHERE {condition}", gone_keys),
            (f"INSERT INTO {name} VALUES ({marks})", new),
        ]
    return statements
