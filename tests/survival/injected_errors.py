"""Errors that PostgreSQL makes by itself, made at a chosen statement or commit: real ones, by the server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from booking.extensions import db

RAISE = "DO $$ BEGIN RAISE EXCEPTION 'made by a test' USING ERRCODE = '{}'; END $$"


class Failure(Enum):
    """What goes wrong: with a transaction, by SQLSTATE, or with its connection."""

    SERIALIZATION = "40001"
    DEADLOCK = "40P01"
    CONNECTION_LOST = ""


@dataclass
class FailingStep:
    """The `at`th statement or commit fails; `count` is how many there were."""

    failure: Failure
    at: int
    count: int = 0

    def is_next(self) -> bool:
        """Count a step and tell whether it is to fail."""
        self.count += 1
        return self.count == self.at


def _fail(driver: psycopg.Connection[Any], failure: Failure) -> None:
    """Let the server refuse, or let the connection be gone: whatever uses it next finds out."""
    if failure is Failure.CONNECTION_LOST:
        driver.close()
        return
    try:
        driver.execute(RAISE.format(failure.value))
    except psycopg.OperationalError as error:
        raise OperationalError("", {}, error) from error


@contextmanager
def failing(step: FailingStep, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let one statement or commit fail; of a commit also its answer may be lost once it is done."""

    def before_statement(connection: Any, *_others: Any) -> None:
        if step.is_next():
            _fail(connection.connection.driver_connection, step.failure)

    def around_commit(commit: Callable[..., None]) -> Callable[..., None]:
        def committed(connection: Any) -> None:
            if step.is_next():
                _fail(connection.driver_connection, step.failure)
            commit(connection)
            if step.failure is Failure.CONNECTION_LOST and step.is_next():
                connection.driver_connection.close()
                raise psycopg.OperationalError("the answer was lost")

        return committed

    with monkeypatch.context() as patch:
        patch.setattr(db.engine.dialect, "do_commit", around_commit(db.engine.dialect.do_commit))
        event.listen(db.engine, "before_cursor_execute", before_statement)
        try:
            yield
        finally:
            event.remove(db.engine, "before_cursor_execute", before_statement)
