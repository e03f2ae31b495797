"""Rules that the database itself keeps: no overlap in time, rows that are only ever added."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoOverlap:
    """The statements that make a database refuse two overlapping [starts_at, ends_at) of one key."""

    table: str
    key: str
    condition: str | None = None

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
        return [f"DROP TRIGGER {self.name}_{event}" for event in ("insert", "update")]

    def _exclusion(self) -> str:
        condition = f" WHERE ({self.condition})" if self.condition else ""
        return (
            f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} EXCLUDE USING gist ("
            f"int8range({self.key}, {self.key}, '[]') WITH &&, "
            f"tstzrange(starts_at, ends_at) WITH &&){condition}"
        )

    def _trigger(self, event_name: str) -> str:
        # Rows of one key never overlap, so the one ending soonest after the new start also starts first.
        new_where, condition = "", ""
        if self.condition:
            new_where, condition = f"WHEN {_of_new(self.condition)}", f"AND ({self.condition}) "
        return (
            f"CREATE TRIGGER {self.name}_{event_name.lower()} "  # noqa: S608 - names of our own
            f"BEFORE {event_name} ON {self.table} "
            f"{new_where} BEGIN SELECT RAISE(ABORT, '{self.name}') WHERE ("
            f"SELECT starts_at FROM {self.table} WHERE {self.key} = NEW.{self.key} "
            f"AND ends_at > NEW.starts_at AND id IS NOT NEW.id {condition}"
            f"ORDER BY ends_at LIMIT 1) < NEW.ends_at; END"
        )


def _of_new(condition: str) -> str:
    """Return `condition`, a list of `column IN (…)`/`column IS NOT NULL` joined by AND, of row NEW."""
    return " AND ".join(f"NEW.{part}" for part in condition.split(" AND "))


def no_overlap(table: str, key: str, condition: str | None = None) -> NoOverlap:
    """Return the rule "no two rows of `table` with one `key` overlap in time" (DESIGN invariants 1, 2).

    `condition` limits it to the rows for which it holds; its parts are joined by AND and each begins with
    a column's name. PostgreSQL gets an exclusion constraint (no extension needed: the key becomes a
    one-element range), SQLite a trigger on insert and one on update.
    """
    return NoOverlap(table, key, condition)


@dataclass(frozen=True, slots=True)
class AppendOnly:
    """The statements that make a database refuse to change or replace a row of `table`, or to delete one."""

    table: str
    may_delete: bool = False

    @property
    def name(self) -> str:
        """The rule's name, which the database's refusal carries."""
        return f"{self.table}_{'never_updated' if self.may_delete else 'append_only'}"

    def create(self, dialect: str) -> list[str]:
        """Return the statements that put the rule in place on `dialect`."""
        if dialect == "postgresql":
            refuse = f"$$ BEGIN RAISE EXCEPTION '{self.name}'; END $$"
            changes = "UPDATE" if self.may_delete else "UPDATE OR DELETE OR TRUNCATE"
            event = f"BEFORE {changes} ON {self.table} FOR EACH STATEMENT"
            return [
                f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS {refuse}",
                f"CREATE TRIGGER {self.name} {event} EXECUTE FUNCTION {self.name}()",
            ]
        # INSERT OR REPLACE deletes the row in its way without telling the delete trigger.
        replaced = f"WHEN EXISTS (SELECT 1 FROM {self.table} WHERE id = NEW.id) "  # noqa: S608 - names of our own
        deletes = [] if self.may_delete else [self._trigger("delete")]
        return [self._trigger("update"), *deletes, self._trigger("insert", replaced)]

    def drop(self, dialect: str) -> list[str]:
        """Return the statements that take the rule away on `dialect`."""
        if dialect == "postgresql":
            return [
                f"DROP TRIGGER {self.name} ON {self.table}",
                f"DROP FUNCTION {self.name}()",
            ]
        # Databases from before version 0.2 have no trigger on insert.
        changes = ("update", "delete", "insert")
        return [f"DROP TRIGGER IF EXISTS {self.name}_{change}" for change in changes]

    def _trigger(self, change: str, event: str = "") -> str:
        return (
            f"CREATE TRIGGER {self.name}_{change} BEFORE {change} ON {self.table} "
            f"{event}BEGIN SELECT RAISE(ABORT, '{self.name}'); END"
        )


def append_only(table: str) -> AppendOnly:
    """Return the rule "rows of `table` are never updated or deleted" (DESIGN invariant 12)."""
    return AppendOnly(table)


def never_updated(table: str) -> AppendOnly:
    """Return the rule "rows of `table` stay as they were added": they may go, with the person."""
    return AppendOnly(table, may_delete=True)
