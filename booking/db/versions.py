"""What a form was read at: a change made meanwhile is shown, never acted on (invariant 15)."""

from typing import Any, TypeVar

from sqlalchemy import inspect

from booking.db.statements import KEEPS_ITS_ID
from booking.extensions import Model, db

Row = TypeVar("Row", bound=Model)


class StaleVersion(Exception):
    """What is to be changed has changed since it was shown; nothing was done."""


def require_version(current: int | str, expected: int | str | None) -> None:
    """Raise `StaleVersion` unless a row, read under its lock, is at the version it was shown at.

    Without an expected version nobody was shown anything: a program or the scheduler acts.
    """
    if expected is not None and current != expected:
        raise StaleVersion(f"expected {expected}, is {current}")


def lock_row(table: type[Row], row_id: int) -> Row:
    """Return a row as it is now, locked to the transaction's end; raise `NoResultFound`."""
    return db.session.get_one(table, row_id, with_for_update=KEEPS_ITS_ID)


def column_values(row: Model) -> dict[str, Any]:
    """Return all that a row holds, by column, in the table's order."""
    return {
        attribute.key: getattr(row, attribute.key) for attribute in inspect(type(row)).column_attrs
    }
