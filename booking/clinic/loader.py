"""Writing the rows a clinic file asks for over those that are there, and retiring the others."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.exc import IntegrityError

from booking.calendars.models import Service
from booking.clinic.desired_rows import DesiredRow
from booking.clinic.models import ClinicLoad
from booking.clinic.schema import ClinicFileError
from booking.extensions import db
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.series.models import PlannerRates
from booking.staff.models import Shift, Staff

TABLES: Mapping[str, Any] = {
    table.__tablename__: table
    for table in (Location, Staff, OpeningHours, Closure, Resource, Shift, Service, PlannerRates)
}
# Ended by a date in place of `active`, so that what was booked under them still explains itself.
DATED: tuple[Any, ...] = (OpeningHours, Shift)
OWNER = ("location_id", "staff_id", "weekday")  # whose hours, of which day
DAY = timedelta(days=1)


class ClinicLoader:
    """One load under way: what it has written so far, and what it found changed by the desk.

    `last` is the last load, of a file or a page; `base` the one whose state the file was made from, beside
    which what is different now was changed at the desk. Weekly rules that are new begin on the local date
    `begins`, those that go end the day before; `today` is local, too.
    """

    def __init__(
        self,
        last: ClinicLoad | None,
        base: ClinicLoad | None,
        begins: date,
        today: date,
        now: datetime,
    ) -> None:
        self.before = last.rows if last else {}
        self.base = base
        self.base_rows = base.rows if base else {}
        self.templates_before = base.templates if base else {}
        self.begins, self.today, self.now = begins, today, now
        self.written: dict[str, dict[str, Any]] = {}
        self.templates: dict[str, dict[str, Any]] = {}
        self.added: list[str] = []
        self.changed: list[str] = []
        self.retired: list[str] = []
        self.overwritten: list[str] = []
        self._ids: dict[tuple[str, str], int] = {}
        self._rows: dict[tuple[Any, ...], dict[tuple[Any, ...], Any]] = {}

    def upsert(self, desired: DesiredRow) -> None:
        """Add a row, or bring the one that is there to what the file says."""
        identity, values = self._resolved(desired.identity), self._resolved(desired.values)
        begins = desired.begins or self.begins
        rows = self._existing_rows(desired.table, tuple(identity), begins)
        row = rows.get(tuple(identity.values()))
        if row is None:
            row = rows[tuple(identity.values())] = self._add(desired, identity | values, begins)
        elif desired.table in DATED and self.today < row.valid_from != begins:
            self._announce(row, desired.key, begins)
        elif differing := {n: v for n, v in values.items() if getattr(row, n) != v}:
            self._detect_desk_change(desired.key, row, differing)
            for name, value in differing.items():
                setattr(row, name, value)
            self.changed.append(desired.key)
        self._flush(desired.key)
        table, number = desired.table.__tablename__, row.id
        self.written[desired.key] = {"table": table, "id": number, "values": _plain(values)}
        if "slug" in identity:
            self._ids[table, identity["slug"]] = number

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        """Put ids in place of the slugs of rows pointed to."""
        return {
            name: self._ids[name.removesuffix("_id"), value] if name.endswith("_id") else value
            for name, value in values.items()
        }

    def _existing_rows(
        self, table: Any, names: tuple[str, ...], begins: date
    ) -> dict[tuple[Any, ...], Any]:
        """Return a table's rows by what identifies each, read once a load; of dated ones the latest."""
        key = (table, begins if table in DATED else None, *names)
        if key not in self._rows:
            query = select(table)
            if table in DATED:
                query = query.where(*self._still_holding(table, names, begins))
                query = query.order_by(table.valid_from)
            self._rows[key] = {
                tuple(getattr(row, name) for name in names): row
                for row in db.session.scalars(query)
            }
        return self._rows[key]

    def _still_holding(
        self, table: Any, names: tuple[str, ...], begins: date
    ) -> Sequence[ColumnElement[bool]]:
        """Return what picks dated rows that can go on; a weekly one is not to be found among days to come."""
        still = or_(table.valid_to.is_(None), table.valid_to >= begins - DAY)
        of_one_day = and_(table.valid_to == table.valid_from, table.valid_from > self.today)
        weekly = or_(table.valid_to.is_(None), not_(of_one_day))
        return (still,) if "valid_from" in names else (still, weekly)

    def _add(self, desired: DesiredRow, values: dict[str, Any], begins: date) -> Any:
        if desired.key in self.base_rows:
            self.overwritten.append(f"{desired.key}: it is gone")
        if desired.table in DATED:
            values["valid_from"] = begins
        if desired.table is Resource:
            values["created_at"] = self.now
        row = desired.table(**values)
        db.session.add(row)
        self.added.append(desired.key)
        return row

    def _announce(self, row: Any, key: str, begins: date) -> None:
        """Let hours that are yet to come begin on another day; what they replace ends the day before."""
        owner = {name: getattr(row, name) for name in OWNER if hasattr(row, name)}
        replaced = select(type(row)).filter_by(**owner, valid_to=row.valid_from - DAY)
        for row_id in db.session.scalars(replaced):
            row_id.valid_to = begins - DAY
        row.valid_from = begins
        self.changed.append(key)

    def _flush(self, key: str) -> None:
        try:
            db.session.flush()
        except IntegrityError as error:
            raise ClinicFileError([f"{key}: clashes with what the clinic has already"]) from error

    def _detect_desk_change(self, key: str, row: Any, names: Mapping[str, Any]) -> None:
        previous_values = self.base_rows.get(key, {}).get("values", {})
        for name, value in _plain({name: getattr(row, name) for name in names}).items():
            if name in previous_values and previous_values[name] != value:
                self.overwritten.append(
                    f"{key}: {name} is {json.dumps(value)}, the file left {json.dumps(previous_values[name])}"
                )

    def retire_missing(self) -> None:
        """Retire what the last load left and this file doesn't name: nothing in use is deleted."""
        written_rows = {(entry["table"], entry["id"]) for entry in self.written.values()}
        for key in self.before.keys() - self.written.keys():
            previous = self.before[key]
            row = db.session.get(TABLES[previous["table"]], previous["id"])
            is_kept = (previous["table"], previous["id"]) in written_rows
            if row is not None and not is_kept and not self._is_retired(row):
                self._detect_desk_addition(key)
                self._detect_desk_change(key, row, previous["values"])
                self._retire(row)
                self.retired.append(key)
        self._shorten_validity()

    def _detect_desk_addition(self, key: str) -> None:
        if key not in self.base_rows:
            self.overwritten.append(f"{key}: the desk added it, the file doesn't name it")

    def _shorten_validity(self) -> None:
        """Let hours end now that an earlier load let go on until others, since replaced, began."""
        for table in DATED:
            name = table.__tablename__
            row_ids = [entry["id"] for entry in self.written.values() if entry["table"] == name]
            ending = (table.valid_to >= self.begins, table.id.not_in(row_ids))
            for row in db.session.scalars(select(table).where(*ending)):
                self.retired.append(f"{name} {row.id}")
                self._retire(row)

    def _is_retired(self, row: Any) -> bool:
        if isinstance(row, Closure):
            return row.first_day <= self.today  # it has begun, or is past: it stays as it was
        if isinstance(row, DATED):
            return row.valid_to is not None and row.valid_to < self.begins
        return not row.active

    def _retire(self, row: Any) -> None:
        never_held = isinstance(row, DATED) and row.valid_from >= self.begins
        if isinstance(row, Closure) or never_held:
            db.session.delete(row)
        elif isinstance(row, DATED):
            row.valid_to = self.begins - DAY
        else:
            row.active = False


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they look after a way through JSON, so that they can be compared later."""
    plain: dict[str, Any] = json.loads(json.dumps(values, default=_text))
    return plain


def _text(value: date | time) -> str:
    return value.isoformat()
