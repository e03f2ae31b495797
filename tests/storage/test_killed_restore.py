"""A restore or a backup that is killed half-way leaves the database as it was, and no litter for good."""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from booking import clock, create_app
from booking.extensions import db
from booking.messaging.operations import enqueue
from booking.storage import restoring
from booking.storage.backing_up import make_backup
from booking.storage.exclusive import DatabaseInUse, open_alone
from booking.storage.restoring import restore_backup
from booking.storage.scripts import open_script
from booking.storage.sealed_files import generate_key, parse_keys
from booking.storage.tables import list_tables, sum_table
from tests.databases import settings_for
from tests.demo.loopback_builders import until
from tests.forked import exit_code, forkserver
from tests.messaging.builders import NOON, owed
from tests.shared_app import app_on
from tests.storage.conftest import close_all

DEATH = b"COPY public.patient "  # some tables are there by then, others not


def restore_and_die(url: str, path: Path, key: str) -> None:
    """Restore over what is there, and be killed with half of it run."""

    @contextmanager
    def open_and_die(*arguments: Any) -> Iterator[Iterator[bytes]]:
        with open_script(*arguments) as script:
            yield lines_until_death(script)

    restoring.open_script = open_and_die  # type: ignore[assignment, attr-defined]  # for this process
    with create_app(settings_for(url)).app_context():
        restore_backup(path, db.engine.url, parse_keys(key), NOON, replace=True)


def lines_until_death(script: Iterable[bytes]) -> Iterator[bytes]:
    for line in script:
        yield line
        if line.startswith(DEATH):
            os.kill(os.getpid(), signal.SIGKILL)


def sums(url: URL) -> dict[str, str]:
    """Return what the tables of a database add up to."""
    with open_alone(url) as connection:
        return {table.name: sum_table(connection, table).digest for table in list_tables()}


def is_open_elsewhere(url: URL) -> bool:
    """Tell whether psql, which outlives who feeds it, is still at work."""
    try:
        with open_alone(url):
            return False
    except DatabaseInUse:
        return True


def test_a_restore_that_is_killed_leaves_all_as_it_was(postgresql: URL, tmp_path: Path) -> None:
    url, key = postgresql.render_as_string(hide_password=False), generate_key()
    path = make_backup(postgresql, tmp_path, parse_keys(key), NOON).path
    with app_on(url) as app:
        enqueue(owed(), NOON)
        close_all(app)
    before = sums(postgresql)
    process = forkserver.Process(target=restore_and_die, args=(url, path, key))
    process.start()
    assert exit_code(process, 60) == -signal.SIGKILL
    until(lambda: not is_open_elsewhere(postgresql))
    assert sums(postgresql) == before


def test_what_killed_commands_left_is_deleted_a_day_later(sqlite: URL, tmp_path: Path) -> None:
    keys, now = parse_keys(generate_key()), clock.now()
    for folder, age in ((".copies-old", 25), (".copies-new", 23)):
        copy = Path(str(sqlite.database)).parent / folder
        copy.mkdir()
        (copy / "restored.sqlite3").write_bytes(b"in plain text")
        os.utime(copy, times=(0, (now - timedelta(hours=age)).timestamp()))
    backups = tmp_path / "backups"
    backups.mkdir()
    for name, age in ((".booking-old.age", 25), (".booking-new.age", 23)):
        (backups / name).write_bytes(b"half")
        os.utime(backups / name, times=(0, (now - timedelta(hours=age)).timestamp()))
    made = make_backup(sqlite, backups, keys, now).path
    assert {path.name for path in backups.iterdir()} == {made.name, ".booking-new.age"}
    copies = Path(str(sqlite.database)).parent.glob(".copies-*")
    assert [path.name for path in copies] == [".copies-new"]
