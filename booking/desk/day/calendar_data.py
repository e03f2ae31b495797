"""A calendar as plain data: its columns, its blocks, and how busy the nurses are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from booking.appointments.calendar_entries import CalendarEntry, list_calendar_entries
from booking.calendars.local_days import (
    CELL_MINUTES,
    LocalDay,
    iter_runs,
    minute_of_day,
    resolve_wall_clock,
)
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.nurse_loads import list_nurse_loads
from booking.desk.day.calendar_blocks import (
    LOCATION,
    Block,
    build_appointment_block,
    describe_load,
    list_absent_spans,
    list_closed,
)
from booking.desk.day.calendar_marks import read_marks
from booking.desk.day.calendar_range import CalendarRange
from booking.desk.day.day_view import SHOWN
from booking.locations import operations as locations
from booking.locations.models import Resource
from booking.locations.rules import END_OF_DAY, ResourceKind
from booking.series.queries import recovery_by_appointment

USUAL_HOURS = (8, 18)  # where nothing opens on any day period
Hours = tuple[int, int]  # of the clock on the wall, [first, end)


@dataclass(frozen=True, slots=True)
class CalendarContents:
    """What was read of a range: its appointments, its rooms, chairs and practitioners, the hours shown."""

    period: CalendarRange
    entries: Sequence[CalendarEntry]
    resources: Mapping[int, Resource]
    hours: Hours

    def local_days(self) -> Iterator[tuple[LocationCalendar, LocalDay]]:
        """Yield each day of each location."""
        for location in self.period.locations:
            for local_date in self.period.days:
                yield location, location.local_day(local_date)

    def visible_cells(self, day: LocalDay) -> int:
        """Return the cells of a day that are shown."""
        begins, ends = (
            resolve_wall_clock(day.local_date, time(hour) if hour < 24 else END_OF_DAY, day.zone)
            for hour in self.hours
        )
        return day.cells_inside(begins, ends)


def read_calendar_data(period: CalendarRange, now: datetime) -> dict[str, Any]:
    """Read what a calendar shows, by a fixed number of queries."""
    contents = read_contents(period, now)
    zone = period.locations[0].zone
    return {
        "days": [day.isoformat() for day in period.days],
        "offset": now.astimezone(zone).isoformat()[-6:],
        "hours": [f"{hour:02}:00" for hour in contents.hours],
        "columns": _list_columns(contents),
        "blocks": _list_blocks(contents, now),
        "closed": list(_list_closed(contents)),
        "loads": list(_list_loads(contents)),
    }


def read_contents(period: CalendarRange, now: datetime) -> CalendarContents:
    """Read the appointments of a range, and what columns and hours are shown of it."""
    entries = list_calendar_entries(period.location_ids, period.first, period.last, now)
    return CalendarContents(
        period, entries, _read_resources(period, entries), _visible_hours(period, entries)
    )


def _read_resources(period: CalendarRange, entries: Sequence[CalendarEntry]) -> dict[int, Resource]:
    """Return rooms, chairs, and the practitioners who are on shift or have appointments, in order."""
    ids = {claim.resource_id for entry in entries for claim in entry.claims}
    for location in period.locations:
        ids.update(location.resources.get(ResourceKind.ROOM, ()))
        ids.update(location.resources.get(ResourceKind.CHAIR, ()))
        for local_date in period.days:
            on_shift = location.free_day(local_date).by_kind(ResourceKind.PRACTITIONER)
            ids.update(resource_id for resource_id, cells in on_shift.items() if cells)
    rows = [row for row in locations.get_resources(sorted(ids)).values() if row.kind in SHOWN]
    order = sorted(rows, key=lambda row: (SHOWN.index(row.kind), row.position, row.id))
    return {row.id: row for row in order}


def _visible_hours(period: CalendarRange, entries: Sequence[CalendarEntry]) -> Hours:
    """Return whole hours around all opening hours and appointments of the range."""
    by_id = {location.id: location for location in period.locations}
    minutes: list[Hours] = []
    for location in period.locations:
        for local_date in period.days:
            day = location.local_day(local_date)
            minutes += [_minutes(day, *run) for run in iter_runs(location.hours_cells(day))]
    for entry in entries:
        day = by_id[entry.location_id].local_day(entry.local_date)
        cells = day.cells_touching(entry.starts_at, entry.ends_at)
        minutes += [_minutes(day, *run) for run in iter_runs(cells)]
    if not minutes:
        return USUAL_HOURS
    first, end = min(run[0] for run in minutes), max(run[1] for run in minutes)
    return first // 60, -(-end // 60)


def _minutes(day: LocalDay, first: int, end: int) -> Hours:
    """Return the minutes of the day that the clock shows at cells [first, end)."""
    last = minute_of_day(day.cell_start(end - 1), day.zone)
    return minute_of_day(day.cell_start(first), day.zone), last + CELL_MINUTES


def _list_columns(contents: CalendarContents) -> list[Block]:
    """Return the columns: of each location the whole of it, its rooms and chairs; then practitioners."""
    columns: list[Block] = []
    for location in contents.period.locations:
        where = {"location": location.slug, "place": location.slug.replace("-", " ").title()}
        whole = {"id": LOCATION.format(location.id), "kind": "location", "title": location.name}
        columns.append(whole | where | {"place": ""})
        columns += [
            _describe_column(resource) | where
            for resource in contents.resources.values()
            if resource.location_id == location.id
        ]
    people = [row for row in contents.resources.values() if row.kind is ResourceKind.PRACTITIONER]
    return columns + [_describe_column(row) | {"location": "", "place": ""} for row in people]


def _describe_column(resource: Resource) -> Block:
    return {"id": str(resource.id), "kind": resource.kind.value, "title": resource.name}


def _list_blocks(contents: CalendarContents, now: datetime) -> list[Block]:
    by_id = {location.id: location for location in contents.period.locations}
    recovery = recovery_by_appointment([entry.id for entry in contents.entries])
    list_marks = read_marks(contents.entries, now)
    return [
        build_appointment_block(
            entry,
            by_id[entry.location_id],
            contents.resources,
            recovery.get(entry.id, 0) + entry.is_infusion * entry.extra_minutes,
            list_marks,
            now,
        )
        for entry in contents.entries
    ]


def _list_closed(contents: CalendarContents) -> Iterator[Block]:
    resources = contents.resources.values()
    for location, day in contents.local_days():
        own = [resource for resource in resources if resource.location_id == location.id]
        yield from list_closed(location, day, own, contents.visible_cells(day))
    home = contents.period.locations[0]
    for resource in resources:
        if resource.kind is ResourceKind.PRACTITIONER:
            for local_date in contents.period.days:
                day = home.local_day(local_date)
                visible = contents.visible_cells(day)
                yield from list_absent_spans(resource, contents.period.locations, day, visible)


def _list_loads(contents: CalendarContents) -> Iterator[Block]:
    claims = [claim for entry in contents.entries for claim in entry.claims]
    for location, day in contents.local_days():
        seats = location.free_day(day.local_date).by_kind(ResourceKind.SEAT)
        claimed = [
            day.cells_touching(claim.starts_at, claim.ends_at)
            for claim in claims
            if claim.resource_id in seats
        ]
        for load in list_nurse_loads(day, seats, claimed):
            yield describe_load(load, location, day)
