"""What every feature asks of the database: UTC instants, codes, and one way to commit.

Nothing outside this file commits (a test greps for it).
"""

import enum
import functools
from collections.abc import Callable, Mapping
from contextlib import ContextDecorator
from datetime import UTC, datetime
from time import sleep
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, Enum, Executable
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from booking.db.engines import write_options
from booking.extensions import db

Operation = TypeVar("Operation", bound=Callable[..., Any])

DEADLOCK_PAUSE = 0.02  # seconds; the other side ends meanwhile
DEADLOCKS = 5  # times a transaction is run again on 40001 and 40P01
OVERLAPS = 2  # times it is run again on 23P01: read again, then the caller is told


class NaiveTimeError(ValueError):
    """A time without a zone was about to be stored or compared."""


class OverlapError(Exception):
    """The database refused two claims of one resource, or two appointments of one patient, at once."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware on both sides, UTC in the database; refuses naive values."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive value; hand the database UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveTimeError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return UTC; SQLite stores no zone and is given its own back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(kinds: type[enum.StrEnum], name: str = "") -> Enum:
    """Return a text column type that holds only the codes of `kinds`, checked by the database.

    `name` is the check's, where the database knows it by another than the class's.
    """
    return Enum(
        kinds,
        name=name or kinds.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class transaction(ContextDecorator):  # noqa: N801 - reads as a statement: with transaction():
    """Everything inside is written together or not at all; only the outermost commits.

    Entering forgets what the request has loaded, so that it is read again. Isolation is READ COMMITTED;
    SQLite is locked from the first write or SELECT ... FOR UPDATE on. Lock what a decision rests on
    before reading it. Outside, each statement reads by itself.

    As a decorator it can also run the operation again from its start: on a deadlock or serialization
    failure (40P01, 40001), on a row that another changed between being read and locked, and twice on an
    overlap (23P01), which then becomes `OverlapError`.
    """

    def __enter__(self) -> "transaction":
        depth = db.session.info.get("depth", 0)
        if depth == 0:
            db.session.rollback()
            db.session.connection(execution_options=write_options(db.engine))
        db.session.info["depth"] = depth + 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        info = db.session.info
        info["depth"] -= 1
        info["doomed"] = info.get("doomed", False) or kind is not None
        if info["depth"]:
            return
        if info.pop("doomed"):
            db.session.rollback()
            if kind is None:
                raise RuntimeError(
                    "an operation inside failed, and its caller went on as if it had not"
                )
        else:
            _commit()

    def __call__(self, operation: Operation) -> Operation:
        """Wrap `operation` so that it runs in a transaction, again from its start where that helps."""

        @functools.wraps(operation)
        def run(*args: Any, **kwargs: Any) -> Any:
            info = db.session.info
            if not info.get("depth", 0):
                return _retry_on_conflict(self, operation, args, kwargs)
            try:
                return operation(*args, **kwargs)
            except BaseException:
                info["doomed"] = True  # whoever began must not go on as if it had not failed
                raise

        return run  # type: ignore[return-value]  # functools.wraps keeps the signature


def execute_alone(statement: Executable, values: Mapping[str, Any]) -> Any:
    """Run one statement as a transaction of its own, or as part of the one around it; return its one value.

    PostgreSQL makes a statement whole by itself: no BEGIN and COMMIT, two round trips less.
    """
    if db.engine.dialect.name == "postgresql":
        return db.session.connection().execute(statement, values).scalar_one()
    with transaction():  # on SQLite, writers take turns
        return db.session.connection().execute(statement, values).scalar_one()


def was_commit_attempted() -> bool:
    """Tell whether a commit was tried since the request or tick began: then it may have happened."""
    return bool(db.session.info.get("commit_tried", False))


def _commit() -> None:
    try:
        db.session.flush()  # what the database refuses here was surely not committed
        db.session.info["commit_tried"] = True
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def _retry_on_conflict(
    block: transaction, operation: Callable[..., Any], args: Any, kwargs: Any
) -> Any:
    deadlocks = overlaps = 0
    while True:
        try:
            with block:
                return operation(*args, **kwargs)
        except (DBAPIError, StaleDataError) as error:
            if is_overlap(error):
                overlaps += 1
                if overlaps > OVERLAPS:
                    raise OverlapError from error
            elif is_conflict(error):
                deadlocks += 1
                if deadlocks > DEADLOCKS:
                    raise
                sleep(DEADLOCK_PAUSE)  # at once it would meet the same one again
            else:
                raise


def is_conflict(error: DBAPIError | StaleDataError) -> bool:
    """Tell whether two transactions met: a deadlock, or a row that changed before it was locked."""
    if isinstance(error, StaleDataError):
        return True
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01")


def is_overlap(error: DBAPIError | StaleDataError) -> bool:
    """Tell whether `error` is a refusal by `no_overlap` (23P01 on PostgreSQL, the trigger on SQLite)."""
    if isinstance(error, StaleDataError):
        return False
    if getattr(error.orig, "sqlstate", None) == "23P01":
        return True
    return isinstance(error, IntegrityError) and "no_overlap" in str(error.orig)
