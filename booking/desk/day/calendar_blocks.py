"""A calendar's blocks as plain data: appointments, what is closed, and how many seats of nurses are taken.

Times are those of the clock on the wall at the location, as in 2026-12-01T09:00.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from booking.appointments.calendar_entries import CalendarEntry
from booking.appointments.rules import Action, Status, is_action_allowed
from booking.calendars.local_days import LocalDay, iter_runs
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.nurse_loads import NurseLoad
from booking.desk.day.calendar_marks import ListMarks
from booking.desk.words import format_service_name, format_status
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind
from booking.web.formats import format_local_time

Block = dict[str, Any]
LOCATION = "at-{}"  # the column of a whole location


def wall_clock(instant: datetime, location: LocationCalendar) -> str:
    """Return what the clock on the wall shows at an instant."""
    return f"{instant.astimezone(location.zone):%Y-%m-%dT%H:%M}"


def list_columns(entry: CalendarEntry, resources: Mapping[int, Resource]) -> list[str]:
    """Return the columns an appointment stands in: its location's, and those of what it claims."""
    claimed = [str(claim.resource_id) for claim in entry.claims if claim.resource_id in resources]
    return [LOCATION.format(entry.location_id), *dict.fromkeys(claimed)]


def build_appointment_block(
    entry: CalendarEntry,
    location: LocationCalendar,
    resources: Mapping[int, Resource],
    recovery: int,
    list_marks: ListMarks,
    now: datetime,
) -> Block:
    """Return an appointment's block; from `tail` on its patient recovers, or the room is made ready."""
    ends = [claim.ends_at for claim in entry.claims if claim.resource_id in resources]
    ends_at = max(ends, default=entry.ends_at)
    tail = min(entry.ends_at - timedelta(minutes=recovery), ends_at)
    block = {
        "id": str(entry.id),
        "version": entry.version,
        "state": entry.status.value,
        "word": format_status(entry.status),
        "start": wall_clock(entry.starts_at, location),
        "end": wall_clock(ends_at, location),
        "tail": (ends_at - tail) // timedelta(minutes=1),
        "columns": list_columns(entry, resources),
        "location": location.slug,
        "time": format_local_time(entry.starts_at, location.zone),
        "service": format_service_name(entry.service_id),
    }
    if entry.patient is None:
        return block | {"name": str(_("Being booked online"))}
    return block | {
        "name": f"{entry.patient.given_name} {entry.patient.family_name}",
        "url": url_for("desk.show_appointment", appointment_id=entry.id),
        "marks": [[mark.kind, mark.text] for mark in list_marks(entry)],
        "confirmed": entry.status is Status.BOOKED and entry.confirmed_at is not None,
        "movable": is_action_allowed(Action.MOVE, entry.status, entry.starts_at, now),
        "extra": entry.extra_minutes,
        "stretchable": is_action_allowed(
            *(Action.CHANGE_LENGTH, entry.status, entry.starts_at, now),
            is_its_day=entry.local_date == now.astimezone(location.zone).date(),
        ),
    }


def list_closed(
    location: LocationCalendar, day: LocalDay, resources: Sequence[Resource], visible: int
) -> Iterator[Block]:
    """Yield when of the `visible` cells a location is closed, or a room or chair of it out of order."""
    opened, outage = location.open_cells(day), location.outage_cells(day)
    closures = ", ".join(closure.name for closure in location.closures_on(day.local_date))
    columns = [LOCATION.format(location.id), *(str(resource.id) for resource in resources)]
    closed = visible & ~opened
    yield from _describe_closed(closed & ~outage, location, day, columns, closures)
    yield from _describe_closed(closed & outage, location, day, columns, str(_("Closed")))
    for resource in resources:
        missing = visible & get_missing_cells(resource, location, day)
        column = [str(resource.id)]
        yield from _describe_closed(missing, location, day, column, str(_("Out of order")))


def get_missing_cells(resource: Resource, location: LocationCalendar, day: LocalDay) -> int:
    """Return the cells at which a room or chair is out of order, of those at which its location is open."""
    free = location.day_if_open(day.local_date).by_kind(resource.kind).get(resource.id, 0)
    return location.open_cells(day) & ~free


def list_absent_spans(
    practitioner: Resource, locations: Sequence[LocationCalendar], day: LocalDay, visible: int
) -> Iterator[Block]:
    """Yield when of the `visible` cells a practitioner is at none of these locations, or busy elsewhere."""
    present = busy = 0
    for location in locations:
        free = location.free_day(day.local_date)
        present |= free.by_kind(ResourceKind.PRACTITIONER).get(practitioner.id, 0)
        busy |= free.busy.get(practitioner.id, 0)
    column, home = [str(practitioner.id)], locations[0]
    yield from _describe_closed(visible & ~present, home, day, column, str(_("Not here")))
    own_calendar = str(_("Busy by their own calendar"))
    yield from _describe_closed(visible & present & busy, home, day, column, own_calendar)


def _describe_closed(
    cells: int, location: LocationCalendar, day: LocalDay, columns: Sequence[str], text: str
) -> Iterator[Block]:
    for first, end in iter_runs(cells):
        yield {
            "start": wall_clock(day.cell_start(first), location),
            "end": wall_clock(day.cell_start(end), location),
            "columns": columns,
            "text": text,
        }


def describe_load(load: NurseLoad, location: LocationCalendar, day: LocalDay) -> Block:
    """Return a quarter of an hour of the nurses' load."""
    return {
        "location": location.slug,
        "start": wall_clock(day.cell_start(load.cell), location),
        "taken": load.claimed,
        "seats": load.seats,
    }
