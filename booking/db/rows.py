"""Reading rows of any table by their ids."""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm.util import identity_key

from booking.extensions import Model, db

Row = TypeVar("Row", bound=Model)


def get_rows_by_id(table: type[Row], ids: Collection[int]) -> dict[int, Row]:
    """Return the rows there are of these ids, in one query; in none without ids."""
    if not ids:
        return {}
    key: Any = table.__mapper__.primary_key[0]
    rows = db.session.scalars(select(table).where(key.in_(ids)))
    return {identity_key(instance=row)[1][0]: row for row in rows}
