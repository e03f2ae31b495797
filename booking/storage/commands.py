"""`flask move-database`, `flask backup` and `flask restore`: the database as a whole, for operators."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext
from pyrage.x25519 import Identity
from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError, DBAPIError

from booking import clock
from booking.audit.rules import SealKeys
from booking.db.engines import DATABASES, parse_database_url
from booking.demo.senders import demo_senders
from booking.extensions import db
from booking.messaging.providers.configured import build_senders
from booking.messaging.providers.twilio_http import CONNECTIONS
from booking.messaging.restorations import find_unsettled_restoration
from booking.messaging.rules import Channel
from booking.messaging.senders import ConsoleSender
from booking.storage.backing_up import delete_old_backups, make_backup
from booking.storage.exclusive import DatabaseInUse, DatabaseUnreachable
from booking.storage.moving import MovedDatabase, NotEqual, RowsRefused, SameDatabase, move_database
from booking.storage.restoring import WrongKind, restore_backup
from booking.storage.schema import WrongRevision, require_newest_revision
from booking.storage.sealed_files import InvalidKey, UnreadableBackup, generate_key, parse_keys
from booking.storage.settling import settle_sent
from booking.storage.snapshots import ToolFailed
from booking.storage.tables import DatabaseNotEmpty

MOVE_REFUSALS = {
    SameDatabase: "name another, which is empty",
    DatabaseInUse: "stop the web, its socket and the scheduler first",
    DatabaseUnreachable: "see its address, and its user's rights",
    DatabaseNotEmpty: "name an empty database",
    WrongRevision: "bring it to this release first",
    RowsRefused: "nothing was moved; correct these rows at the old database",
    NotEqual: "nothing was moved",
}


BACKUP_REFUSALS = (ToolFailed, UnreadableBackup, InvalidKey, OSError, sqlite3.Error)
NOBODY_TO_ASK = (
    "nobody can be asked whether they were sent, and nothing goes: set BOOKING_TWILIO_ACCOUNT_SID and "
    "BOOKING_SMTP_URL as they were. What never was set up had nothing to send with: flask restore --settle "
    "--unasked takes what was due there for sent, and the front desk is told of each"
)
RESTORE_REFUSALS = (*BACKUP_REFUSALS, WrongKind)


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
        with say_database_errors("nothing was moved"):
            moved = move_database(db.engine.url, _parse_target(target), keys)
    except tuple(MOVE_REFUSALS) as error:
        raise click.ClickException(f"{error}: {MOVE_REFUSALS[type(error)]}") from error
    _print_tables(moved)
    click.echo(f"moved in {time.monotonic() - begun:.1f} s")
    click.echo("Set BOOKING_DATABASE_URL to it before anything is started again.")


@contextmanager
def say_database_errors(outcome: str) -> Iterator[None]:
    """Let a database's own refusal (its disk is full, a file is none of its own) end a command in a line."""
    try:
        yield
    except DBAPIError as error:  # of whose words the first line has no values
        raise click.ClickException(f"{outcome}: {str(error.orig).splitlines()[0]}") from error


def _parse_target(text: str) -> URL:
    """Return the address; SQLite's from the root, as no two commands mean the same by another."""
    with suppress(ArgumentError):
        url = parse_database_url(text)
        name, kind = url.database or "", url.get_backend_name()
        if kind in DATABASES and name and (kind != "sqlite" or Path(name).is_absolute()):
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


@click.command("backup")
@click.option(
    "--keep", type=click.IntRange(1), help="Delete all but so many, the newest, afterwards."
)
@click.option("--new-key", is_flag=True, help="Only print a new key for BOOKING_BACKUP_KEY.")
@with_appcontext
def run_backup(keep: int | None, new_key: bool) -> None:
    """Write an encrypted backup into BOOKING_BACKUP_FOLDER while all runs, and read it again."""
    if new_key:
        click.echo(generate_key())
        return
    folder = Path(_require_setting("BACKUP_FOLDER"))
    try:
        with say_database_errors("no backup was made"):
            backup = make_backup(db.engine.url, folder, _backup_keys(), clock.now())
        old = delete_old_backups(folder, keep) if keep else []
    except BACKUP_REFUSALS as error:
        raise click.ClickException(f"no backup was made: {error}") from error
    size = backup.path.stat().st_size / 1024**2
    click.echo(f"{backup.path}: {backup.row_count} rows, {size:.1f} MB, read again and whole")
    for path in old:
        click.echo(f"{path} is deleted")


