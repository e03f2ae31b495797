"""Every migration, on a database that is in use: nothing is lost, and every rule still holds."""

import re
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Enum, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError

from booking.extensions import db
from tests.migrations.plain_sql import (
    VERSION,
    Content,
    content,
    fill,
    insert,
    refusal,
    revisions,
    run,
    still_there,
    tables,
)
from tests.migrations.rows import ELEVEN, ONE, ROWS, TEN, TWO, appointment
from tests.promises.source import ROOT

REVISIONS = revisions()
CLAIM = "INSERT INTO claim (resource_id, appointment_id, starts_at, ends_at) VALUES"
TRAIL = ("audit_entry", "audit_seal")
CHANGES = ("update", "delete", "insert")
APPENDED, FOREIGN, SAME_DAY = "append_only", "(?i)foreign key", "(?i)unique"
OVERLAP = "claim_resource_id_no_overlap"
BUSY = "appointment_patient_id_no_overlap"
REFUSED = [
    (f"{CLAIM} (1, 2, '2026-12-01 17:59:00', '2026-12-01 18:01:00')", OVERLAP),
    (f"{CLAIM} (1, 2, '{TEN}', '{ONE}')", OVERLAP),
    (f"UPDATE claim SET starts_at = '{TEN}', ends_at = '{ELEVEN}' WHERE id = 2", OVERLAP),
    ("UPDATE claim SET ends_at = '2026-12-01 18:01:00' WHERE id = 1", OVERLAP),
    (f"UPDATE appointment SET starts_at = '{TEN}', ends_at = '{ELEVEN}' WHERE id = 2", BUSY),
    ("UPDATE appointment SET is_infusion = (1 = 1), local_date = '2026-12-01' WHERE id = 2",
     SAME_DAY),
    ("UPDATE audit_entry SET actor = 'nobody'", APPENDED),
    ("DELETE FROM audit_entry", APPENDED),
    (f"{CLAIM} (1, 77, '2027-01-01 10:00:00', '2027-01-01 11:00:00')", FOREIGN),
    ("DELETE FROM location", FOREIGN),
    ("UPDATE appointment SET patient_id = 77 WHERE id = 1", FOREIGN),
    (f"{CLAIM} (1, 2, '{ONE}', '{TEN}')", "starts_before_it_ends"),
    ("UPDATE resource SET kind = 'sofa'", "ck_resource_resourcekind"),
]  # fmt: skip


def up_with_data(start: str) -> None:
    """Fill an empty database at revision `start`, upgrade it to the head, and fill the rest."""
    place = REVISIONS.index(start) + 1
    upgrade(revision=start)
    fill(*REVISIONS[:place])
    upgrade()
    fill(*REVISIONS[place:])


def test_revisions_are_numbered_in_one_line_and_named_by_intent() -> None:
    assert revisions() == [f"{number:04d}" for number in range(1, len(REVISIONS) + 1)]
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        number, intent = path.stem.split("_", 1)
        said = path.read_text().splitlines()
        assert said[0] == f'"""{intent.replace("_", " ")}'
        assert f"Revision ID: {number}" in said


def test_every_table_has_a_row_to_migrate(app: Flask) -> None:
    upgrade()
    assert tables() == {table for rows in ROWS.values() for table, _ in rows}
    assert tables() == set(db.metadata.tables)


@pytest.mark.parametrize("start", REVISIONS)
def test_data_of_every_revision_is_still_there_at_the_head(app: Flask, start: str) -> None:
    upgrade(revision=start)
    fill(*REVISIONS[: REVISIONS.index(start) + 1])
    before = content()
    upgrade()
    assert before["location"]
    assert still_there(before) == before


