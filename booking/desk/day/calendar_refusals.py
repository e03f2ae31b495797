"""Where in the calendar an appointment can't be dropped, and why: by the rules that moves are refused by."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby

from flask_babel import gettext as _

from booking.appointments.free_resources import read_starts_by_resource
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.local_days import iter_bits
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.ruled_days import RuledDay
from booking.desk.day.calendar_blocks import LOCATION, Block, wall_clock
from booking.desk.day.calendar_data import CalendarContents
from booking.desk.why_not.rule_words import explain_start
from booking.series.ruled_starts import read_session_move_rules


def list_refused_spans(
    appointment: Appointment, contents: CalendarContents, now: datetime
) -> Iterator[Block]:
    """Yield, by column, from when to when an appointment can't start, each with why."""
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    step = timedelta(minutes=get_demand(appointment, service).step)
    period = contents.period
    for location in period.locations:
        days = read_session_move_rules(appointment, location, period.first, period.last, now)
        free = read_starts_by_resource(appointment, location, period.first, period.last, now)
        for ruled in days:
            starts = _list_starts(ruled, step, contents.visible_cells(ruled.day))
            reasons = {start: explain_start(ruled, start) for start in starts}
            by_resource = free.get(ruled.day.local_date, {})
            for column, column_reasons in _by_column(ruled, contents, reasons, by_resource):
                yield from _merge(column, column_reasons, location, step)


def _list_starts(ruled: RuledDay, step: timedelta, visible: int) -> list[datetime]:
    grid = ruled.day.grid_cells(step // timedelta(minutes=1)) & visible
    return [ruled.day.cell_start(cell) for cell in iter_bits(grid)]


def _by_column(
    ruled: RuledDay,
    contents: CalendarContents,
    reasons: Mapping[datetime, str],
    starts_by_resource: Mapping[int, int],
) -> Iterator[tuple[str, Mapping[datetime, str]]]:
    """Yield each column at a location with the reason against each start in it; empty: none."""
    yield LOCATION.format(ruled.location.id), reasons
    for resource in contents.resources.values():
        if resource.location_id in (ruled.location.id, None):
            allowed = starts_by_resource.get(resource.id)
            words = _("%(name)s isn't free then.", name=resource.name)
            if allowed is None:
                allowed, words = 0, _("The visit doesn't take %(name)s.", name=resource.name)
            yield (
                str(resource.id),
                {
                    start: reason or ("" if _is_among(start, allowed, ruled) else str(words))
                    for start, reason in reasons.items()
                },
            )


def _is_among(start: datetime, starts: int, ruled: RuledDay) -> bool:
    cell = ruled.day.cell_at(start)
    return cell is not None and bool(starts >> cell & 1)


def _merge(
    column: str, reasons: Mapping[datetime, str], location: LocationCalendar, step: timedelta
) -> Iterator[Block]:
    """Yield each run of starts that have the same reason against them."""
    for text, run in groupby(reasons.items(), key=lambda item: item[1]):
        starts = [start for start, _reason in run]
        if text:
            yield {
                "start": wall_clock(starts[0], location),
                "end": wall_clock(starts[-1] + step, location),
                "columns": [column],
                "text": text,
            }
