"""What the tables hold: no floats, no times without a zone; and how migrations are named."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import Column, DateTime, Float, Numeric
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import Time

import booking.cli  # noqa: F401 - its commands have tables that the web doesn't import
from booking.db.transactions import NaiveTimeError, UtcDateTime
from booking.extensions import db
from tests.promises.source import ROOT

NAME = re.compile(r"(\d{4})_[a-z]+(_[a-z]+)*\.py")


def columns(app: Flask) -> list[Column[object]]:
    with app.app_context():
        return [column for table in db.metadata.tables.values() for column in table.columns]


def test_there_are_tables_to_look_at(sqlite_app: Flask) -> None:
    assert {"claim", "appointment", "message", "clinic_load"} <= db.metadata.tables.keys()


def test_no_column_holds_a_float(sqlite_app: Flask) -> None:
    inexact = [c for c in columns(sqlite_app) if isinstance(c.type, Float)]
    rounded = [c for c in columns(sqlite_app) if isinstance(c.type, Numeric) and not c.type.scale]
    assert [str(column) for column in inexact + rounded] == []


def test_every_instant_refuses_times_without_a_zone(sqlite_app: Flask) -> None:
    assert [str(c) for c in columns(sqlite_app) if isinstance(c.type, DateTime)] == []


def test_times_of_day_are_wall_clock_times(sqlite_app: Flask) -> None:
    zoned = [c for c in columns(sqlite_app) if isinstance(c.type, Time) and c.type.timezone]
    assert [str(column) for column in zoned] == []


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveTimeError):
        UtcDateTime().process_bind_param(datetime(2026, 12, 1), sqlite.dialect())  # noqa: DTZ001


def test_a_time_with_a_zone_is_stored_in_utc() -> None:
    at = datetime.fromisoformat("2026-12-01T09:00:00-07:00")
    stored = UtcDateTime().process_bind_param(at, sqlite.dialect())
    assert stored == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert stored is not None
    assert stored.tzinfo is UTC


def test_migrations_are_numbered_and_named_by_intent() -> None:
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    numbers = [match.group(1) if (match := NAME.fullmatch(name)) else name for name in names]
    assert numbers == [f"{number:04d}" for number in range(1, len(names) + 1)]
