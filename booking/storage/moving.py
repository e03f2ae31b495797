"""Moving a clinic to another database, of either kind: all of it in one transaction, or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Column, Connection, Table, bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from booking.audit import operations as audit
from booking.audit.operations import SealMismatch, UnknownSealKey, VerifiedTrail
from booking.audit.rules import SealKeys
from booking.storage.exclusive import open_alone, require_alone
from booking.storage.schema import (
    list_constraints,
    list_rules,
    require_newest_revision,
    upgrade_schema,
)
from booking.storage.tables import (
    BATCH,
    Rows,
    TableSum,
    list_tables,
    read_rows,
    require_empty,
    sum_table,
)


class NotEqual(Exception):
    """What arrived is not what was sent; nothing was kept of it."""


class SameDatabase(Exception):
    """The database to move to is the one to move from."""


class RowsRefused(Exception):
    """The new database refuses rows that the old one has; the message names their table."""


@dataclass(frozen=True, slots=True)
class MovedDatabase:
    """What was moved and compared: each table's sum, by name, and how much keeps its rows right.

    `trail` is the audit trail as the new database has it; None where it was broken before, and then
    `broken_trail` says where.
    """

    tables: dict[str, TableSum]
    constraints: int
    rules: int
    trail: VerifiedTrail | None
    broken_trail: str


def move_database(source_url: URL, target_url: URL, keys: SealKeys) -> MovedDatabase:
    """Copy all rows of one database into another that is empty, compare them, and keep them.

    Killed at any moment, it leaves the target as empty as it was; the source is only read. Raises
    `SameDatabase`, `DatabaseInUse`, `DatabaseUnreachable`, `DatabaseNotEmpty`, `WrongRevision`, `RowsRefused`
    and `NotEqual`.
    """
    if _is_same(source_url, target_url):
        raise SameDatabase("source and target are the same database")
    with open_alone(source_url) as source, open_alone(target_url) as target:
        require_newest_revision(source)
        require_empty(target)
        upgrade_schema(target)
        _keep_writers_out(source)
        sums = {table.name: _copy_table(source, target, table) for table in list_tables()}
        moved = _compare(source, target, sums, keys)
        require_alone(source)
    return moved


def _is_same(source: URL, target: URL) -> bool:
    """Tell whether two addresses are one database's, a file by whatever path."""
    if {source.get_backend_name(), target.get_backend_name()} == {"sqlite"}:
        files = Path(source.database or ""), Path(target.database or "")
        return all(file.exists() for file in files) and files[0].samefile(files[1])
    return _address(source) == _address(target)


def _address(url: URL) -> tuple[str, str | None, int, str | None]:
    return url.get_backend_name(), url.host, url.port or 5432, url.database


def _keep_writers_out(source: Connection) -> None:
    """Let others read and not write, to the transaction's end; on SQLite they don't even read."""
    if source.dialect.name == "postgresql":
        names = ", ".join(table.name for table in list_tables())
        source.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")


def _copy_table(source: Connection, target: Connection, table: Table) -> TableSum:
    """Copy a table's rows; return what they add up to."""
    rows, links = TableSum(), _list_links(table)
    try:
        for batch in read_rows(source, table):
            rows.add(batch)
            target.execute(insert(table), [_without_links(row, links) for row in batch])
        for column in links:
            _write_links(source, target, column)
    except DBAPIError as error:  # of whose words the first line has no values
        raise RowsRefused(f"{table.name}: {str(error.orig).splitlines()[0]}") from error
    _continue_counting(target, table)
    return rows


def _list_links(table: Table) -> list[Column[int]]:
    """Return the columns that point to rows of the same table, which may not be there yet."""
    return [key.parent for key in table.foreign_keys if key.column.table is table]


def _without_links(row: dict[str, object], links: list[Column[int]]) -> dict[str, object]:
    return {**row, **{column.name: None for column in links}}


def _write_links(source: Connection, target: Connection, column: Column[int]) -> None:
    (key,) = column.table.primary_key
    change = update(column.table).where(key == bindparam("row")).values({column: bindparam("link")})
    for links in _read_links(source, column, key):
        target.execute(change, links)


def _read_links(source: Connection, column: Column[int], key: Column[int]) -> Iterator[Rows]:
    linked = select(key.label("row"), column.label("link")).where(column.is_not(None))
    for batch in source.execute(linked).mappings().partitions(BATCH):
        yield [dict(row) for row in batch]


def _continue_counting(target: Connection, table: Table) -> None:
    """Let PostgreSQL's sequence go on after the highest id; SQLite looks at the rows themselves."""
    key = table.autoincrement_column
    if key is None or target.dialect.name == "sqlite":
        return
    sequence = func.pg_get_serial_sequence(table.name, key.name)
    target.execute(select(func.setval(sequence, func.max(key))))


def _compare(
    source: Connection, target: Connection, sums: dict[str, TableSum], keys: SealKeys
) -> MovedDatabase:
    """Return what was moved, read again from the target. Raises `NotEqual`."""
    for table in list_tables():
        if sum_table(target, table) != sums[table.name]:
            raise NotEqual(f"the rows of {table.name} differ")
    rules, constraints = list_rules(target), list_constraints(target)
    differences = [*(rules ^ list_rules(source)), *(constraints ^ list_constraints(source))]
    if differences:
        raise NotEqual(f"only one of the databases demands {differences[0]}")
    trail, broken_trail = _verify_trail(target, keys)
    return MovedDatabase(sums, len(constraints), len(rules), trail, broken_trail)


def _verify_trail(target: Connection, keys: SealKeys) -> tuple[VerifiedTrail | None, str]:
    try:
        return audit.verify_trail(keys, session=Session(target)), ""
    except (SealMismatch, UnknownSealKey) as error:
        return None, str(error)
