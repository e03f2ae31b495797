"""Making a backup, and looking into one: a backup that was not read again is a hope."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyrage.x25519 import Identity
from sqlalchemy import URL, NullPool, create_engine

from booking.storage.scripts import count_copied, open_script
from booking.storage.sealed_files import (
    Manifest,
    UnreadableBackup,
    read_manifest,
    read_payload,
    write_sealed,
)
from booking.storage.snapshots import (
    count_rows,
    delete_left_behind,
    folder_beside,
    open_snapshot,
    sqlite_url,
)

PATTERN = "booking-*.age"
NAME = "booking-%Y%m%dT%H%M%SZ.age"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup on disk, read again from its first byte to its last."""

    path: Path
    manifest: Manifest

    @property
    def row_count(self) -> int:
        """How many rows are in it."""
        return sum(self.manifest.rows.values())


def make_backup(url: URL, folder: Path, keys: tuple[Identity, ...], now: datetime) -> Backup:
    """Write a backup of a database in use, and read it again; it has its name only then.

    Raises `ToolFailed`, `UnreadableBackup`, `OSError`.
    """
    path = folder / now.astimezone(UTC).strftime(NAME)
    unfinished = path.with_name(f".{path.name}")
    delete_left_behind(folder, f".{PATTERN}")
    try:
        with open_snapshot(url) as snapshot:
            manifest = Manifest(url.get_backend_name(), snapshot.revision, now, snapshot.rows)
            write_sealed(unfinished, keys[0], manifest, snapshot.payload)
        verify_backup(unfinished, keys, url)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Backup(path, manifest)


def delete_old_backups(folder: Path, count: int) -> list[Path]:
    """Delete all but the newest backups of a folder; return which."""
    old = sorted(folder.glob(PATTERN))[:-count]
    for path in old:
        path.unlink()
    return old


def verify_backup(path: Path, keys: tuple[Identity, ...], url: URL) -> Manifest:
    """Read a backup to its end, and count; `url` is of a database of its kind. Raises `UnreadableBackup`."""
    manifest = read_manifest(path, keys)
    if manifest.database == "postgresql":
        rows = _count_script(path, keys)
    else:
        with folder_beside(url) as folder:
            rows = check_sqlite(decrypt_sqlite(path, keys, folder))
    require_rows(manifest, rows)
    return manifest


def _count_script(path: Path, keys: tuple[Identity, ...]) -> Mapping[str, int]:
    rows: dict[str, int] = {}
    with open_script(path, keys) as script:
        for _ in count_copied(script, rows):
            pass
    return rows


def decrypt_sqlite(path: Path, keys: tuple[Identity, ...], folder: Path) -> Path:
    """Write a backup's SQLite file into a folder; return where. Raises `UnreadableBackup`."""
    copy = folder / "restored.sqlite3"
    with copy.open("wb") as file:
        read_payload(path, keys, file)
    return copy


def check_sqlite(path: Path) -> Mapping[str, int]:
    """Return how many rows each table has. Raises `UnreadableBackup` where the file is damaged."""
    with create_engine(sqlite_url(path), poolclass=NullPool).connect() as connection:
        answer = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if answer != "ok" or connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise UnreadableBackup(f"the database in it is damaged: {answer}")
        return count_rows(connection)


def require_rows(manifest: Manifest, rows: Mapping[str, int]) -> None:
    """Raise `UnreadableBackup` unless each table has as many rows as when the backup was made."""
    for name, count in manifest.rows.items():
        if rows.get(name, 0) != count:
            raise UnreadableBackup(f"{name} has {rows.get(name, 0)} rows in it, and had {count}")