@pytest.mark.parametrize("start", REVISIONS)
def test_invariants_1_2_and_12_hold_after_upgrading_from(app: Flask, start: str) -> None:
    up_with_data(start)
    said = {sql: refusal(sql) for sql, _ in REFUSED}
    assert [(sql, said[sql]) for sql, why in REFUSED if not re.search(why, said[sql])] == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_invariant_1_is_an_exclusion_constraint_on_postgresql(app: Flask) -> None:
    up_with_data(REVISIONS[0])
    overlaps = [refusal(sql)[:5] for sql, why in REFUSED if why in (OVERLAP, BUSY)]
    assert overlaps == ["23P01"] * 5


@pytest.mark.parametrize("start", REVISIONS)
def test_invariant_2_a_patient_has_one_appointment_at_a_time(app: Flask, start: str) -> None:
    up_with_data(start)
    elsewhere = {"local_date": "2026-12-05", "is_infusion": False}
    with pytest.raises(IntegrityError, match=BUSY):
        insert(appointment(9, TEN, ELEVEN, **elsewhere))
    with pytest.raises(IntegrityError, match=SAME_DAY):
        insert(appointment(9, ONE, TWO))
    insert(appointment(9, TEN, ELEVEN, status="cancelled"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_invariant_12_the_trail_is_not_emptied_either(app: Flask) -> None:
    up_with_data(REVISIONS[0])
    assert APPENDED in refusal("TRUNCATE audit_entry")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_rules_kept_by_triggers_are_all_there_on_sqlite(app: Flask) -> None:
    up_with_data(REVISIONS[0])
    triggers = {row["name"] for row in run("SELECT name FROM sqlite_master WHERE type='trigger'")}
    assert triggers == {
        *(f"{rule}_{when}" for rule in (OVERLAP, BUSY) for when in ("insert", "update")),
        *(f"{table}_append_only_{change}" for table in TRAIL for change in CHANGES),
    }


@pytest.mark.parametrize("start", REVISIONS)
def test_an_abandoned_hold_takes_all_under_it_along(app: Flask, start: str) -> None:
    up_with_data(start)
    run("DELETE FROM appointment WHERE id = 3")
    left = content()
    assert [claim["appointment_id"] for claim in left["claim"]] == [1, 2]
    assert left["booking_draft"] == left["screening_response"] == []


def test_the_models_want_nothing_that_migrations_do_not_make(app: Flask) -> None:
    upgrade()
    checked = app.test_cli_runner().invoke(args=["db", "check"])
    assert checked.exit_code == 0, checked.output
    run("ALTER TABLE patient ADD COLUMN shoe_size INTEGER")
    assert app.test_cli_runner().invoke(args=["db", "check"]).exit_code == 1


def test_the_database_knows_every_code_and_no_other(app: Flask) -> None:
    upgrade()
    known = inspect(db.engine)
    for table in db.metadata.tables.values():
        checks = {
            check["name"]: check["sqltext"] for check in known.get_check_constraints(table.name)
        }
        for column in table.columns:
            if isinstance(column.type, Enum):
                sql = checks[f"ck_{table.name}_{column.type.name}"]
                assert set(re.findall("'([a-z_]+)'", sql)) == set(column.type.enums), column


def test_downgrading_to_nothing_leaves_nothing(app: Flask) -> None:
    up_with_data(REVISIONS[0])
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {VERSION}
    assert run(f"SELECT * FROM {VERSION}") == []
    if db.engine.dialect.name == "postgresql":
        assert run("SELECT proname FROM pg_proc WHERE proname LIKE 'audit%'") == []
    up_with_data(REVISIONS[0])


def without_newer_columns(rows: Content, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table by the columns that it has now."""
    columns = {column["name"] for column in inspect(db.engine).get_columns(table)}
    kept = [{key: row[key] for key in row if key in columns} for row in rows[table]]
    return sorted(kept, key=str)


@pytest.mark.parametrize("target", REVISIONS)
def test_each_downgrade_keeps_the_data_of_what_is_left(app: Flask, target: str) -> None:
    up_with_data(REVISIONS[0])
    before = content()
    downgrade(revision=target)
    assert content() == {table: without_newer_columns(before, table) for table in tables()}
    assert APPENDED in refusal("DELETE FROM audit_entry")


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
