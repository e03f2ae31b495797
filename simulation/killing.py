"""The scheduler killed at some statement of a tick: nothing of its transaction is left, as after SIGKILL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from booking.extensions import db


class Killed(BaseException):
    """The process would be gone: no `except Exception` of it may run."""


@contextmanager
def killed_at(statement_number: int | None) -> Iterator[None]:
    """Let the main thread die at so many statements from now; None: it lives."""
    if statement_number is None:
        yield
        return
    main_thread, left = threading.get_ident(), statement_number

    def die(*_arguments: Any) -> None:
        nonlocal left
        if threading.get_ident() == main_thread:
            left -= 1
            if left == 0:
                raise Killed

    event.listen(db.engine, "before_cursor_execute", die)
    try:
        yield
    except Killed:
        pass
    finally:
        event.remove(db.engine, "before_cursor_execute", die)
        db.session.remove()
