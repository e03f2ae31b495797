"""Each migration leaves what the code before it reads and writes: during an upgrade both are in use.

Tables and columns come; what was there, what could be left out and what could be written stay (expand,
and contract a release later). `EVERY_REVISION=1 make test TESTS=tests/migrations/test_expanding.py` looks at
all of them, a run of all tests at the newest.
"""

import os
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import CheckConstraint, Column, Integer, MetaData, String, Table, UniqueConstraint
from sqlalchemy.types import TypeEngine

from booking.extensions import db
from tests.migrations.plain_sql import REVISIONS

SEEN = REVISIONS if os.environ.get("EVERY_REVISION") else REVISIONS[-5:]
# What took something away, all before anybody ran the service.
CONTRACTING = {
    "0005": {"idempotency_key.status is needed", "idempotency_key.answer is needed"},
    "0007": {"audit_seal: count is unique"},
    "0013": {"infusion_series: patient_id is unique"},
}


def schema_at(revision: str) -> MetaData:
    """Upgrade, and return the schema as the database has it."""
    upgrade(revision=revision)
    schema = MetaData()
    schema.reflect(db.engine)
    return schema


def taken_away(before: MetaData, after: MetaData) -> set[str]:
    """Return what a program could do before and can't any more."""
    gone = before.tables.keys() - after.tables.keys()
    kept = before.tables.keys() & after.tables.keys()
    losses = (list_losses(before.tables[name], after.tables[name]) for name in kept)
    return {f"{name} is gone" for name in gone}.union(*losses)


def list_losses(before: Table, after: Table) -> Iterator[str]:
    for column in before.columns:
        now = after.columns.get(column.name)
        if now is None or not holds(now.type, column.type):
            yield f"{column} is gone"
        elif column.nullable and not now.nullable:
            yield f"{column} is needed"
    for column in after.columns:
        if column.name not in before.columns and not (column.nullable or column.server_default):
            yield f"{column} is needed"
    for columns in unique(after) - unique(before):
        if columns <= set(before.columns.keys()):  # a new one is left empty
            yield f"{after}: {', '.join(sorted(columns))} is unique"
    yield from (f"{after}: {code} is refused" for code in refused(before, after))


def holds(wide: TypeEngine[object], narrow: TypeEngine[object]) -> bool:
    """Tell whether one type of column takes and gives what another does."""
    lengths = [getattr(each, "length", None) or 10**9 for each in (wide, narrow)]
    return type(wide) is type(narrow) and lengths[0] >= lengths[1]


def unique(table: Table) -> set[frozenset[str]]:
    """Return the columns whose values may not repeat, of each constraint and index."""
    constraints = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    indexes = [index.columns for index in table.indexes if index.unique]
    return {frozenset(columns.keys()) for columns in (*constraints, *indexes)}


def refused(before: Table, after: Table) -> set[str]:
    """Return the codes that a check allowed, and the check of its name doesn't any more."""
    allowed = codes(after)
    return {code for name, old in codes(before).items() for code in old - allowed.get(name, old)}


def codes(table: Table) -> dict[object, set[str]]:
    checks = [each for each in table.constraints if isinstance(each, CheckConstraint)]
    return {check.name: set(re.findall("'([a-z_.]+)'", str(check.sqltext))) for check in checks}


def test_code_of_the_revision_before_goes_on(app: Flask) -> None:
    schemas = {revision: schema_at(revision) for revision in SEEN}
    steps = {new: taken_away(schemas[old], schemas[new]) for old, new in pairwise(SEEN)}
    contracting = {revision: lost for revision, lost in CONTRACTING.items() if revision in steps}
    assert {revision: lost for revision, lost in steps.items() if lost} == contracting


def a_schema(*columns: Column[str], allowed: str = "'new', 'done'") -> MetaData:
    schema = MetaData()
    number = Column("id", Integer, primary_key=True)
    Table("task", schema, number, *columns, CheckConstraint(f"status IN ({allowed})", name="ck"))
    return schema


def name(length: int = 20, *, nullable: bool = True, unique: bool = False) -> Column[str]:
    return Column("name", String(length), nullable=nullable, unique=unique)


@pytest.mark.parametrize(
    ("after", "lost"),
    [
        (MetaData(), {"task is gone"}),
        (a_schema(), {"task.name is gone"}),
        (a_schema(name(19)), {"task.name is gone"}),
        (a_schema(name(nullable=False)), {"task.name is needed"}),
        (a_schema(name(unique=True)), {"task: name is unique"}),
        (a_schema(name(), allowed="'new', 'over'"), {"task: done is refused"}),
        (a_schema(name(), Column("note", String, nullable=False)), {"task.note is needed"}),
        (a_schema(name(), Column("note", String, unique=True)), set()),
        (a_schema(name(21), Column("note", String), allowed="'new', 'done', 'over'"), set()),
    ],
)
def test_what_is_taken_away_is_seen(after: MetaData, lost: set[str]) -> None:
    assert taken_away(a_schema(name()), after) == lost
