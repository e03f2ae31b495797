"""Loading clinic files in tests, and looking at what they left."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from booking.calendars import availability
from booking.clinic.models import ClinicLoad
from booking.clinic.operations import LoadResult, load_clinic
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Location, OpeningHours
from booking.reminders.models import ReminderPolicy
from tests.builders import NOW
from tests.clinic.files import DEMO
from tests.written_once import written_once

TODAY = date(2026, 11, 30)  # NOW's local date, a Monday
LATER = NOW + timedelta(days=10)
A_MONDAY, A_LONG_MONDAY = 'monday = "08:00-17:30"', 'monday = "08:00-19:00"'


@written_once
def loaded(text: str = DEMO, now: datetime = NOW, *, force: bool = False) -> LoadResult:
    return load_clinic(text, now, "test", force=force)


@written_once
def a_load() -> None:
    """Let a clinic that a test has built count as loaded, so that it can be written down."""
    heading = {"valid_from": "2026-01-01", "state": "AZ", "holidays": [], "infusions": {}}
    with transaction():
        db.session.add(
            ClinicLoad(digest="0" * 64, rows={}, templates={}, heading=heading, loaded_at=NOW)
        )
        if db.session.scalar(select(ReminderPolicy)) is None:
            policy = {"version": 1, "rules": [], "digest": "0" * 64, "created_at": NOW}
            db.session.add(ReminderPolicy(**policy))


def hours_of_mondays(slug: str = "ahwatukee") -> list[tuple[time, date, date | None]]:
    rows = db.session.scalars(
        select(OpeningHours)
        .join(Location, Location.id == OpeningHours.location_id)
        .where(Location.slug == slug, OpeningHours.weekday == 0)
        .order_by(OpeningHours.valid_from)
    )
    return [(row.closes, row.valid_from, row.valid_to) for row in rows]


def the_location(slug: str = "ahwatukee") -> Location:
    return db.session.scalars(select(Location).filter_by(slug=slug)).one()


def catalogue_version() -> int:
    return availability.current_catalogue().version
