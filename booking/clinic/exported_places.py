"""Locations and weekly hours as the clinic file writes them."""

from collections.abc import Collection, Iterable
from datetime import date, time
from typing import Any

from sqlalchemy import select

from booking.clinic.fields import Weekday
from booking.clinic.models import ClinicLoad
from booking.extensions import db
from booking.locations.models import Closure, Location, OpeningHours, Resource
from booking.locations.rules import END_OF_DAY, ResourceKind
from booking.staff.models import Shift, Staff

COLUMNS = ("slug", "name", "neutral_name", "time_zone", "address", "phone", "email",
           "emergency_room")  # fmt: skip


def export_location(
    location: Location, load: ClinicLoad, holidays: Collection[str]
) -> dict[str, Any]:
    """Return a location with its rooms, chairs, hours without an end, and closures that are no holidays."""
    hours = db.session.scalars(
        select(OpeningHours).filter_by(location_id=location.id, valid_to=None)
    )
    return {
        **{name: getattr(location, name) for name in COLUMNS},
        "rooms": _names(location, ResourceKind.ROOM),
        "chairs": _names(location, ResourceKind.CHAIR),
        "closures": _closures(location, load, holidays),
        "hours": _week((row.weekday, row.opens, row.closes) for row in hours),
    }


def export_shifts(person: Staff) -> dict[str, dict[str, str]]:
    """Return somebody's weekly shifts without an end, by location."""
    rows = db.session.execute(
        select(Location.slug, Shift)
        .join(Shift, Shift.location_id == Location.id)
        .where(Shift.staff_id == person.id, Shift.valid_to.is_(None))
        .order_by(Location.position)
    ).all()
    slugs = dict.fromkeys(slug for slug, _ in rows)
    return {
        slug: _week((row.weekday, row.begins, row.ends) for key, row in rows if key == slug)
        for slug in slugs
    }


def _names(location: Location, kind: ResourceKind) -> list[str]:
    rows = select(Resource.name).filter_by(location_id=location.id, kind=kind, active=True)
    return list(db.session.scalars(rows.order_by(Resource.position, Resource.id)))


def _closures(
    location: Location, load: ClinicLoad, holidays: Collection[str]
) -> list[dict[str, str | date]]:
    """Return what the last load left, or the desk added and is not over; holidays are named elsewhere."""
    left = {entry["id"] for entry in load.rows.values() if entry["table"] == Closure.__tablename__}
    rows = select(Closure).where(Closure.location_id == location.id, Closure.name.not_in(holidays))
    is_current = Closure.id.in_(left) | (Closure.last_day >= load.loaded_at.date())
    return [
        {"name": row.name, "first": row.first_day, "last": row.last_day}
        for row in db.session.scalars(
            rows.where(is_current).order_by(Closure.first_day, Closure.id)
        )
    ]


def _week(spans: Iterable[tuple[int, time, time]]) -> dict[str, str]:
    """Return spans by weekday, as "09:00-12:00, 13:00-17:00"; a day without any is left out."""
    week: dict[str, list[str]] = {}
    for weekday, begins, ends in sorted(spans):
        week.setdefault(list(Weekday)[weekday].value, []).append(f"{_clock(begins)}-{_clock(ends)}")
    return {day: ", ".join(texts) for day, texts in week.items()}


def _clock(at: time) -> str:
    return "24:00" if at == END_OF_DAY else at.isoformat("minutes")
