"""Weekly hours and shifts as the clinic file writes them: what holds, what is announced, single days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import or_, select

from booking.clinic.weeks import Weekday
from booking.extensions import db
from booking.locations.models import Location, OpeningHours
from booking.locations.rules import END_OF_DAY
from booking.staff.models import Shift, Staff

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Weeks:
    """Rows that hold without an end; where those of some are yet to come, from when, and all until then."""

    rows: Sequence[Any]
    announced_from: date | None
    before: Sequence[Any]


def valid_from(last_stated: date, today: date) -> date:
    """Return from when weekly hours hold: as said last, or, where that is to come, since when others do."""
    if last_stated <= today:
        return last_stated
    rows = [*_current(OpeningHours, today), *_current(Shift, today)]
    begins: list[date] = [row.valid_from for row in rows]
    return min([last_stated, *begins])


def export_hours(location: Location, today: date) -> dict[str, Any]:
    """Return a location's hours; where others are announced, from when, and those until then."""
    weeks = _split(_current(OpeningHours, today, location_id=location.id), today)
    values: dict[str, Any] = {"hours": _hours(weeks.rows)}
    if weeks.announced_from:
        values |= {"hours_from": weeks.announced_from, "hours_before": _hours(weeks.before)}
    return values


def export_shifts(person: Staff, today: date) -> dict[str, Any]:
    """Return somebody's shifts by location, likewise, and those of single days."""
    rows = _current(Shift, today, staff_id=person.id)
    weeks = _split([row for row in rows if row.valid_to != row.valid_from], today)
    values: dict[str, Any] = {}
    if weeks.rows:
        values["shifts"] = _shifts(weeks.rows)
    if weeks.announced_from:
        values |= {"shifts_from": weeks.announced_from, "shifts_before": _shifts(weeks.before)}
    if extra := [row for row in rows if row.valid_to == row.valid_from]:
        values["extra_shifts"] = _extra_shifts(extra)
    return values


def _current(table: Any, today: date, **owner: int) -> Sequence[Any]:
    """Return the rows of a table that are not over."""
    current = or_(table.valid_to.is_(None), table.valid_to >= today)
    rows = select(table).filter_by(**owner).where(current)
    return db.session.scalars(rows.order_by(table.valid_from, table.id)).all()


def _split(rows: Sequence[Any], today: date) -> _Weeks:
    open_ended = [row for row in rows if row.valid_to is None]
    ending = [row for row in rows if row.valid_to is not None]
    starts = [row.valid_from for row in open_ended if row.valid_from > today]
    ends = [
        row.valid_to + DAY for row in ending
    ]  # with nothing after them, the end is what is announced
    before = [*ending, *(row for row in open_ended if row.valid_from <= today)]
    announced_from = max([*starts, *ends]) if before and (starts or ends) else None
    return _Weeks(open_ended, announced_from, before if announced_from else [])


def _hours(rows: Iterable[OpeningHours]) -> dict[str, str]:
    return _week((row.weekday, row.opens, row.closes) for row in rows)


def _shifts(rows: Sequence[Shift]) -> dict[str, dict[str, str]]:
    return {
        slug: _week((row.weekday, row.begins, row.ends) for row in rows if row.location_id == key)
        for key, slug in _location_slugs().items()
        if any(row.location_id == key for row in rows)
    }


def _extra_shifts(rows: Sequence[Shift]) -> list[dict[str, Any]]:
    slugs = _location_slugs()
    spans: dict[tuple[date, int], list[tuple[time, time]]] = {}
    for row in rows:
        spans.setdefault((row.valid_from, row.location_id), []).append((row.begins, row.ends))
    return [
        {"location": slugs[key], "day": day, "hours": _join(spans[day, key])} for day, key in spans
    ]


def _location_slugs() -> dict[int, str]:
    rows = db.session.execute(select(Location.id, Location.slug).order_by(Location.position))
    return {row.id: row.slug for row in rows}


def _week(spans: Iterable[tuple[int, time, time]]) -> dict[str, str]:
    """Return spans by weekday, as "09:00-12:00, 13:00-17:00"; a day without any is left out."""
    week: dict[int, list[tuple[time, time]]] = {}
    for weekday, begins, ends in sorted(spans):
        week.setdefault(weekday, []).append((begins, ends))
    return {list(Weekday)[weekday].value: _join(week[weekday]) for weekday in week}


def _join(spans: Iterable[tuple[time, time]]) -> str:
    return ", ".join(f"{_clock(begins)}-{_clock(ends)}" for begins, ends in sorted(spans))


def _clock(at: time) -> str:
    return "24:00" if at == END_OF_DAY else at.isoformat("minutes")
