"""The disk is full: nothing is acknowledged that isn't kept, a page says so, and with room all goes on."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, text

from booking.extensions import db
from tests.builders import NOW, a_clinic
from tests.databases import sqlite_copy
from tests.demo.loopback_builders import until
from tests.interchange.asking import body, post
from tests.shared_app import app_on
from tests.site.steps import hold
from tests.survival.callers import PATIENCE, Caller, Told, check_kept, end_callers
from tests.survival.killed_web import killed_web
from tests.survival.small_disk import no_room, small_disk
from tests.table_rows import is_content, read_content


@pytest.fixture
def most_pages(sqlite_app: Flask) -> Iterator[list[int]]:
    """How many pages the database may have: SQLite says that the disk is full beyond that."""
    most = [2**30]

    def limit(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={most[0]}")  # type: ignore[attr-defined]

    event.listen(db.engine, "engine_connect", limit)
    yield most
    event.remove(db.engine, "engine_connect", limit)


def test_a_full_disk_is_answered_503_and_changes_nothing_until_there_is_room(
    sqlite_app: Flask, most_pages: list[int]
) -> None:
    client = sqlite_app.test_client()
    with time_machine.travel(NOW, tick=False):
        a_clinic(rooms=8, practitioners=8)
        most_pages[0] = db.session.scalar(text("PRAGMA page_count")) or 0
        db.session.rollback()
        statuses, number = [201], 0
        while statuses[-1] == HTTPStatus.CREATED:
            before = read_content()
            db.session.rollback()
            phone = f"+1602{2000000 + number}"
            sent = body(patient__phone=phone, patient__family_name=f"P{number}")
            sent["start"] = f"2026-12-{1 + number % 28:02}T10:00:00-07:00"
            sent["patient"]["email"] = f"p{number}@example.com"
            answer, number = post(client, sent, phone), number + 1
            statuses.append(answer.status_code)
        assert statuses[-1] == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(answer.headers["Retry-After"]) > 0
        page = hold(client, 11)
        assert page.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert "Busy for a moment" in page.text
        assert client.get("/book/time").status_code == HTTPStatus.OK
        assert is_content(before)
        db.session.rollback()
        most_pages[0] = 2**30
        assert post(client, sent, phone).status_code == HTTPStatus.CREATED
        assert hold(client, 11).status_code == HTTPStatus.FOUND


def test_whoever_cannot_take_a_turn_to_write_is_told_to_try_again(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock's file can't be opened: no room for it, or too many open files."""

    def refuse(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with time_machine.travel(NOW, tick=False):
        a_clinic()
        monkeypatch.setattr(Path, "open", refuse)
        assert post(sqlite_app.test_client(), body()).status_code == 503
        monkeypatch.undo()
        assert post(sqlite_app.test_client(), body()).status_code == 201


def test_nothing_acknowledged_is_lost_on_a_disk_that_fills_up_and_is_emptied(
    tmp_path: Path,
) -> None:
    told = Told()
    with small_disk(tmp_path / "disk") as disk, sqlite_copy(disk) as url, app_on(url) as app:
        a_clinic(rooms=8, practitioners=8)
        with killed_web(url, tmp_path / "web.log") as web:
            callers = [Caller(web.port, seed, told) for seed in range(3)]
            for caller in callers:
                caller.start()
            until(lambda: len(told.seconds) > 3, PATIENCE)
            with no_room(disk, web):
                until(lambda: told.asked_again > 10, PATIENCE)
            kept = len(told.seconds)
            until(lambda: len(told.seconds) > kept + 6, PATIENCE)
            end_callers(callers)
        with app.app_context():
            assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert told.unanswered == set()
            check_kept(told)
