"""Restoring a backup: the whole of it in one step, marked so that nothing is sent before it is settled."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from pyrage.x25519 import Identity
from sqlalchemy import URL, Insert, NullPool, create_engine, insert, inspect
from sqlalchemy.dialects import postgresql

from booking.db.statements import table_of
from booking.extensions import migrate
from booking.messaging.models import Restoration
from booking.storage.backing_up import check_sqlite, decrypt_sqlite, require_rows, verify_backup
from booking.storage.exclusive import open_alone
from booking.storage.scripts import open_script
from booking.storage.sealed_files import Manifest, read_manifest
from booking.storage.snapshots import (
    connect_by,
    copy_pages,
    folder_beside,
    run_tool,
    sqlite_url,
    stream_of,
)
from booking.storage.tables import require_empty

BY_SCRIPT = ["--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--file=-"]
EMPTYING = b"DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"


class WrongKind(Exception):
    """A backup is of another kind of database, or of a newer release."""


def restore_backup(
    path: Path, url: URL, keys: tuple[Identity, ...], now: datetime, *, replace: bool
) -> Manifest:
    """Put a backup into an empty database, or in place of what it holds; nobody else may have it open.

    All of it or nothing, and with it that nothing may be sent. The file is read to its end first. Raises
    `UnreadableBackup`, `WrongKind`, `DatabaseInUse`, `DatabaseUnreachable`, `DatabaseNotEmpty`, `ToolFailed`.
    """
    manifest = read_manifest(path, keys)
    _require_kind(manifest, url)
    has_tables = _look_at_target(url, replace=replace)
    if manifest.database == "postgresql":
        verify_backup(path, keys, url)
        _run_script(path, url, keys, _mark(manifest, now), has_tables=has_tables)
    else:
        _replace_file(path, url, keys, manifest, now)
    return manifest


def _require_kind(manifest: Manifest, url: URL) -> None:
    kind = url.get_backend_name()
    if manifest.database != kind:
        raise WrongKind(f"it is of {manifest.database}, and BOOKING_DATABASE_URL of {kind}")
    try:
        ScriptDirectory.from_config(migrate.get_config()).get_revision(manifest.revision)
    except (CommandError, ResolutionError) as error:
        raise WrongKind(f"it is of a newer release (revision {manifest.revision})") from error


def _look_at_target(url: URL, *, replace: bool) -> bool:
    """Tell whether there are tables. Raises `DatabaseNotEmpty` where there are rows to be lost."""
    with open_alone(url) as connection:
        if not replace:
            require_empty(connection)
        return bool(inspect(connection).get_table_names())


def _mark(manifest: Manifest, now: datetime) -> Insert:
    row = {"backed_up_at": manifest.made_at, "restored_at": now}
    return insert(table_of(Restoration)).values(row)


def _replace_file(
    path: Path, url: URL, keys: tuple[Identity, ...], manifest: Manifest, now: datetime
) -> None:
    with folder_beside(url) as folder:
        copy = decrypt_sqlite(path, keys, folder)
        require_rows(manifest, check_sqlite(copy))
        with create_engine(sqlite_url(copy), poolclass=NullPool).begin() as connection:
            connection.execute(_mark(manifest, now))
        copy_pages(copy, Path(str(url.database)))


def _run_script(
    path: Path, url: URL, keys: tuple[Identity, ...], mark: Insert, *, has_tables: bool
) -> None:
    """Run a backup's SQL and the mark in one transaction.

    Its last line commits it, not the end of psql's input, which comes too when we are killed.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    literal = mark.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    with (
        run_tool("psql", [*BY_SCRIPT, connect_by(url)], url, takes_input=True) as process,
        suppress(BrokenPipeError),  # psql says itself why it ended
    ):
        statements = stream_of(process.stdin)
        statements.write(b"BEGIN;\n")
        if has_tables:
            statements.write(EMPTYING)
        with open_script(path, keys) as script:
            statements.writelines(script)
        statements.write(f"SET search_path = public; {literal}; COMMIT;\n".encode())
        statements.close()
