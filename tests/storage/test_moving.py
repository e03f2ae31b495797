"""A clinic moves to another database whole, checked, or not at all."""

import os
import re
import shutil
import signal
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL, NullPool, create_engine, insert, text
from sqlalchemy.exc import DBAPIError

from booking import create_app
from booking.audit.models import AuditEntry
from booking.db.engines import parse_database_url
from booking.db.statements import table_of
from booking.reminders.operations import record_heartbeat
from booking.storage import moving, snapshots
from booking.storage.exclusive import DatabaseInUse, DatabaseUnreachable, open_alone
from booking.storage.moving import NotEqual, RowsRefused, SameDatabase, move_database
from booking.storage.schema import WrongRevision
from booking.storage.sealed_files import generate_key
from booking.storage.tables import DatabaseNotEmpty, TableSum, list_tables, sum_table
from tests.databases import settings_for
from tests.forked import exit_code, forkserver
from tests.storage.conftest import FILLED_AT, KEYS, close_all

pytestmark = pytest.mark.usefixtures("sqlite_app")


def sums(url: URL) -> dict[str, TableSum]:
    """Return what a database's tables add up to."""
    with open_alone(url) as connection:
        return {table.name: sum_table(connection, table) for table in list_tables()}


def run(url: URL, statement: str) -> None:
    """Run a statement, committed."""
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text(statement))


def next_entry_id(url: URL) -> int:
    """Return the id that the next entry of the trail would get."""
    entry = insert(table_of(AuditEntry)).values(
        at=FILLED_AT, actor="cli", action="-", subject_kind="-", subject_id=1, facts={}
    )
    with open_alone(url) as connection:
        entry_id = int(connection.execute(entry).inserted_primary_key[0])
        connection.rollback()
    return entry_id


def test_a_database_does_not_move_onto_itself_by_whatever_path(
    clinic: URL, postgresql: URL, tmp_path: Path
) -> None:
    link = tmp_path / "link.sqlite3"
    link.symlink_to(str(clinic.database))
    for source, target in (
        (clinic, clinic),
        (clinic, parse_database_url(f"sqlite:///{link}")),
        (postgresql, postgresql),
    ):
        with pytest.raises(SameDatabase, match="are the same"):
            move_database(source, target, KEYS)


def test_a_month_moves_there_and_back_and_is_equal(
    clinic: URL, postgresql: URL, tmp_path: Path
) -> None:
    before = sums(clinic)
    assert sum(rows.count for rows in before.values()) > 5000
    moved = move_database(clinic, postgresql, KEYS)
    assert moved.tables == before == sums(postgresql)
    assert moved.trail.head.count > 100
    assert next_entry_id(postgresql) == before["audit_entry"].count + 1
    with pytest.raises(DBAPIError, match="append_only"):
        run(postgresql, "DELETE FROM audit_entry")
    back = parse_database_url(f"sqlite:///{tmp_path / 'back.sqlite3'}")  # made by the migrations
    assert move_database(postgresql, back, KEYS).trail == moved.trail
    assert sums(back) == sums(clinic) == before
    with pytest.raises(DBAPIError, match="append_only"):
        run(back, "DELETE FROM audit_entry")


def test_nothing_moves_while_anybody_else_is_there(sqlite: URL, postgresql: URL) -> None:
    for url in (sqlite, postgresql):
        with create_engine(url, poolclass=NullPool).connect() as connection:
            connection.execute(text("SELECT count(*) FROM patient"))
            for source, target in ((sqlite, postgresql), (postgresql, sqlite)):
                with pytest.raises(DatabaseInUse):
                    move_database(source, target, KEYS)


