"""Runs the migrations on the database of the app that Flask-Migrate made."""

from contextlib import suppress
from typing import Any, Literal

import click
from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy.engine import Connection

import booking.clinic.models  # noqa: F401 - what commands alone load is compared, too
from booking import clock
from booking.appointments.local_times import preserve_local_times
from booking.db.engines import write_options
from booking.db.transactions import UtcDateTime
from booking.extensions import db

config = context.config


def leave_out_exclusions(
    item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any
) -> bool:
    """Keep the index behind an exclusion constraint out of comparisons: no_overlap() owns it."""
    return not (kind == "index" and name is not None and name.endswith("_no_overlap"))


def render_instants(kind: str, item: Any, writing: AutogenContext) -> str | Literal[False]:
    """Write our type of instants by its name, with its import, into a new migration."""
    if kind == "type" and isinstance(item, UtcDateTime):
        writing.imports.add("from booking.db.transactions import UtcDateTime")
        return "UtcDateTime()"
    return False


def migrate(connection: Connection) -> None:
    """Run in one transaction, and on SQLite check afterwards that no row lost the one it points to."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        transactional_ddl=True,  # SQLite's too: Alembic would commit each migration by itself
        include_object=leave_out_exclusions,
        render_item=render_instants,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"rows without the row they point to: {broken}")


def set_foreign_keys(connection: Connection, state: str) -> None:
    """Switch SQLite's foreign keys outside any transaction: a rebuilt table would cascade."""
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        if driver is None:
            raise RuntimeError("the connection is closed")
        driver.execute(f"PRAGMA foreign_keys={state}")


def is_upgrade_to_the_newest() -> bool:
    """Tell whether the models fit the database now: no step back, and no mere look."""
    with suppress(KeyError):  # commands that only look have no revision to go to
        return context.get_revision_argument() == context.get_head_revision()
    return False


def migrate_own_database() -> None:
    """Migrate the app's database, and keep local times as they were promised."""
    with db.engine.connect().execution_options(**write_options(db.engine)) as connection:
        set_foreign_keys(connection, "OFF")
        try:
            migrate(connection)
        finally:
            set_foreign_keys(connection, "ON")
    if is_upgrade_to_the_newest():
        for change in preserve_local_times(clock.now()):
            click.echo(str(change))


# Whoever copies into an empty database migrates it in a transaction of its own (storage.schema).
if (found := config.attributes.get("connection")) is not None:
    migrate(found)
else:
    migrate_own_database()
