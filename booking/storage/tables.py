"""What is in a database's tables, whichever kind it is: rows in batches, and what they add up to."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, Table, exists, inspect, select

from booking.extensions import db

BATCH = 1000  # rows in memory at once
VERSIONS = "alembic_version"
WHOLE = 1 << 256

Rows = list[dict[str, Any]]


class DatabaseNotEmpty(Exception):
    """There is something in a database that has to be empty; the message names it."""


@dataclass(slots=True)
class TableSum:
    """How many rows a table has, and the sum of their SHA-256, in whatever order they come."""

    count: int = 0
    total: int = 0

    def add(self, rows: Rows) -> None:
        """Count rows in."""
        self.count += len(rows)
        self.total = (self.total + sum(map(_hash_row, rows))) % WHOLE

    @property
    def digest(self) -> str:
        """The sum in hex."""
        return f"{self.total:064x}"


def list_tables() -> list[Table]:
    """Return all tables, each after those that it points to."""
    return db.metadata.sorted_tables


def read_rows(connection: Connection, table: Table) -> Iterator[Rows]:
    """Yield a table's rows in batches, as the values that its columns' types make of them."""
    result = connection.execution_options(yield_per=BATCH).execute(select(table))
    for batch in result.mappings().partitions():
        yield [dict(row) for row in batch]


def sum_table(connection: Connection, table: Table) -> TableSum:
    """Return what a table's rows add up to."""
    rows = TableSum()
    for batch in read_rows(connection, table):
        rows.add(batch)
    return rows


def _hash_row(row: dict[str, Any]) -> int:
    canonical = json.dumps(row, sort_keys=True, separators=(",", ":"), default=_encode)
    return int.from_bytes(hashlib.sha256(canonical.encode()).digest())


def _encode(value: Any) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"no canonical form of {type(value).__name__}")


def require_empty(connection: Connection) -> None:
    """Raise `DatabaseNotEmpty` unless there are no tables but ours, and no rows in those."""
    names = set(inspect(connection).get_table_names())
    if others := names - db.metadata.tables.keys() - {VERSIONS}:
        raise DatabaseNotEmpty(f"it has a table {min(others)}, which is not ours")
    for table in list_tables():
        if table.name in names and connection.scalar(select(exists().select_from(table))):
            raise DatabaseNotEmpty(f"its table {table.name} has rows")