def test_who_comes_while_it_moves_stops_it(
    postgresql: URL, sqlite: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = create_engine(postgresql)

    def compare_and_come(*arguments: object) -> object:
        late.connect()
        return compare(*arguments)  # type: ignore[arg-type]

    compare = moving._compare
    monkeypatch.setattr(moving, "_compare", compare_and_come)
    with pytest.raises(DatabaseInUse, match="connections: 1"):
        move_database(postgresql, sqlite, KEYS)
    late.dispose()


def test_where_it_does_not_fit_nothing_moves(sqlite: URL, postgresql: URL, tmp_path: Path) -> None:
    copy = parse_database_url(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    nowhere = parse_database_url(f"sqlite:///{tmp_path / 'none' / 'copy.sqlite3'}")
    with pytest.raises(DatabaseUnreachable):
        move_database(sqlite, nowhere, KEYS)
    run(copy, "CREATE TABLE others (id INTEGER)")
    with pytest.raises(DatabaseNotEmpty, match="others"):
        move_database(sqlite, copy, KEYS)
    run(postgresql, "INSERT INTO heartbeat VALUES ('one', now())")
    with pytest.raises(DatabaseNotEmpty, match="heartbeat"):
        move_database(sqlite, postgresql, KEYS)
    run(postgresql, "DELETE FROM heartbeat")
    run(sqlite, "INSERT INTO heartbeat VALUES (printf('%81d', 1), '2026-12-01 10:00:00.000000')")
    with pytest.raises(RowsRefused, match="heartbeat: value too long"):
        move_database(sqlite, postgresql, KEYS)
    run(sqlite, "DELETE FROM heartbeat")
    run(sqlite, "DROP TRIGGER claim_resource_id_no_overlap_insert")
    run(sqlite, "DROP TRIGGER claim_resource_id_no_overlap_update")
    with pytest.raises(NotEqual, match="claim_resource_id_no_overlap"):
        move_database(sqlite, postgresql, KEYS)
    run(sqlite, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(WrongRevision, match="0001"):
        move_database(sqlite, postgresql, KEYS)
    assert sum(rows.count for rows in sums(postgresql).values()) == 0


def move_and_die(source: URL, target: URL) -> None:
    """Move, and be killed with half of it copied."""

    def copy_and_die(*arguments: Any) -> TableSum:
        if arguments[2].name == "message":
            os.kill(os.getpid(), signal.SIGKILL)
        return copy(*arguments)

    copy = moving._copy_table
    moving._copy_table = copy_and_die  # type: ignore[assignment]  # for this process
    with create_app(settings_for(str(source))).app_context():
        move_database(source, target, KEYS)


def test_killed_half_way_there_is_nothing_and_it_can_be_done_again(
    sqlite: URL, postgresql: URL, tmp_path: Path
) -> None:
    empty = sums(postgresql)
    run(sqlite, "INSERT INTO heartbeat VALUES ('one', '2026-12-01 10:00:00.000000')")
    before = sums(sqlite)
    back = parse_database_url(f"sqlite:///{shutil.copy(str(sqlite.database), tmp_path / 'back')}")
    run(back, "DELETE FROM heartbeat")
    for source, target in ((sqlite, postgresql), (postgresql, back)):
        process = forkserver.Process(target=move_and_die, args=(source, target))
        process.start()
        assert exit_code(process, 60) == -signal.SIGKILL
        assert (sums(source), sums(target)) == (before, empty)
        assert move_database(source, target, KEYS).tables == before


def test_the_command_prints_what_it_compared(sqlite_app: Flask, postgresql: URL) -> None:
    record_heartbeat("one", FILLED_AT)
    close_all(sqlite_app)
    command = sqlite_app.test_cli_runner()
    target = postgresql.render_as_string(hide_password=False)
    moved = command.invoke(args=["move-database", target])
    assert moved.exit_code == 0, moved.output
    assert re.search(r"^heartbeat +1 rows  [0-9a-f]{64}$", moved.output, re.MULTILINE)
    again = command.invoke(args=["move-database", target])
    assert (again.exit_code, "name an empty database" in again.output) == (1, True)
    for nothing in ("mysql://a/b", "nonsense", "postgresql://", "sqlite:///here.sqlite3"):
        assert command.invoke(args=["move-database", nothing]).exit_code == 2
    sqlite_app.config["DEMO"] = True
    assert "nobody's" in command.invoke(args=["move-database", target]).output


def test_what_a_database_itself_refuses_is_said_in_a_line(
    sqlite_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say(*arguments: str) -> str:
        close_all(sqlite_app)
        result = sqlite_app.test_cli_runner().invoke(args=arguments)
        assert isinstance(result.exception, SystemExit), result.exception
        return result.output

    def fill_the_disk(_source: Path, _target: Path) -> None:
        raise OperationalError("database or disk is full")

    text = tmp_path / "notes.txt"
    text.write_text("no database at all, and longer than SQLite's header: " * 9)
    message = "Error: nothing was moved: file is not a database\n"
    assert say("move-database", f"sqlite:///{text}") == message
    assert say("move-database", "postgresql://nobody@127.0.0.1:1/x").count("\n") == 1
    sqlite_app.config.update(BACKUP_FOLDER=str(tmp_path), BACKUP_KEY=generate_key())
    monkeypatch.setattr(snapshots, "copy_pages", fill_the_disk)
    assert say("backup") == "Error: no backup was made: database or disk is full\n"
    assert list(tmp_path.glob("*.age")) == []
