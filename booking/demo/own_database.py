"""The demo's own database: a SQLite file that bears a mark, so that it is never taken for a clinic's."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from config import INSTANCE

MARK = b"Demo"  # SQLite's application_id, bytes 68 to 71 of a file's header
BESIDE = ("", "-wal", "-shm", "-journal", "-turn")  # what SQLite and `engines` keep of one file


class NotTheDemos(RuntimeError):
    """The database is not one that the demo made; the message names it."""


def file_of(database_url: str) -> Path | None:
    """Return the file that a SQLite URL names by its path; None for any other database.

    A relative path is one under `instance/`, as Flask-SQLAlchemy has it.
    """
    url = make_url(database_url)
    name = url.database or ":memory:"
    if url.get_backend_name() != "sqlite" or name.startswith((":memory:", "file:")):
        return None
    return INSTANCE / name


def is_the_demos(file: Path) -> bool:
    """Tell whether the demo made this file."""
    return file.is_file() and _header(file)[68:72] == MARK


def is_a_clinics(file: Path) -> bool:
    """Tell whether there is anything in this file that the demo did not make."""
    return file.exists() and file.stat().st_size > 0 and not is_the_demos(file)


def _header(file: Path) -> bytes:
    with file.open("rb") as header:
        return header.read(100)


def make(file: Path) -> None:
    """Make and mark the file where there is none yet. Raises `NotTheDemos` for any other than the demo's."""
    if is_a_clinics(file):
        raise NotTheDemos(f"{file} was not made by the demo")
    if not is_the_demos(file):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"PRAGMA application_id = {int.from_bytes(MARK)}")


def delete(file: Path) -> None:
    """Delete the demo's file and what is kept beside it. Raises `NotTheDemos` for any other."""
    if is_a_clinics(file):
        raise NotTheDemos(f"{file} was not made by the demo")
    for path in _parts(file):
        path.unlink(missing_ok=True)


def _parts(file: Path) -> Iterator[Path]:
    for ending in BESIDE:
        yield file.with_name(file.name + ending)
