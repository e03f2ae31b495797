"""Instants as they are stored, and inserts that know what to do about a row that is there."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from booking.audit.models import AuditEntry
from booking.audit.operations import record
from booking.calendars.models import CatalogueVersion
from booking.db.idempotency import IdempotencyKey
from booking.db.statements import (
    insert_unless_there,
    put,
    upsert,
)
from booking.db.transactions import transaction, was_commit_attempted
from booking.extensions import db
from booking.screening.models import Questionnaire
from tests.builders import NOW

NAIVE = datetime(2026, 12, 1, 9)  # noqa: DTZ001
PHOENIX_TIME = datetime(2026, 12, 1, 9, 30, 0, 123456, timezone(-timedelta(hours=7)))


def test_invariant_11_an_instant_without_a_zone_is_not_stored(app: Flask) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        record("cli", "test", "thing", 1, NAIVE)
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_invariant_11_an_instant_without_a_zone_is_not_compared(app: Flask) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        db.session.scalars(select(AuditEntry).where(AuditEntry.at > NAIVE))


def test_invariant_11_instants_come_back_in_utc_to_the_microsecond(app: Flask) -> None:
    record("cli", "test", "thing", 1, PHOENIX_TIME)
    at = db.session.scalars(select(AuditEntry.at)).one()
    assert at == PHOENIX_TIME
    assert at.tzinfo is UTC
    stored = db.session.scalar(text("SELECT CAST(at AS VARCHAR) FROM audit_entry"))
    assert str(stored).startswith("2026-12-01 16:30:00.123456")


def test_invariant_11_a_connections_own_zone_changes_nothing(app: Flask) -> None:
    record("cli", "test", "thing", 1, PHOENIX_TIME)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET TIME ZONE 'Asia/Tokyo'"))
    at = db.session.scalars(select(AuditEntry.at)).one()
    assert (at, at.tzinfo) == (PHOENIX_TIME, UTC)


def test_no_instant_stays_none(app: Flask) -> None:
    assert db.session.scalar(select(AuditEntry.at)) is None


def key(**changed: object) -> dict[str, object]:
    answered = {"status": 201, "answer": {}}
    return {"scope": "api", "key": "a", "digest": "0", "created_at": NOW, **answered, **changed}


def digests() -> list[str]:
    statement = select(IdempotencyKey.digest).order_by(IdempotencyKey.key)
    return list(db.session.scalars(statement))


def insert(**changed: object) -> object:
    return insert_unless_there(IdempotencyKey, key(**changed), returning="key")


def test_a_row_that_is_there_is_left_as_it_is_and_the_caller_told(app: Flask) -> None:
    with transaction():
        inserted = [insert(digest="0"), insert(digest="1"), insert(key="b", digest="2")]
    assert inserted == ["a", None, "b"]
    assert digests() == ["0", "2"]


def test_only_a_conflict_is_ignored(app: Flask) -> None:
    with pytest.raises(IntegrityError), transaction():
        insert(digest=None)


def test_a_row_is_put_over_the_one_with_its_key(app: Flask) -> None:
    with transaction():
        for number, version in ((1, 1), (1, 5), (2, 7)):
            put(CatalogueVersion, {"id": number, "version": version}, key="id")
    versions = select(CatalogueVersion.version).order_by(CatalogueVersion.id)
    assert db.session.scalars(versions).all() == [5, 7]


def test_a_row_is_put_as_the_models_types_say(app: Flask) -> None:
    questions = {"version": 1, "digest": "0", "approved_by": "A", "questions": []}
    with transaction():
        put(Questionnaire, {**questions, "created_at": PHOENIX_TIME}, key="version")
        put(Questionnaire, {**questions, "approved_by": "B", "created_at": NOW}, key="version")
    questionnaire = db.session.scalars(select(Questionnaire)).one()
    assert (questionnaire.approved_by, questionnaire.created_at, questionnaire.digest) == (
        "B",
        NOW,
        "0",
    )


def test_an_upsert_alone_ignores_nothing(app: Flask) -> None:
    with transaction():
        db.session.execute(upsert(CatalogueVersion).values(id=1, version=1))
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(upsert(CatalogueVersion).values(id=1, version=1))


def entries() -> int:
    return len(db.session.scalars(select(AuditEntry.id)).all())


def test_an_entry_is_written_with_the_outermost_transaction(app: Flask) -> None:
    with transaction():
        record("cli", "test", "thing", 1, NOW)
        record("cli", "test", "thing", 2, NOW)
    subject_ids = db.session.scalars(select(AuditEntry.subject_id).order_by(AuditEntry.id))
    assert subject_ids.all() == [1, 2]


@transaction()
def record_and_fail() -> None:
    record("cli", "test", "thing", 1, NOW)
    raise LookupError


@transaction()
def record_what_the_table_refuses() -> None:
    db.session.add(CatalogueVersion(id=1, version=1))
    db.session.flush()
    record("cli", "test", "thing", None, NOW)  # type: ignore[arg-type]  # refused by the table


def test_what_failed_leaves_nothing_to_be_written_by_the_next(app: Flask) -> None:
    with pytest.raises(LookupError):
        record_and_fail()
    with transaction():
        record("cli", "test", "thing", 2, NOW)
    assert db.session.scalars(select(AuditEntry.subject_id)).all() == [2]


def test_what_is_refused_at_the_end_leaves_nothing_either(app: Flask) -> None:
    with pytest.raises(IntegrityError):
        record_what_the_table_refuses()
    assert not was_commit_attempted()  # so a page may say that nothing was changed
    with transaction():
        record("cli", "test", "thing", 2, NOW)
    assert entries() == 1
    assert db.session.scalars(select(CatalogueVersion)).all() == []


@pytest.mark.parametrize("count", [1, 8, 9, 24])
def test_entries_are_written_in_their_order_however_many_they_are(app: Flask, count: int) -> None:
    with transaction():
        for number in range(count):
            record("cli", "test", "thing", number, PHOENIX_TIME, place=None)
    statement = select(AuditEntry.subject_id, AuditEntry.at, AuditEntry.facts).order_by(
        AuditEntry.id
    )
    expected = [(number, PHOENIX_TIME, {"place": None}) for number in range(count)]
    assert db.session.execute(statement).all() == expected


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_waits_writes_ahead_and_keeps_foreign_keys(app: Flask) -> None:
    for pragma, value in (
        ("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 15000), ("foreign_keys", 1)
    ):  # fmt: skip
        assert db.session.scalar(text(f"PRAGMA {pragma}")) == value
