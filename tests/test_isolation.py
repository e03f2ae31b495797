"""What one test does is gone for the next, though they share a process's app and PostgreSQL database."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import Any, NoReturn

import psycopg
import pytest
from sqlalchemy import select, text

from booking.audit.models import AuditEntry
from booking.audit.operations import record
from booking.extensions import db
from tests.builders import NOW
from tests.databases import postgresql_database, sqlite_database
from tests.shared_app import app_on

CONTENT = """
SELECT table_name, (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM ' || table_name,
    false, true, '')))[1]::text
FROM information_schema.tables WHERE table_schema = 'public'
UNION ALL SELECT sequencename, last_value::text FROM pg_sequences
UNION ALL SELECT table_name || '.' || column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public'
UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
UNION ALL SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'version', version_num FROM alembic_version
ORDER BY 1, 2
"""
Database = Callable[[], AbstractContextManager[str]]
CHANGES = [
    "INSERT INTO heartbeat (worker, at) VALUES ('a', now())",
    "SELECT nextval('audit_entry_id_seq')",
    "UPDATE alembic_version SET version_num = 'another'",
    "ALTER TABLE patient ADD COLUMN shoe_size integer",
    "ALTER TABLE claim DROP CONSTRAINT claim_resource_id_no_overlap",
    "DROP TRIGGER audit_entry_append_only ON audit_entry",
    "CREATE TABLE more (id integer)",
]


def connect(url: str) -> "closing[psycopg.Connection[Any]]":
    return closing(psycopg.connect(url, autocommit=True))


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_test_changes_on_postgresql_is_as_before_for_the_next(change: str) -> None:
    with postgresql_database() as url, connect(url) as connection:
        before = connection.execute(CONTENT).fetchall()
        connection.execute(change)
        assert connection.execute(CONTENT).fetchall() != before
    with postgresql_database() as url, connect(url) as connection:
        assert connection.execute(CONTENT).fetchall() == before


def test_what_a_test_leaves_connected_does_not_reach_the_next() -> None:
    with postgresql_database() as url:
        left_open = psycopg.connect(url, autocommit=True)
    with postgresql_database(), pytest.raises(psycopg.OperationalError):
        left_open.execute(CHANGES[0])


def test_a_connections_setting_is_as_before_for_the_next() -> None:
    zones = set()
    for _ in range(2):
        with postgresql_database() as url, app_on(url):
            zones.add(db.session.scalar(text("SHOW TIME ZONE")))
            db.session.execute(text("SET TIME ZONE 'Asia/Tokyo'"))
    assert len(zones) == 1


@pytest.mark.parametrize("database", [sqlite_database, postgresql_database])
def test_what_a_test_writes_and_sets_is_gone_for_the_next(database: Database) -> None:
    for _ in range(2):
        with database() as url, app_on(url) as app:
            assert app.test_client().get("/healthz").status_code == 200
            assert app.config.get("MORE") is app.extensions.get("more") is None
            record("cli", "test", "thing", 1, NOW)
            assert db.session.scalars(select(AuditEntry.id)).all() == [1]
            app.config["MORE"] = app.extensions["more"] = True
            app.before_request_funcs[None].append(fail)


def fail() -> NoReturn:
    raise ZeroDivisionError
