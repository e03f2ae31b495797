"""Another time for one session of a plan: a calendar of what each slot costs the whole plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.ruled_days import RuledDay
from booking.desk.appointments.free_times import DAYS, FreeTimes
from booking.desk.blueprint import blueprint
from booking.desk.patients.views import patient_or_404
from booking.desk.requested import (
    get_requested_date,
    get_requested_first_day,
    get_requested_location,
)
from booking.desk.series.chosen_slots import format_pin, list_pins, parse_requested_pins
from booking.desk.series.cost_words import describe_cost_difference
from booking.desk.series.slot_marks import mark_choices
from booking.desk.why_not.answers import answer_why_not
from booking.series.models import InfusionSeries
from booking.series.planning.slot_costs import CostLevel, Pins
from booking.series.progress import SeriesStatus
from booking.series.queries import find_series
from booking.series.slot_choices import SlotChoices, read_slot_choices

BEFORE = timedelta(days=4)  # of its day now, a session's calendar begins


@blueprint.get("/series/<int:series_id>/plan/sessions/<int:number>")
@access(Access.STAFF)
def choose_plan_slot(series_id: int, number: int) -> AnyResponse | str:
    """Show what a session of a plan can have, and what each slot costs; what is gone leads to the plan."""
    series = find_series(series_id) or abort(404)
    pins, now = parse_requested_pins(), clock.now()
    choices = _read_choices(series, number, pins, now)
    if choices is None:
        return redirect(url_for("desk.show_plan", series_id=series.id))
    return _page(series, number, pins, choices)


def _read_choices(
    series: InfusionSeries, number: int, pins: Pins, now: datetime
) -> SlotChoices | None:
    if series.status is not SeriesStatus.PROPOSED:
        return None
    try:
        return read_slot_choices(series, number, pins, now)
    except availability.UnknownSlug:
        return None


def _page(series: InfusionSeries, number: int, pins: Pins, choices: SlotChoices) -> str:
    session, calendar, now = choices.session, choices.basis.calendar, clock.now()
    location = get_requested_location(calendar.locations[session.slot.location])
    free = _list_free_times(choices, location)
    chosen_day = get_requested_date(session.day if session.day in free.starts else free.first)

    def read_rules(each: LocationCalendar, day: date) -> RuledDay:
        return choices.basis.read_rules(number, each, day, now, choices.costs)

    slots = {calendar.starts_at(slot): slot for slot in choices.costs}
    others = {each: slot for each, slot in pins.items() if each != number}
    return render_template(
        "desk/series/pick.html",
        series=series,
        patient=patient_or_404(series.patient_id),
        session=session,
        session_location=calendar.locations[session.slot.location],
        starts_at=calendar.starts_at(session.slot),
        location=location,
        locations=calendar.locations.values(),
        free=free,
        chosen_day=chosen_day,
        pins=list_pins(pins),
        other_pins=list_pins(others),
        pin_of={start: format_pin(number, slot) for start, slot in slots.items()},
        marks=mark_choices(choices, location),
        best_of_day=_describe_day(choices, location, chosen_day),
        why=answer_why_not(location, chosen_day, read_rules),
    )


@dataclass(frozen=True, slots=True)
class BestOfDay:
    """The start (UTC) on a day that costs the whole plan least, and what it gives up, in words."""

    starts_at: datetime
    is_best: bool
    losses: Sequence[str]


def _describe_day(choices: SlotChoices, location: LocationCalendar, day: date) -> BestOfDay | None:
    """Return what the best slot of a day gives up; None where the session can have none then."""
    slots = [each for each in choices.costs if (each.location, each.day) == (location.slug, day)]
    if not slots:
        return None
    slot = min(slots, key=lambda each: (choices.costs[each].points, each))
    plan = choices.find_plan_with(slot)
    is_best = choices.costs[slot].level is CostLevel.BEST
    losses = () if is_best else describe_cost_difference(choices.best, plan)
    return BestOfDay(choices.basis.calendar.starts_at(slot), is_best, losses)


def _list_free_times(choices: SlotChoices, location: LocationCalendar) -> FreeTimes:
    """Return two weeks of what the session can have at a location, from the day asked for on."""
    request = choices.basis.request
    first = max(get_requested_first_day(choices.session.day - BEFORE), request.first_day)
    starts: dict[date, list[datetime]] = {
        first + timedelta(days=number): [] for number in range(DAYS)
    }
    for slot in sorted(choices.costs):
        if slot.location == location.slug and slot.day in starts:
            starts[slot.day].append(choices.basis.calendar.starts_at(slot))
    by_day: Mapping[date, Sequence[datetime]] = starts
    return FreeTimes(location, first, dict(by_day))
