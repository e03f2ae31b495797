"""Every migration, on a database that is in use: nothing is lost, and every rule still holds."""

import re
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Enum, inspect
from sqlalchemy.exc import DBAPIError

from booking.extensions import db
from tests.migrations.plain_sql import (
    REVISIONS,
    VERSION,
    Content,
    content,
    fill,
    refusal,
    revisions,
    run,
    tables,
    up_with_data,
)
from tests.migrations.refused import (
    APPENDED,
    APPENDED_TABLES,
    BUSY,
    CHANGES,
    FOREIGN,
    OVERLAP,
    REFUSED,
)
from tests.migrations.rows import ROWS
from tests.promises.source import ROOT


def test_revisions_are_numbered_in_one_line_and_named_by_intent() -> None:
    assert revisions() == [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)]
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        number, intent = path.stem.split("_", 1)
        said = path.read_text().splitlines()
        assert said[0] == f'"""{intent.replace("_", " ")}'
        assert f"Revision ID: {number}" in said


def test_every_table_has_a_row_to_migrate(migrated_app: Flask) -> None:
    assert tables() == {table for rows in ROWS.values() for table, _ in rows}
    assert tables() == set(db.metadata.tables)


@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_invariant_1_is_an_exclusion_constraint_on_postgresql(migrated_app: Flask) -> None:
    fill(*REVISIONS)
    overlaps = [refusal(sql)[:5] for sql, why in REFUSED if why in (OVERLAP, BUSY)]
    assert overlaps == ["23P01"] * 5


@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_invariant_12_the_trail_is_not_emptied_either(migrated_app: Flask) -> None:
    fill(*REVISIONS)
    assert APPENDED in refusal("TRUNCATE audit_entry")


@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_no_request_waits_for_the_disk_because_it_is_counted(migrated_app: Flask) -> None:
    (table,) = run("SELECT relpersistence FROM pg_class WHERE relname = 'rate_window'")
    assert table["relpersistence"] in ("u", b"u")


@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
def test_rules_kept_by_triggers_are_all_there_on_sqlite(migrated_app: Flask) -> None:
    fill(*REVISIONS)
    triggers = {row["name"] for row in run("SELECT name FROM sqlite_master WHERE type='trigger'")}
    assert triggers == {
        *(f"{rule}_{when}" for rule in (OVERLAP, BUSY) for when in ("insert", "update")),
        *(f"{table}_append_only_{change}" for table in APPENDED_TABLES for change in CHANGES),
        *(f"screening_submission_never_updated_{change}" for change in ("update", "insert")),
    }


def test_the_models_want_nothing_that_migrations_do_not_make(migrated_app: Flask) -> None:
    checked = migrated_app.test_cli_runner().invoke(args=["db", "check"])
    assert checked.exit_code == 0, checked.output
    run("ALTER TABLE patient ADD COLUMN shoe_size INTEGER")
    assert migrated_app.test_cli_runner().invoke(args=["db", "check"]).exit_code == 1


def test_the_database_knows_every_code_and_no_other(migrated_app: Flask) -> None:
    known = inspect(db.engine)
    for table in db.metadata.tables.values():
        checks = {
            check["name"]: check["sqltext"] for check in known.get_check_constraints(table.name)
        }
        for column in table.columns:
            if isinstance(column.type, Enum):
                sql = checks[f"ck_{table.name}_{column.type.name}"]
                assert set(re.findall("'([a-z_.]+)'", sql)) == set(column.type.enums), column


def without_newer_columns(rows: Content, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table by the columns that it has now."""
    columns = {column["name"] for column in inspect(db.engine).get_columns(table)}
    kept = [{key: row[key] for key in row if key in columns} for row in rows[table]]
    return sorted(kept, key=str)


def test_each_downgrade_keeps_the_data_of_what_is_left_down_to_nothing(app: Flask) -> None:
    up_with_data()
    now = content()
    for target in reversed(REVISIONS[:-1]):
        before = now
        downgrade(revision=target)
        now = content()
        left = {table: without_newer_columns(before, table) for table in tables()}
        assert (target, now) == (target, left)
        assert APPENDED in refusal("DELETE FROM audit_entry")
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {VERSION}
    assert run(f"SELECT * FROM {VERSION}") == []
    if db.engine.dialect.name == "postgresql":
        assert run("SELECT proname FROM pg_proc WHERE proname LIKE 'audit%'") == []
    up_with_data()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_upgrade_that_would_leave_an_orphan_is_undone(app: Flask) -> None:
    upgrade(revision="0001")
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("INSERT INTO calendar_day VALUES (77, '2026-12-01', 1)")
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
    with pytest.raises(SystemExit):
        upgrade()
    assert run(f"SELECT version_num FROM {VERSION}") == [{"version_num": "0001"}]


def test_foreign_keys_are_kept_again_after_migrating(app: Flask) -> None:
    upgrade()
    assert re.search(FOREIGN, refusal("INSERT INTO calendar_day VALUES (77, '2026-12-01', 1)"))


def test_a_migration_that_fails_changes_nothing(app: Flask) -> None:
    upgrade(revision="0001")
    run("CREATE TABLE session (id INTEGER)")  # in the way of 0003
    before = tables()
    with pytest.raises(DBAPIError):
        upgrade()
    assert tables() == before
    assert run(f"SELECT version_num FROM {VERSION}") == [{"version_num": "0001"}]
