"""Two connections at once: who waits for whom, and that both get through."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Barrier
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.calendars.models import CatalogueVersion
from booking.db.statements import lock_table
from booking.db.transactions import transaction
from booking.extensions import db
from tests.db.test_transaction import write, written

Answer = TypeVar("Answer")


def elsewhere(app: Flask, operation: Callable[[], Answer]) -> Answer:
    """Run an operation as another process would, with a session of its own."""
    with app.app_context():
        try:
            return operation()
        finally:
            db.session.remove()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_that_lock_each_other_out_both_succeed(app: Flask) -> None:
    with transaction():
        db.session.add_all(CatalogueVersion(id=number, version=0) for number in (1, 2))
    met = Barrier(2)

    @transaction()
    def count_up(first: int, then: int, tries: list[int]) -> None:
        tries.append(1)
        for number in (first, then):
            db.session.get_one(CatalogueVersion, number, with_for_update=True).version += 1
            db.session.flush()
            if number == first and len(tries) == 1:
                met.wait(10)

    def run(order: tuple[int, int]) -> int:
        tries: list[int] = []
        elsewhere(app, lambda: count_up(*order, tries))
        return len(tries)

    with ThreadPoolExecutor(2) as both:
        tries = both.map(run, [(1, 2), (2, 1)])
        assert sorted(tries) == [1, 2]
    db.session.rollback()
    assert [row.version for row in db.session.scalars(select(CatalogueVersion))] == [2, 2]


def test_a_reader_is_not_kept_waiting_by_a_writer(app: Flask) -> None:
    write()
    with ThreadPoolExecutor(1) as other, transaction():
        write()
        db.session.flush()
        assert other.submit(elsewhere, app, written).result(5) == 1


def read() -> None:
    db.session.get(CatalogueVersion, 1)


def read_to_change() -> None:
    db.session.get(CatalogueVersion, 1, with_for_update=True)


def lock_the_table() -> None:
    lock_table(CatalogueVersion)


@transaction()
def change() -> None:
    db.session.execute(update(CatalogueVersion).values(version=CatalogueVersion.version + 1))


def is_held_up(app: Flask, theirs: Callable[[], object], ours: Callable[[], object]) -> bool:
    """Tell whether `theirs` waits for a transaction that did `ours`, and does its work afterwards."""
    with ThreadPoolExecutor(1) as other:
        with transaction():
            ours()
            begun = other.submit(elsewhere, app, theirs)
            waited = not wait([begun], 0.3).done
        begun.result(10)
    return waited


@pytest.fixture
def one_row(app: Flask) -> None:
    with transaction():
        db.session.add(CatalogueVersion(id=1, version=0))


@pytest.mark.parametrize("ours", [change, read_to_change, lock_the_table])
def test_a_writer_waits_for_one_who_locked_before(
    app: Flask, one_row: None, ours: Callable[[], object]
) -> None:
    assert is_held_up(app, change, ours)
    assert db.session.get_one(CatalogueVersion, 1, populate_existing=True).version >= 1


def test_a_writer_does_not_wait_for_one_who_has_only_read(app: Flask, one_row: None) -> None:
    assert not is_held_up(app, change, read)


def test_of_two_who_lock_a_table_one_waits(app: Flask, one_row: None) -> None:
    assert is_held_up(app, transaction()(lock_the_table), lock_the_table)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_one_writes_at_a_time(app: Flask) -> None:
    assert is_held_up(app, write, lock_the_table)
    assert written() == 1


def test_who_reads_to_change_sees_what_was_written_while_they_waited(
    app: Flask, one_row: None
) -> None:
    @transaction()
    def count_up() -> None:
        read()
        db.session.get_one(CatalogueVersion, 1, with_for_update=True).version += 1

    assert is_held_up(app, count_up, count_up)
    assert db.session.get_one(CatalogueVersion, 1, populate_existing=True).version == 2


def test_what_is_locked_is_as_others_left_it_though_it_was_read_before(
    app: Flask, one_row: None
) -> None:
    with ThreadPoolExecutor(1) as other, transaction():
        row = db.session.get_one(CatalogueVersion, 1)
        before = row.version
        other.submit(elsewhere, app, change).result(10)
        db.session.get_one(CatalogueVersion, 1, with_for_update=True)
        assert row.version == before + 1


def test_what_is_locked_keeps_what_was_changed_here(app: Flask, one_row: None) -> None:
    with transaction():
        db.session.get_one(CatalogueVersion, 1).version = 7
        assert db.session.get_one(CatalogueVersion, 1, with_for_update=True).version == 7
