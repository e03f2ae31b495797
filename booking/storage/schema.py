"""The schema of a database: brought to this release, and the rules that the database itself keeps."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from alembic import command
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, false, inspect, select, table, union

from booking.extensions import migrate

MASTER = table("sqlite_master", column("type"), column("name"))
TRIGGERS = table("pg_trigger", column("tgname"), column("tgisinternal"))
CONSTRAINTS = table("pg_constraint", column("conname"), column("contype"))
ON_SQLITE = select(MASTER.c.name).where(MASTER.c.type == "trigger")
ON_POSTGRESQL = union(
    select(TRIGGERS.c.tgname).where(TRIGGERS.c.tgisinternal == false()),
    select(CONSTRAINTS.c.conname).where(CONSTRAINTS.c.contype == "x"),  # exclusions
)
SUFFIXES = ("_insert", "_update", "_delete")  # SQLite has a trigger for each change

Constraint = tuple[str, str, str]  # the kind, a table, and what it is about


class WrongRevision(Exception):
    """A database is not at this release's revision of the schema."""


def require_newest_revision(connection: Connection) -> None:
    """Raise `WrongRevision` unless the tables are those of this release."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current != ScriptDirectory.from_config(migrate.get_config()).get_current_head():
        raise WrongRevision(f"its schema is at revision {current}: flask db upgrade")


def upgrade_schema(connection: Connection) -> None:
    """Run the migrations in the transaction of a connection."""
    config = migrate.get_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def list_rules(connection: Connection) -> set[str]:
    """Return the names of what the database refuses by itself: overlaps, and changes of what is final."""
    is_sqlite = connection.dialect.name == "sqlite"
    names = connection.scalars(ON_SQLITE if is_sqlite else ON_POSTGRESQL)
    return {_without_suffix(name) for name in names}


def _without_suffix(name: str) -> str:
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def list_constraints(connection: Connection) -> set[Constraint]:
    """Return what a schema demands of rows, told alike on both kinds of database."""
    inspector = inspect(connection)
    return {
        (kind, table_name, str(name_constraint(constraint)))
        for kind, name_constraint, by_table in (
            ("key", _name_key, inspector.get_multi_foreign_keys()),
            ("unique", itemgetter("column_names"), inspector.get_multi_unique_constraints()),
            ("check", itemgetter("name"), inspector.get_multi_check_constraints()),
            ("index", _name_index, inspector.get_multi_indexes()),
        )
        for (_, table_name), constraints in by_table.items()
        for constraint in constraints
        if not _is_of_a_constraint(constraint)
    }


def _is_of_a_constraint(index: Mapping[str, Any]) -> bool:
    """Tell whether this is but the index that PostgreSQL keeps a constraint with."""
    return "duplicates_constraint" in index or str(index["name"]).endswith("_no_overlap")


def _name_key(key: Mapping[str, Any]) -> tuple[Any, ...]:
    deleted = key["options"].get("ondelete")
    return key["constrained_columns"], key["referred_table"], key["referred_columns"], deleted


def _name_index(index: Mapping[str, Any]) -> tuple[str, bool]:
    return index["name"], bool(index["unique"])
