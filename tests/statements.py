"""What is asked of the database while a test looks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from booking.extensions import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements that are run meanwhile, without their values."""
    seen: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)
