"""Loading the clinic file: all of it or nothing, the same again when nothing changed."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from booking.audit import operations as audit
from booking.calendars import operations as calendars
from booking.clinic.models import ClinicLoad
from booking.clinic.rows import Wanted, wanted_rows
from booking.clinic.schema import ClinicFile, parse
from booking.db import digest_of, transaction
from booking.extensions import Model, db
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.reminders.models import ReminderPolicy
from booking.reminders.rules import ReminderRule
from booking.screening.models import Questionnaire
from booking.screening.rules import Question
from booking.series.models import ScheduleTemplate
from booking.series.rules import Template
from booking.staff.models import Shift, Staff

DATED = (
    OpeningHours,
    Shift,
)  # ended by a date, so that what was booked under them still explains itself


class ChangedSince(Exception):  # noqa: N818 - says what is so
    """The desk has changed rows that this file would overwrite; `rows` names them."""

    def __init__(self, rows: list[str]) -> None:
        super().__init__("changed since the last load: " + ", ".join(rows))
        self.rows = rows


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a load added, changed and retired."""

    added: int
    changed: int
    retired: int

    @property
    def nothing(self) -> bool:
        """Tell whether the file was as the clinic is already."""
        return not (self.added or self.changed or self.retired)


@transaction()
def load(text: str, now: datetime, actor: str, *, force: bool = False) -> Loaded:
    """Make the clinic as the file says. What it no longer names is retired, never deleted.

    Raises `ClinicFileError` for a file that isn't right, `ChangedSince` where the desk has changed what
    the last load wrote, unless `force`.
    """
    found = parse(text)
    last = db.session.scalars(select(ClinicLoad).order_by(ClinicLoad.id.desc()).limit(1)).first()
    loading = _Loading(now, last.rows if last else {}, force)
    for wanted in wanted_rows(found, now.date()):
        loading.put(wanted)
    loading.retire()
    loading.versions(found)
    done = Loaded(loading.added, loading.changed, loading.retired)
    if loading.overwritten:
        raise ChangedSince(loading.overwritten)
    if not done.nothing:
        db.session.add(ClinicLoad(digest=digest_of(text), rows=loading.written, loaded_at=now))
        calendars.catalogue_changed()
        audit.record(
            actor, "load_clinic", "clinic", 1, now, added=done.added, changed=done.changed, retired=done.retired
        )  # fmt: skip
    return done