@click.command("restore")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--replace", is_flag=True, help="In place of all that the database has now.")
@click.option("--settle", is_flag=True, help="Afterwards: ask the provider what was sent since.")
@click.option(
    "--unasked", is_flag=True, help="With it: where no provider is set up, nothing due goes."
)
@with_appcontext
def run_restore(file: Path | None, replace: bool, settle: bool, unasked: bool) -> None:
    """Put the backup FILE into an empty database; then nothing is sent until `flask restore --settle`."""
    if settle is (file is not None) or (unasked and not settle):
        raise click.UsageError("name a FILE, or --settle")
    if file is None:
        _settle(unasked=unasked)
        return
    if replace:
        click.confirm("All that the database has now will be lost. Replace it?", abort=True)
    try:
        with say_database_errors("nothing was restored"):
            manifest = restore_backup(
                file, db.engine.url, _backup_keys(), clock.now(), replace=replace
            )
    except DatabaseNotEmpty as error:
        raise click.ClickException(
            f"nothing was restored: {error}; --replace puts the backup in place of all there is"
        ) from error
    except (DatabaseInUse, DatabaseUnreachable) as error:
        advice = MOVE_REFUSALS[type(error)]
        raise click.ClickException(f"nothing was restored: {error}: {advice}") from error
    except RESTORE_REFUSALS as error:
        raise click.ClickException(f"nothing was restored: {error}") from error
    click.echo(f"{sum(manifest.rows.values())} rows as of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC")
    click.echo("Now flask db upgrade, then flask restore --settle: nothing is sent before.")


def _settle(*, unasked: bool) -> None:
    try:
        require_newest_revision(db.session.connection())
    except WrongRevision as error:
        raise click.ClickException(str(error)) from error
    if find_unsettled_restoration() is None:
        click.echo("Nothing waits to be settled.")
        return
    settings = current_app.config
    _require_provider(settings, unasked=unasked)
    senders = demo_senders(settings) if settings["DEMO"] else build_senders(settings)
    if unasked:
        senders = {**dict.fromkeys(Channel, ConsoleSender()), **senders}
    settlement = settle_sent(clock.now(), senders, "cli")
    click.echo(f"{settlement.suspected} messages may have been sent since the backup")
    if settlement.unaskable:
        raise click.ClickException(f"of {settlement.unaskable} {NOBODY_TO_ASK}")
    if settlement.unanswered:
        raise click.ClickException(
            f"of {settlement.unanswered} nobody can tell yet: nothing is sent; run this again"
        )
    click.echo("All is settled: the scheduler sends what is owed.")


def _require_provider(settings: Mapping[str, Any], *, unasked: bool) -> None:
    """Refuse where nobody can be asked what was sent."""
    if settings["DEMO"] and not settings["DEMO_PROVIDER_URL"]:
        raise click.ClickException("the demo's provider isn't running: make demo starts it")
    if not (unasked or settings["TWILIO_ACCOUNT_SID"] or settings["SMTP_URL"]):
        raise click.ClickException(NOBODY_TO_ASK)
    if urlsplit(settings["TWILIO_BASE_URL"]).scheme not in CONNECTIONS:
        raise click.ClickException("BOOKING_TWILIO_BASE_URL is no http:// or https:// address")


def _backup_keys() -> tuple[Identity, ...]:
    return parse_keys(_require_setting("BACKUP_KEY"))


def _require_setting(name: str) -> str:
    if value := str(current_app.config[name]):
        return value
    advice = "; flask backup --new-key prints one" if name == "BACKUP_KEY" else ""
    raise click.ClickException(f"BOOKING_{name} is not set{advice}")
