"""Locations as the clinic file writes them."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import select

from booking.clinic.exported_weeks import export_hours
from booking.clinic.models import ClinicLoad
from booking.extensions import db
from booking.locations.models import Closure, Location, Resource
from booking.locations.rules import ResourceKind

COLUMNS = ("slug", "name", "neutral_name", "time_zone", "address", "phone", "email",
           "emergency_room")  # fmt: skip


def export_location(
    location: Location, load: ClinicLoad, holidays: Collection[str], today: date
) -> dict[str, Any]:
    """Return a location with its rooms, chairs, hours as of `today`, and closures that are no holidays."""
    return {
        **{name: getattr(location, name) for name in COLUMNS},
        "rooms": _names(location, ResourceKind.ROOM),
        "chairs": _names(location, ResourceKind.CHAIR),
        "closures": _closures(location, load, holidays),
        **export_hours(location, today),
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