class _Loading:
    """One load under way."""

    def __init__(self, now: datetime, before: dict[str, dict[str, Any]], force: bool) -> None:
        self.now, self.before, self.force = now, before, force
        self.added = self.changed = self.retired = 0
        self.written: dict[str, dict[str, Any]] = {}
        self.overwritten: list[str] = []
        self.ids: dict[tuple[str, str], int] = {}

    def put(self, wanted: Wanted) -> None:
        """Add or change one row, unless the desk has changed it since the last load."""
        same, values = self._resolved(wanted.same), self._resolved(wanted.values)
        row = db.session.scalars(select(wanted.table).filter_by(**same)).first()
        if row is None:
            row = wanted.table(**same, **values, **self._stamped(wanted.table))
            db.session.add(row)
            self.added += 1
        elif differing := {n: v for n, v in values.items() if getattr(row, n) != v}:
            self._change(wanted.key, row, differing)
        db.session.flush()
        self.written[wanted.key] = _plain(values)
        if slug := wanted.same.get("slug"):
            self.ids[wanted.table.__tablename__, slug] = row.id  # type: ignore[attr-defined]  # all of these have one

    def _change(self, key: str, row: Model, differing: dict[str, Any]) -> None:
        is_now = _plain({name: getattr(row, name) for name in differing})
        was = self.before.get(key, is_now)
        if not self.force and any(was.get(name) != value for name, value in is_now.items()):
            self.overwritten.append(key)
            return
        for name, value in differing.items():
            setattr(row, name, value)
        self.changed += 1

    def _resolved(self, values: dict[str, Any]) -> dict[str, Any]:
        """Put ids in place of the slugs of the rows pointed to."""
        return {
            name: self.ids[name.removesuffix("_id"), value] if name.endswith("_id") else value
            for name, value in values.items()
        }

    def _stamped(self, table: type[Model]) -> dict[str, Any]:
        return {"created_at": self.now} if table is Resource else {}

    def retire(self) -> None:
        """Retire what earlier loads wrote and this one doesn't name: ended, inactive, or, a coming
        closure, taken away.
        """
        for table in (Location, Staff, Resource, OpeningHours, Shift, Closure):
            for row in db.session.scalars(select(table)):
                if self._key(row) in self.before and self._key(row) not in self.written:
                    self.retired += self._retire(row)

    def _retire(self, row: Model) -> bool:
        yesterday = self.now.date() - timedelta(days=1)
        if isinstance(row, DATED):
            if row.valid_to is not None:
                return False
            row.valid_to = max(yesterday, row.valid_from - timedelta(days=1))
        elif isinstance(row, Closure):
            if row.first_day <= self.now.date():
                return False
            db.session.delete(row)
        else:
            if not row.active:  # type: ignore[attr-defined]  # all others have it
                return False
            row.active = False  # type: ignore[attr-defined]
        return True

    def _key(self, row: Model) -> str:
        slugs = {(kind, number): slug for (kind, slug), number in self.ids.items()}
        names = {
            Location: ("slug",),
            Staff: ("slug",),
            Resource: ("staff_id",)
            if getattr(row, "staff_id", None)
            else ("location_id", "kind", "name"),
            OpeningHours: ("location_id", "weekday", "opens", "closes", "valid_from"),
            Shift: ("staff_id", "location_id", "weekday", "begins", "ends", "valid_from"),
            Closure: ("location_id", "first_day", "name"),
        }[type(row)]
        same = {
            name: slugs.get((name.removesuffix("_id"), getattr(row, name)), "?")
            if name.endswith("_id")
            else getattr(row, name)
            for name in names
        }
        return Wanted(type(row), same, {}).key

    def versions(self, found: ClinicFile) -> None:
        """Add a new version of whatever is kept by versions and has changed."""
        self._questions(found)
        self._reminders(found)
        slugs = [Template.from_data({"version": 1, **data}).slug for data in found.templates]
        for position, data in enumerate(found.templates):
            self._template(data, position)
        for row in db.session.scalars(select(ScheduleTemplate).filter_by(active=True)):
            if row.slug not in slugs:
                row.active = False
                self.retired += 1

    def _questions(self, found: ClinicFile) -> None:
        asked = [
            Question(q.slug, dict(q.texts), q.leads_to).as_data() for q in found.screening.questions
        ]
        newest = _newest(Questionnaire)
        digest = digest_of([asked, found.screening.approved_by])
        if newest is None or newest.digest != digest:
            number = newest.version + 1 if newest else 1
            db.session.add(
                Questionnaire(
                    version=number,
                    digest=digest,
                    approved_by=found.screening.approved_by,
                    questions=asked,
                    created_at=self.now,
                )
            )
            self.added += 1

    def _reminders(self, found: ClinicFile) -> None:
        rules = [ReminderRule.from_data(data).as_data() for data in found.reminders]
        newest = _newest(ReminderPolicy)
        if newest is None or newest.digest != digest_of(rules):
            number = newest.version + 1 if newest else 1
            db.session.add(
                ReminderPolicy(
                    version=number, digest=digest_of(rules), rules=rules, created_at=self.now
                )
            )
            self.added += 1

    def _template(self, data: dict[str, Any], position: int) -> None:
        slug, digest = data["slug"], digest_of(data)
        newest = db.session.scalars(
            select(ScheduleTemplate).filter_by(slug=slug).order_by(ScheduleTemplate.version.desc())
        ).first()
        if newest is not None and newest.digest == digest:
            newest.position, newest.active = position, True
            return
        highest = db.session.scalar(select(func.max(ScheduleTemplate.version)).filter_by(slug=slug))
        version = (highest or 0) + 1
        if newest is not None:
            newest.active = False
        db.session.add(
            ScheduleTemplate(
                slug=slug,
                version=version,
                digest=digest,
                approved_by=data["approved_by"],
                data=Template.from_data({**data, "version": version}).as_data(),
                position=position,
                created_at=self.now,
            )
        )
        self.added += 1


def _newest(table: Any) -> Any:
    return db.session.scalars(select(table).order_by(table.version.desc()).limit(1)).first()


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values as they look after a way through JSON, so that they can be compared later."""
    found: dict[str, Any] = json.loads(json.dumps(values, default=_text))
    return found


def _text(value: Any) -> str:
    if isinstance(value, (date, time)):
        return value.isoformat()
    raise TypeError(f"{type(value)} has no plain form")
