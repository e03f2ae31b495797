"""Two connections at once: who waits for whom, and that both get through."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import select

from booking.calendars.models import Catalogue
from booking.db import transaction
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
        db.session.add_all(Catalogue(id=number, version=0) for number in (1, 2))
    met = Barrier(2)

    @transaction()
    def count_up(first: int, then: int, tries: list[int]) -> None:
        tries.append(1)
        for number in (first, then):
            db.session.get_one(Catalogue, number, with_for_update=True).version += 1
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
    assert [row.version for row in db.session.scalars(select(Catalogue))] == [2, 2]


def test_a_reader_is_not_kept_waiting_by_a_writer(app: Flask) -> None:
    write()
    with ThreadPoolExecutor(1) as other, transaction():
        write()
        db.session.flush()
        assert other.submit(elsewhere, app, written).result(5) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_writer_waits_for_the_one_before(app: Flask) -> None:
    with ThreadPoolExecutor(1) as other:
        with transaction():
            waits = other.submit(elsewhere, app, write)
            with pytest.raises(TimeoutError):
                waits.result(0.3)
        waits.result(10)
    assert written() == 1
