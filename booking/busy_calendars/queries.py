"""What is known of a practitioner's own calendar."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from booking.busy_calendars.rules import ReadFailure, mask_address
from booking.extensions import db
from booking.locations.models import Location
from booking.staff.models import BusyCalendar, BusyTime, Shift
from booking.staff.secret_box import SecretBox, UnreadableSecret


@dataclass(frozen=True, slots=True)
class CalendarState:
    """A calendar as pages show it: whose server it is on, and how reading it went (UTC)."""

    masked_address: str
    read_at: datetime | None
    failing_since: datetime | None
    failure: ReadFailure | None
    busy_count: int  # stretches of time that are not over


def find_calendar(staff_id: int) -> BusyCalendar | None:
    """Return a person's own calendar, if there is one."""
    return db.session.get(BusyCalendar, staff_id)


def find_calendar_state(staff_id: int, box: SecretBox, now: datetime) -> CalendarState | None:
    """Return how a person's own calendar stands; None without one."""
    row = find_calendar(staff_id)
    if row is None:
        return None
    try:
        masked = mask_address(box.decrypt(row.address))
    except UnreadableSecret:
        masked = "…"
    coming = select(func.count()).where(BusyTime.staff_id == staff_id, BusyTime.ends_at > now)
    failure = ReadFailure(row.failure) if row.failure else None
    return CalendarState(
        masked, row.read_at, row.failing_since, failure, db.session.scalar(coming) or 0
    )


def get_home_zone(staff_id: int) -> str:
    """Return the zone (IANA) of where a person works; of the first location, where they have no shifts."""
    by_shifts = (
        select(Location.time_zone)
        .join(Shift, Shift.location_id == Location.id)
        .where(Shift.staff_id == staff_id)
        .order_by(Shift.id.desc())
    )
    first = select(Location.time_zone).order_by(Location.position)
    return db.session.scalar(by_shifts.limit(1)) or db.session.scalar(first.limit(1)) or "UTC"
