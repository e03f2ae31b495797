"""Choosing a time: a month of days, at one location or all, with anyone or one practitioner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import redirect, render_template, request, url_for

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.answer_cache import days_valid_until, read_days_stamp
from booking.calendars.availability import UnknownSlug
from booking.calendars.bookable_days import BookableDay, list_calendar_days
from booking.calendars.catalogue import Catalogue, Practitioner
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.slots import Slot, compute_booking_window, list_bookable_days, list_slots
from booking.dates import parse_day, parse_instant
from booking.locations import operations as locations
from booking.site.blueprint import blueprint
from booking.site.months import build_month, choose_day, find_free_day, month_span
from booking.site.not_open import get_consultation
from booking.site.slot_lists import PartOfDay, group_by_part_of_day
from booking.site.time_pages import find_time_page, keep_time_page
from booking.site.visitor_hold import SERVICE, Page, get_or_create_hold_token
from booking.web.formats import first_weekday
from booking.web.replica_reads import read_from_replica

ANY = "any"  # the address's word for all locations


@dataclass(frozen=True, slots=True)
class TimeFilter:
    """Where and with whom somebody looks for a time: at `locations` (all: ANY in the address)."""

    slug: str
    locations: Sequence[LocationCalendar]
    practitioner: Practitioner | None

    @property
    def slugs(self) -> list[str]:
        """The locations' slugs."""
        return [location.slug for location in self.locations]


@blueprint.get("/book/time")
@access(Access.PUBLIC)
@read_from_replica
def choose_time() -> Page:
    """Choose a location, a practitioner or anyone, a day and a time."""
    get_or_create_hold_token()
    now = clock.now()
    if page := find_time_page(now):
        return page
    catalogue = availability.current_catalogue()
    try:
        choice = _read_filter(catalogue)
    except UnknownSlug:
        return redirect(url_for(".choose_time"))
    span = _span(choice, catalogue, now)
    stamp = read_days_stamp(catalogue, choice.locations, *span)
    days = _list_days(choice, span, now)
    day = choose_day(_read_day(choice), days) or _today(choice, now)
    own_values = {
        "location": choice.slug,
        "practitioner": choice.practitioner.slug if choice.practitioner else None,
        "day": day.isoformat(),
    }
    page = _render_page(choice, catalogue, days, day, now)
    return keep_time_page(page, own_values, stamp, _valid_until(choice, catalogue, span, now))


def _read_day(choice: TimeFilter) -> date | None:
    """Return the day that the address names, or that of the time it names: a link from elsewhere."""
    starts_at = parse_instant(request.args.get("start"))
    if starts_at is None:
        return parse_day(request.args.get("day"))
    return starts_at.astimezone(choice.locations[0].zone).date()


def _render_page(
    choice: TimeFilter,
    catalogue: Catalogue,
    days: Mapping[date, BookableDay],
    day: date,
    now: datetime,
) -> str:
    """Return the page; nothing on it may be a visitor's own but the form token (`time_pages`)."""
    slots = list_slots(SERVICE, choice.slugs, day, day, now, choice.practitioner)
    linked_start = parse_instant(request.args.get("start"))
    return render_template(
        "site/time.html",
        choice=choice,
        locations=locations.list_active_locations(),
        practitioners=_list_practitioners(choice.locations, catalogue),
        month=build_month(days, day),
        day=days[day],
        today=_today(choice, now),
        soonest=find_free_day(days),
        next_free=find_free_day(days, after=day),
        times_by_location=group_by_location(choice, slots),
        linked_start=linked_start,
        linked_slot=next((slot for slot in slots if slot.starts_at == linked_start), None),
    )


def _read_filter(catalogue: Catalogue) -> TimeFilter:
    """Return what the address asks for; raise `UnknownSlug`."""
    slug = request.args.get("location", ANY)
    active = list(catalogue.locations.values())
    chosen = active if slug == ANY else [availability.get_location(catalogue, slug)]
    practitioner = availability.find_practitioner(catalogue, request.args.get("practitioner"))
    return TimeFilter(slug, chosen, practitioner)


def _list_practitioners(
    chosen: Sequence[LocationCalendar], catalogue: Catalogue
) -> list[Practitioner]:
    """Return who works at these locations."""
    ids = {worker.resource_id for location in chosen for worker in location.practitioners}
    return [each for each in catalogue.practitioners.values() if each.resource_id in ids]


def _span(choice: TimeFilter, catalogue: Catalogue, now: datetime) -> tuple[date, date]:
    """Return whole weeks, from today's to the last in which a consultation can be booked."""
    service = get_consultation(catalogue)
    last = max(
        compute_booking_window(each, service, now).last_day(each.zone) for each in choice.locations
    )
    return month_span(_today(choice, now), last, first_weekday())


def _valid_until(
    choice: TimeFilter, catalogue: Catalogue, span: tuple[date, date], now: datetime
) -> datetime:
    """Return when time alone makes another page."""
    service = get_consultation(catalogue)
    days = list_bookable_days(catalogue, service, choice.slugs, *span, now, choice.practitioner)
    return days_valid_until(service, choice.locations, days, now)


def _list_days(
    choice: TimeFilter, span: tuple[date, date], now: datetime
) -> dict[date, BookableDay]:
    days = list_calendar_days(SERVICE, choice.slugs, *span, now, choice.practitioner)
    return {day.date: day for day in days}


def _today(choice: TimeFilter, now: datetime) -> date:
    return min(now.astimezone(location.zone).date() for location in choice.locations)


def group_by_location(
    choice: TimeFilter, slots: Sequence[Slot]
) -> list[tuple[LocationCalendar, list[PartOfDay]]]:
    """Return a day's free times by location, of each those of morning, afternoon and evening."""
    return [
        (location, group_by_part_of_day([slot for slot in slots if slot.location is location]))
        for location in choice.locations
    ]
