"""How full chairs and nurses are in the weeks to come, as a heat map and for spreadsheets."""

from collections.abc import Iterator
from datetime import time
from enum import StrEnum

from flask import Response, render_template, request

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.measures.words import format_bottleneck
from booking.desk.requested import get_requested_location
from booking.measures.capacity import Capacity, read_capacity
from booking.measures.foresight import ForeseenSessionKind
from booking.measures.heat_maps import draw_heat_map
from booking.measures.loads import HALF_HOUR, DayLoads, Usage
from booking.web.spreadsheets import Cell, build_csv_download


class Counted(StrEnum):
    """What the heat map counts."""

    ALL = "all"
    WITHOUT_NEW = "without_new"
    BOOKED = "booked"


KINDS = {
    Counted.ALL: tuple(ForeseenSessionKind),
    Counted.WITHOUT_NEW: tuple(
        kind for kind in ForeseenSessionKind if kind is not ForeseenSessionKind.NEW
    ),
    Counted.BOOKED: (),
}
HEADER = (
    *("date", "from", "to", "chairs_booked_percent", "chairs_foreseen_percent"),
    *("nurses_booked_percent", "nurses_foreseen_percent", "load_percent", "binds"),
)


@blueprint.get("/capacity")
@access(Access.STAFF)
def show_capacity() -> str:
    """Show the heat map of one location."""
    capacity = _read_requested()
    return render_template(
        "desk/measures/capacity.html",
        capacity=capacity,
        heat_map=draw_heat_map(capacity.days),
        counted=_requested_counted(),
        choices=list(Counted),
        locations=availability.current_catalogue().locations.values(),
    )


@blueprint.get("/capacity.csv")
@access(Access.STAFF)
def download_capacity() -> Response:
    """Give all half hours of the heat map as a table for spreadsheets."""
    capacity = _read_requested()
    name = f"capacity-{capacity.location.slug}-{capacity.days[0].day}"
    rows = (row for day in capacity.days for row in _list_rows(day))
    return build_csv_download(name, HEADER, rows)


def _read_requested() -> Capacity:
    location: LocationCalendar = get_requested_location(last_used_location())
    return read_capacity(location, clock.now(), KINDS[_requested_counted()])


def _requested_counted() -> Counted:
    """Return what is to be counted; all, where the address says something else."""
    value = request.args.get("counted", "")
    return Counted(value) if value in list(Counted) else Counted.ALL


def _list_rows(day: DayLoads) -> Iterator[list[Cell]]:
    for index, load in sorted(day.half_hours.items()):
        begins, ends = (time(*divmod(minute % (24 * 60), 60)) for minute in _minutes_of(index))
        yield [
            *(day.day.isoformat(), begins.isoformat("minutes"), ends.isoformat("minutes")),
            *(*_percents(load.chairs), *_percents(load.nurses)),
            *(round(100 * load.fuller.share, 1), format_bottleneck(load.binds)),
        ]


def _minutes_of(index: int) -> tuple[int, int]:
    return index * HALF_HOUR, (index + 1) * HALF_HOUR


def _percents(usage: Usage) -> tuple[float, float]:
    return round(100 * usage.booked_share, 1), round(100 * usage.foreseen_share, 1)
