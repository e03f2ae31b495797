"""What every feature asks of the database: UTC instants, one way to commit, no overlaps, idempotency.

Nothing outside this file commits (a test greps for it).
"""

import enum
import functools
import hashlib
import json
from collections.abc import Callable
from contextlib import ContextDecorator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, TypeVar, cast

from sqlalchemy import DateTime, Dialect, Engine, Enum, String, Table, delete, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON, TypeDecorator

from booking.extensions import Model, db

Operation = TypeVar("Operation", bound=Callable[..., Any])

KEPT_KEYS = timedelta(days=2)  # how long an idempotency key is remembered
DEADLOCKS = 5  # times a transaction is run again on 40001 and 40P01
# How a connection is told to begin a transaction; reads outside need none, and save its round trips.
WRITING: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "READ COMMITTED"},
    "sqlite": {"immediate": True},
}
OVERLAPS = 2  # times it is run again on 23P01: read again, then the caller is told


class NaiveTimeError(ValueError):
    """A time without a zone was about to be stored or compared."""


class OverlapError(Exception):
    """The database refused two claims of one resource, or two visits of one patient, at once."""


class KeyReusedError(Exception):
    """An idempotency key came back with another body."""


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


def codes(kinds: type[enum.StrEnum]) -> Enum:
    """Return a text column type that holds only the codes of `kinds`, checked by the database."""
    return Enum(
        kinds,
        name=kinds.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class transaction(ContextDecorator):  # noqa: N801 - reads as a statement: with transaction():
    """Everything inside is written together or not at all; only the outermost commits.

    Entering forgets what the request has loaded, so that it is read again, and takes the write lock
    at once on SQLite (BEGIN IMMEDIATE: in WAL mode a transaction that reads first and writes later
    fails instead of waiting). Outside, each statement reads by itself.

    As a decorator it can also run the operation again from its start: on a deadlock or serialization
    failure (40P01, 40001), and twice on an overlap (23P01), which then becomes `OverlapError`.
    """

    def __enter__(self) -> "transaction":
        depth = db.session.info.get("depth", 0)
        if depth == 0:
            db.session.rollback()
            db.session.connection(execution_options=writing())
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
            if db.session.info.get("depth", 0):
                with self:
                    return operation(*args, **kwargs)
            return _run_again_on_conflict(self, operation, args, kwargs)

        return run  # type: ignore[return-value]  # functools.wraps keeps the signature


def writing() -> dict[str, Any]:
    """Return the execution options of a connection that is to begin a transaction."""
    return WRITING[db.engine.dialect.name]


def engine_options(backend: str) -> dict[str, Any]:
    """Return the options of an engine whose reads run outside transactions (SQLite's do anyway)."""
    return {"isolation_level": "AUTOCOMMIT"} if backend == "postgresql" else {}


def _commit() -> None:
    try:
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def _run_again_on_conflict(
    block: transaction, operation: Callable[..., Any], args: Any, kwargs: Any
) -> Any:
    deadlocks = overlaps = 0
    while True:
        try:
            with block:
                return operation(*args, **kwargs)
        except DBAPIError as error:
            if is_overlap(error):
                overlaps += 1
                if overlaps > OVERLAPS:
                    raise OverlapError from error
            elif getattr(error.orig, "sqlstate", None) in ("40001", "40P01"):
                deadlocks += 1
                if deadlocks > DEADLOCKS:
                    raise
            else:
                raise


def is_overlap(error: DBAPIError) -> bool:
    """Tell whether `error` is a refusal by `no_overlap` (23P01 on PostgreSQL, the trigger on SQLite)."""
    if getattr(error.orig, "sqlstate", None) == "23P01":
        return True
    return isinstance(error, IntegrityError) and "no_overlap" in str(error.orig)


@dataclass(frozen=True, slots=True)
class NoOverlap:
    """The statements that make a database refuse two overlapping [starts_at, ends_at) of one key."""

    table: str
    key: str
    where: str | None = None

    @property
    def name(self) -> str:
        """The constraint's name, and the stem of the triggers' names."""
        return f"{self.table}_{self.key}_no_overlap"

    def create(self, dialect: str) -> list[str]:
        """Return the statements that put the rule in place on `dialect`."""
        if dialect == "postgresql":
            return [self._exclusion()]
        return [self._trigger("INSERT"), self._trigger("UPDATE")]

    def drop(self, dialect: str) -> list[str]:
        """Return the statements that take the rule away on `dialect`."""
        if dialect == "postgresql":
            return [f"ALTER TABLE {self.table} DROP CONSTRAINT {self.name}"]
        return [f"DROP TRIGGER {self.name}_{when}" for when in ("insert", "update")]

    def _exclusion(self) -> str:
        where = f" WHERE ({self.where})" if self.where else ""
        return (
            f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} EXCLUDE USING gist ("
            f"int8range({self.key}, {self.key}, '[]') WITH &&, "
            f"tstzrange(starts_at, ends_at) WITH &&){where}"
        )

    def _trigger(self, event_name: str) -> str:
        # Rows of one key never overlap, so the one ending soonest after the new start also starts first.
        new_where, where = "", ""
        if self.where:
            new_where, where = f"WHEN {_of_new(self.where)}", f"AND ({self.where}) "
        return (
            f"CREATE TRIGGER {self.name}_{event_name.lower()} BEFORE {event_name} ON {self.table} "
            f"{new_where} BEGIN SELECT RAISE(ABORT, '{self.name}') WHERE ("
            f"SELECT starts_at FROM {self.table} WHERE {self.key} = NEW.{self.key} "
            f"AND ends_at > NEW.starts_at AND id IS NOT NEW.id {where}"
            f"ORDER BY ends_at LIMIT 1) < NEW.ends_at; END"
        )


def _of_new(condition: str) -> str:
    """Return `condition`, a list of `column IN (…)`/`column IS NOT NULL` joined by AND, of row NEW."""
    return " AND ".join(f"NEW.{part}" for part in condition.split(" AND "))


def no_overlap(table: str, key: str, where: str | None = None) -> NoOverlap:
    """Return the rule "no two rows of `table` with one `key` overlap in time" (DESIGN invariants 1, 2).

    `where` limits it to the rows for which it holds; its parts are joined by AND and each begins with
    a column's name. PostgreSQL gets an exclusion constraint (no extension needed: the key becomes a
    one-element range), SQLite a trigger on insert and one on update.
    """
    return NoOverlap(table, key, where)


@dataclass(frozen=True, slots=True)
class AppendOnly:
    """The statements that make a database refuse to change or delete a row of `table`."""

    table: str

    def create(self, dialect: str) -> list[str]:
        """Return the statements that put the rule in place on `dialect`."""
        name = f"{self.table}_append_only"
        if dialect == "postgresql":
            return [
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{name}'; END $$",
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {self.table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
            ]
        return [
            f"CREATE TRIGGER {name}_{change} BEFORE {change} ON {self.table} "
            f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            for change in ("update", "delete")
        ]

    def drop(self, dialect: str) -> list[str]:
        """Return the statements that take the rule away on `dialect`."""
        name = f"{self.table}_append_only"
        if dialect == "postgresql":
            return [f"DROP TRIGGER {name} ON {self.table}", f"DROP FUNCTION {name}()"]
        return [f"DROP TRIGGER {name}_{change}" for change in ("update", "delete")]


def append_only(table: str) -> AppendOnly:
    """Return the rule "rows of `table` are never updated or deleted" (DESIGN invariant 12)."""
    return AppendOnly(table)


class IdempotencyKey(Model):
    """One request that changed something, by the key its sender gave it, and what it was answered."""

    __tablename__ = "idempotency_key"

    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def digest_of(body: Any) -> str:
    """Return the SHA-256 of `body` in canonical JSON: sorted keys, no white space."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


@transaction()
def answer_once(
    scope: str,
    key: str,
    body: Any,
    at: datetime,
    produce: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any]]:
    """Return `produce()`'s (status, answer), or what an earlier request with this key was answered.

    Runs in one transaction with what `produce` writes: an exception forgets the key. Two requests
    with one key at once wait for each other on its row. Raises `KeyReusedError` for another body.
    """
    digest = digest_of(body)
    row = {"scope": scope, "key": key, "digest": digest, "created_at": at}
    reserved = insert_ignoring_conflict(IdempotencyKey, row).returning(IdempotencyKey.key)
    if db.session.scalar(reserved) is None:
        return _earlier_answer(scope, key, digest)
    status, answer = produce()
    earlier = db.session.get_one(IdempotencyKey, (scope, key))
    earlier.status, earlier.answer = status, answer
    return status, answer


def _earlier_answer(scope: str, key: str, digest: str) -> tuple[int, dict[str, Any]]:
    earlier = db.session.execute(
        select(IdempotencyKey).filter_by(scope=scope, key=key)
    ).scalar_one()
    if earlier.digest != digest:
        raise KeyReusedError(key)
    assert earlier.status is not None and earlier.answer is not None  # noqa: S101 - same transaction
    return earlier.status, earlier.answer


@transaction()
def delete_old_keys(before: datetime) -> None:
    """Forget what requests before an instant were answered; a key repeated later is a new request."""
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < before))


def upsert(model: type[Model]) -> "postgresql.Insert | sqlite.Insert":
    """Return an INSERT into `model`'s table that knows ON CONFLICT on the database in use."""
    dialect = db.session.get_bind().dialect.name
    table = cast(Table, model.__table__)
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_ignoring_conflict(model: type[Model], row: dict[str, Any]) -> Any:
    """Return an INSERT of `row` that inserts nothing where a unique key is already there."""
    return upsert(model).values(row).on_conflict_do_nothing()


def prepare_engine(engine: Engine) -> None:
    """Set up `engine`'s connections: on SQLite, WAL, foreign keys, and BEGIN IMMEDIATE for writers."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # no BEGIN by the driver, which would be a deferred one
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=15000",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("immediate"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
