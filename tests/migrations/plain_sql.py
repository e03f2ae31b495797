"""What a test of migrations does to the database, without the models."""

from typing import Any

from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from booking.extensions import db
from tests.migrations.row_builders import Row
from tests.migrations.rows import ROWS
from tests.promises.source import ROOT

Content = dict[str, list[dict[str, Any]]]
VERSION = "alembic_version"


def revisions() -> list[str]:
    """Return every revision from the first to the only head."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    return [script.revision for script in scripts.walk_revisions()][::-1]


REVISIONS = revisions()


def run(sql: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run one statement by itself; return its rows."""
    with db.engine.connect() as connection:
        found = connection.execute(text(sql), values or {})
        return [dict(row) for row in found.mappings()] if found.returns_rows else []


def insert(row: Row) -> None:
    """Insert one row."""
    table, values = row
    names, given = ", ".join(values), ", ".join(f":{name}" for name in values)
    run(f"INSERT INTO {table} ({names}) VALUES ({given})", values)


def fill(*at: str) -> None:
    """Insert what came with these revisions."""
    for revision in at:
        for row in ROWS.get(revision, ()):
            insert(row)


def up_with_data() -> None:
    """Fill an empty database at the first revision, upgrade it to the head, and fill the rest there."""
    first, *later = REVISIONS
    upgrade(revision=first)
    fill(first)
    upgrade()
    fill(*later)


def tables() -> set[str]:
    """Return the tables there are, but Alembic's own."""
    return set(inspect(db.engine).get_table_names()) - {VERSION}


def content() -> Content:
    """Return every row of every table, by the columns there are."""
    names = tables()  # before the connection is taken that migrated: its plans went with it
    with db.engine.connect() as connection:
        rows = {name: connection.execute(text(f"SELECT * FROM {name}")) for name in names}
        return {name: sorted(map(dict, found.mappings()), key=str) for name, found in rows.items()}


def lost(before: Content, after: Content) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of `before` that are no longer there, by the columns they had."""
    return [
        (table, row)
        for table, rows in before.items()
        for row in rows
        if not any(row.items() <= present.items() for present in after.get(table, []))
    ]


def refusal(sql: str) -> str:
    """Return what the database says against a statement: SQLSTATE, if there is one, and message."""
    try:
        run(sql)
    except DBAPIError as error:
        return f"{getattr(error.orig, 'sqlstate', '')} {error.orig}"
    return "not refused"
