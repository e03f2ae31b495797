"""A PostgreSQL database that one process makes once and empties after each test, as long as that will do.

Its connections stay open in between. New ones to a new database read its whole catalogue again and
plan each foreign key's check again: that took three times as long as what most tests ask of them.
"""

from typing import Any

import psycopg

from tests.postgresql_server import create_database, drop_database, url_of

OURS = "tests"  # the application's name of connections that may stay open between tests
TIMES = 100  # after so many it is made anew: what was deleted stays in its files
OPTIONS = f"-c application_name={OURS} -c lock_timeout=2s"
# Without the triggers that refuse to delete. For superusers only.
PAST_TRIGGERS = "SET session_replication_role = replica"
OTHERS = f"""
SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name <> '{OURS}'
"""
# Changes with each CREATE, ALTER and DROP, and with the row that migrations leave.
SHAPE = "SELECT version_num, " + ", ".join(
    f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {catalogue} WHERE {oid} >= 16384)"
    for catalogue, oid in (
        ("pg_class", "oid"), ("pg_attribute", "attrelid"), ("pg_constraint", "oid"),
        ("pg_trigger", "oid"), ("pg_proc", "oid"),
    )
) + " FROM alembic_version"  # fmt: skip
NAMES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = %s"


class ReusedDatabase:
    """One database: `prepare` it before a test, `clear` it after."""

    def __init__(self, name: str, template: str) -> None:
        self.name, self._template = name, template
        self._connection: psycopg.Connection[Any] | None = None

    def prepare(self) -> None:
        """Make it from the template, unless it is there."""
        if self._connection is None:
            create_database(self.name, self._template)
            self._connection = psycopg.connect(url_of(self.name), autocommit=True, options=OPTIONS)
            self._left = TIMES
            self._shape = self._ask(SHAPE)
            self._written = self._written_places()

    def clear(self) -> None:
        """Empty it; or drop it, where others are connected, or it isn't what the template made."""
        self._left -= 1
        try:
            if self._left and not self._ask(OTHERS) and self._ask(SHAPE) == self._shape:
                self._empty()
                return
        except psycopg.Error:
            pass  # locked, or not a superuser's
        self.drop()

    def drop(self) -> None:
        """Drop it if it is there, whoever is connected."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            drop_database(self.name)

    def _ask(self, query: str, *values: str) -> list[Any]:
        assert self._connection is not None
        return self._connection.execute(query, values or None).fetchall()

    def _empty(self) -> None:
        assert self._connection is not None
        statements = [PAST_TRIGGERS, *(row[0] for row in self._ask(self._written))]
        self._connection.execute("; ".join(statements))

    def _written_places(self) -> str:
        """Return a query for the statements that undo what was written to each table and sequence."""
        tables, sequences = ({row[0] for row in self._ask(NAMES, kind)} for kind in "rS")
        return " UNION ALL ".join(
            [f"SELECT 'DELETE FROM {name}' WHERE EXISTS (SELECT FROM {name})"
             for name in tables - {"alembic_version"}]
            + [f"SELECT 'SELECT setval(''{name}'', 1, false)' FROM {name} WHERE is_called"
               for name in sequences]
        )  # fmt: skip
