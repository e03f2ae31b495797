"""The one way to commit: all of it or nothing, again from its start where that helps."""

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.audit.operations import record
from booking.calendars.models import CatalogueVersion
from booking.db.transactions import DEADLOCKS, OVERLAPS, OverlapError, transaction
from booking.extensions import db
from tests.builders import NOW, a_booking, a_clinic

POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Boom(Exception):
    """What goes wrong in these tests."""


@transaction()
def write() -> None:
    record("cli", "test", "thing", 1, NOW)


@transaction()
def write_and_fail() -> None:
    write()
    raise Boom


def written() -> int:
    """Count what others can see: a connection of its own asks."""
    with db.engine.connect() as other:
        return other.scalar(select(func.count()).select_from(AuditEntry)) or 0


def fail_with(code: str) -> None:
    db.session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))


class Failing:
    """An operation that writes, then meets an error of the database the first `times` times."""

    def __init__(self, code: str, times: int) -> None:
        self.code, self.left, self.runs = code, times, 0

    @transaction()
    def __call__(self) -> int:
        self.runs += 1
        write()
        db.session.flush()
        if self.left:
            self.left -= 1
            fail_with(self.code)
        return self.runs


def test_what_is_inside_is_written_at_the_end(app: Flask) -> None:
    with transaction():
        write()
        assert written() == 0
    assert written() == 1


def test_only_the_outermost_commits(app: Flask) -> None:
    with transaction():
        with transaction():
            write()
        assert written() == 0
        write()
    assert written() == 2


def test_an_exception_undoes_all(app: Flask) -> None:
    with pytest.raises(Boom):
        write_and_fail()
    assert written() == 0


def test_what_failed_inside_fails_the_whole(app: Flask) -> None:
    @transaction()
    def outer() -> None:
        write()
        write_and_fail()

    with pytest.raises(Boom):
        outer()
    assert written() == 0


def test_going_on_after_a_failure_inside_is_refused(app: Flask) -> None:
    @transaction()
    def careless() -> None:
        with pytest.raises(Boom):
            write_and_fail()
        write()

    with pytest.raises(RuntimeError, match="went on"):
        careless()
    assert written() == 0


def test_the_next_transaction_starts_afresh(app: Flask) -> None:
    with pytest.raises(Boom):
        write_and_fail()
    write()
    assert written() == 1


def test_entering_forgets_what_was_added_outside(app: Flask) -> None:
    db.session.add(CatalogueVersion(id=1, version=1))
    write()
    assert db.session.scalar(select(func.count()).select_from(CatalogueVersion)) == 0


def test_entering_reads_again_what_others_have_changed(app: Flask) -> None:
    with transaction():
        db.session.add(CatalogueVersion(id=1, version=1))
    known = db.session.get_one(CatalogueVersion, 1)
    with db.engine.connect() as other:
        other.execute(text("UPDATE catalogue SET version = 2"))
    assert known.version == 1
    with transaction():
        assert known.version == 2


def test_a_row_that_changed_before_it_was_locked_is_read_again(app: Flask) -> None:
    versions: list[int] = []

    @transaction()
    def lock_what_was_read() -> Appointment:
        appointment = db.session.get_one(Appointment, appointment_id)
        if not versions:
            with db.engine.connect() as other:
                other.execute(text("UPDATE appointment SET version = version + 1"))
        versions.append(appointment.version)
        return db.session.get_one(Appointment, appointment_id, with_for_update=True)

    a_clinic()
    appointment_id = a_booking().id
    assert lock_what_was_read().version == 2
    assert versions == [1, 2]


def test_an_object_stays_readable_after_the_commit(app: Flask) -> None:
    with transaction():
        kept = CatalogueVersion(id=1, version=1)
        db.session.add(kept)
    db.session.close()
    assert kept.version == 1


@POSTGRESQL
@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_conflict_runs_the_whole_again(app: Flask, code: str) -> None:
    operation = Failing(code, 2)
    assert operation() == 3
    assert written() == 1


@POSTGRESQL
def test_conflicts_without_end_are_given_up(app: Flask) -> None:
    operation = Failing("40001", 99)
    with pytest.raises(OperationalError):
        operation()
    assert operation.runs == DEADLOCKS + 1
    assert written() == 0


@POSTGRESQL
def test_an_overlap_is_tried_twice_more_and_then_told(app: Flask) -> None:
    operation = Failing("23P01", 99)
    with pytest.raises(OverlapError):
        operation()
    assert operation.runs == OVERLAPS + 1
    assert written() == 0


@POSTGRESQL
def test_any_other_error_is_told_at_once(app: Flask) -> None:
    operation = Failing("23505", 99)
    with pytest.raises(IntegrityError):
        operation()
    assert operation.runs == 1


@POSTGRESQL
def test_only_the_outermost_is_run_again(app: Flask) -> None:
    inner, outer_runs = Failing("40001", 1), []

    @transaction()
    def outer() -> None:
        outer_runs.append(1)
        write()
        inner()

    outer()
    assert (len(outer_runs), inner.runs) == (2, 2)
    assert written() == 2


@POSTGRESQL
def test_a_block_is_not_run_again(app: Flask) -> None:
    with pytest.raises(DBAPIError), transaction():
        fail_with("40001")
    assert not db.session.info["depth"]
