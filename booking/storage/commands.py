"""`flask move-database`: the database as a whole, for operators."""

import time
from contextlib import suppress

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError

from booking.audit.rules import SealKeys
from booking.db.engines import DATABASES, parse_database_url
from booking.extensions import db
from booking.storage.exclusive import DatabaseInUse, DatabaseUnreachable
from booking.storage.moving import MovedDatabase, NotEqual, RowsRefused, move_database
from booking.storage.schema import WrongRevision
from booking.storage.tables import DatabaseNotEmpty

REFUSALS = {
    DatabaseInUse: "stop the web and the scheduler first",
    DatabaseUnreachable: "see its address, and its user's rights",
    DatabaseNotEmpty: "name an empty database",
    WrongRevision: "bring it to this release first",
    RowsRefused: "nothing was moved; correct these rows at the old database",
    NotEqual: "nothing was moved",
}


@click.command("move-database")
@click.argument("target", metavar="TARGET_URL")
@with_appcontext
def run_move(target: str) -> None:
    """Move all data into the empty database TARGET_URL, SQLite's or PostgreSQL's, and compare them.

    All of it arrives or nothing. The database in use stays as it is; nobody else may have it open.
    """
    if current_app.config["DEMO"]:
        raise click.ClickException("the demo's data are nobody's: they stay where they are")
    keys = SealKeys.from_settings(current_app.config["AUDIT_KEY"], current_app.config["SECRET_KEY"])
    begun = time.monotonic()
    try:
        moved = move_database(db.engine.url, _parse_target(target), keys)
    except tuple(REFUSALS) as error:
        raise click.ClickException(f"{error}: {REFUSALS[type(error)]}") from error
    _print_tables(moved)
    click.echo(f"moved in {time.monotonic() - begun:.1f} s")
    click.echo("Set BOOKING_DATABASE_URL to it before anything is started again.")


def _parse_target(text: str) -> URL:
    with suppress(ArgumentError):
        url = parse_database_url(text)
        if url.get_backend_name() in DATABASES and url.database:
            return url
    raise click.BadParameter("write postgresql://…/name or sqlite:////folder/file")


def _print_tables(moved: MovedDatabase) -> None:
    for name, rows in sorted(moved.tables.items()):
        click.echo(f"{name:24} {rows.count:9} rows  {rows.digest}")
    count = sum(rows.count for rows in moved.tables.values())
    click.echo(f"{len(moved.tables)} tables, {count} rows: equal, read again from the new database")
    click.echo(
        f"{moved.constraints} constraints and indexes, {moved.rules} rules of overlap and append-only: equal"
    )
    if moved.trail is None:
        click.echo(f"the audit trail is broken, as it was before: {moved.broken_trail}")
    else:
        click.echo(
            f"{moved.trail.head.count} sealed entries of the audit trail, all as they were written"
        )
