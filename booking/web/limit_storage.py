"""Rate limits counted in our own database: shared by all processes, with nothing more to install."""

from datetime import datetime, timedelta
from functools import cache

from limits.storage import Storage
from sqlalchemy import bindparam, case, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.dml import ReturningInsert

from booking import clock
from booking.db.statements import on_sqlite, upsert
from booking.db.transactions import execute_alone, transaction
from booking.extensions import db
from booking.web.models import RateWindow


class DatabaseStorage(Storage):
    """The `limits` library's storage for `database://`; a window is one row, counted by one upsert."""

    STORAGE_SCHEME = ["database"]  # noqa: RUF012 - declared by the library

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library takes for a failure of the storage."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` under `key`, anew after `expiry` seconds; return the count."""
        now = clock.now()
        row = {"key": key, "count": amount, "ends_at": now + timedelta(seconds=expiry), "now": now}
        count: int = execute_alone(_counting(on_sqlite()), row)
        return count

    def get(self, key: str) -> int:
        """Return the count under `key`; 0 when its window is over."""
        running = (RateWindow.key == key) & (RateWindow.ends_at > clock.now())
        return db.session.scalar(select(RateWindow.count).where(running)) or 0

    def get_expiry(self, key: str) -> float:
        """Return when the window of `key` ends, in seconds since 1970."""
        ends_at = db.session.scalar(select(RateWindow.ends_at).where(RateWindow.key == key))
        return (ends_at or clock.now()).timestamp()

    def check(self) -> bool:
        """Tell whether the database answers."""
        return db.session.scalar(select(1)) == 1

    @transaction()
    def reset(self) -> int | None:
        """Forget all counts."""
        db.session.execute(delete(RateWindow))
        return None

    @transaction()
    def clear(self, key: str) -> None:
        """Forget the count under `key`."""
        db.session.execute(delete(RateWindow).where(RateWindow.key == key))


@transaction()
def delete_old_windows(now: datetime) -> None:
    """Delete what is counted no longer."""
    db.session.execute(delete(RateWindow).where(RateWindow.ends_at <= now))


@cache
def _counting(_on_sqlite: bool) -> ReturningInsert[int]:
    """Return the count of a request under a key, in its window or in a new one."""
    insert = upsert(RateWindow)
    is_over, new = RateWindow.ends_at <= bindparam("now"), insert.excluded
    counted = insert.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((is_over, new["count"]), else_=RateWindow.count + new["count"]),
            "ends_at": case((is_over, new.ends_at), else_=RateWindow.ends_at),
        },
    )
    return counted.returning(RateWindow.count)
