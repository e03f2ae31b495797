"""Sealing beside others: two schedulers make one chain, and of those who write nobody fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Event
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import text, update

from booking.audit import operations as audit
from booking.audit.rules import SealKeys
from booking.calendars.models import CatalogueVersion
from booking.db.transactions import transaction
from booking.extensions import db
from tests.builders import NOW
from tests.db.test_waiting import elsewhere

KEYS = SealKeys((b"a key of the tests",))
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(minutes=10)


def entry(minutes: int) -> None:
    audit.record("cli", "test", "thing", 1, NOW + timedelta(minutes=minutes))


def count_sealed(now: datetime) -> int:
    """Seal; return how many entries are sealed in all."""
    head = audit.seal_entries(now, KEYS)
    return head.count if head else 0


@pytest.mark.parametrize("sealed_before", [0, 1])
def test_the_second_waits_and_goes_on_where_the_first_ended(app: Flask, sealed_before: int) -> None:
    entry(0)
    if sealed_before:
        count_sealed(SOON)
    entry(0)
    entry(5)  # settled for the second only
    with ThreadPoolExecutor(1) as other:
        with transaction():
            assert count_sealed(SOON) == 2
            db.session.flush()
            second = other.submit(elsewhere, app, lambda: count_sealed(LATER))
            with pytest.raises(TimeoutError):
                second.result(0.3)
        assert second.result(15) == 3
    assert audit.verify_trail(KEYS).head.count == 3


def wait_until_sealing_waits() -> None:
    waiting = "SELECT 1 FROM pg_locks WHERE relation = 'audit_entry'::regclass AND NOT granted"
    while not db.session.scalar(text(waiting)):
        sleep(0.01)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_writers_who_meet_while_sealing_waits_are_not_run_again(app: Flask) -> None:
    with transaction():
        db.session.add(CatalogueVersion(id=1, version=0))
    has_entry, has_row, runs = Event(), Event(), []

    @transaction()
    def write(before: Callable[[], None], after: Callable[[], None]) -> None:
        runs.append(1)
        before()
        after()

    def write_entry() -> None:
        entry(0)
        db.session.flush()
        has_entry.set()
        assert has_row.wait(10)

    def change_row() -> None:
        db.session.execute(update(CatalogueVersion).values(version=CatalogueVersion.version + 1))

    def change_row_first() -> None:
        assert has_entry.wait(10)
        change_row()
        has_row.set()
        wait_until_sealing_waits()

    with ThreadPoolExecutor(3) as others:
        first = others.submit(elsewhere, app, lambda: write(write_entry, change_row))
        second = others.submit(elsewhere, app, lambda: write(change_row_first, lambda: entry(0)))
        assert has_row.wait(10)
        seal = others.submit(elsewhere, app, lambda: count_sealed(LATER))
        for other in (first, second, seal):
            other.result(15)
    assert len(runs) == 2
    count_sealed(LATER)
    assert audit.verify_trail(KEYS).head.count == 2
