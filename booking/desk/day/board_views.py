"""The wall board of a location: what happens in each chair and what is due, without a name or a reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response, render_template, request

from booking import clock
from booking.access import Access, access
from booking.appointments.day_rules import TreatmentState
from booking.appointments.rules import Status
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.blueprint import blueprint
from booking.desk.day.calendar_blocks import get_missing_cells
from booking.desk.day.calendar_range import CalendarRange, Span
from booking.desk.day.day_view import DayView, read_day_view
from booking.desk.day.now_panel import is_step_late, read_treatment_states
from booking.desk.day.views import get_location_or_404
from booking.locations.models import Resource
from booking.locations.rules import ResourceKind


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A chair, and how far whoever is in it or waits for it has come; nothing where nobody is."""

    chair: str
    state: TreatmentState | None = None
    is_late: bool = False
    is_missing: bool = False  # out of order


# An open board counts as use: it would go dark while all look at it. Its sign-in ends after a working day.
@blueprint.get("/board/<location>")
@access(Access.STAFF)
def show_board(location: str) -> str:
    """Show the board; without scripts it comes anew by itself."""
    calendar, now = get_location_or_404(location), clock.now()
    lines = _read_lines(calendar, now)
    return render_template("desk/day/board.html", location=calendar, lines=lines, now=now)


@blueprint.get("/board/<location>/now")
@access(Access.STAFF)
def poll_board(location: str) -> Response:
    """Return the board's lines for one that hangs there; 304 while nothing has changed, within a minute."""
    calendar, now = get_location_or_404(location), clock.now()
    period = CalendarRange.of([calendar], clock.local_date(now, calendar.zone.key), Span.DAY)
    version = str(period.read_version(now))
    if version in request.if_none_match:
        response = make_response("", 304)
    else:
        lines = _read_lines(calendar, now)
        response = make_response(
            render_template("desk/day/_board.html", location=calendar, lines=lines, now=now)
        )
    response.set_etag(version)
    return response


def _read_lines(location: LocationCalendar, now: datetime) -> list[BoardLine]:
    view = read_day_view(location, clock.local_date(now, location.zone.key), now)
    present = [
        each.appointment
        for each in view.appointments.values()
        if each.appointment.status is Status.ARRIVED and each.appointment.is_infusion
    ]
    states = read_treatment_states(present)
    chairs = [column for column in view.columns if column.kind is ResourceKind.CHAIR]
    return [line for chair in chairs for line in _list_lines(view, chair, states, now)]


def _list_lines(
    view: DayView, chair: Resource, states: Mapping[int, TreatmentState], now: datetime
) -> list[BoardLine]:
    """Return the lines of a chair: one for each who is there or waits for it."""
    day = view.location.local_day(view.local_date)
    cell = day.cell_at(now)
    missing = get_missing_cells(chair, view.location, day)
    is_missing = cell is not None and bool(missing >> cell & 1)
    lines = [
        BoardLine(chair.name, states[key], is_step_late(states[key], now), is_missing)
        for key, each in view.appointments.items()
        if key in states and chair in each.resources
    ]
    return lines or [BoardLine(chair.name, is_missing=is_missing)]
