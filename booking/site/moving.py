"""Moving one's own appointment: a new time is chosen, shown beside the old one, taken once confirmed."""

from datetime import date, datetime

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from booking import clock
from booking.access import Access, access
from booking.appointments import self_service
from booking.appointments.guards import ChangeRefused
from booking.appointments.models import Appointment
from booking.appointments.move_slots import (
    MoveOptions,
    list_move_days,
    list_move_options,
    move_window,
)
from booking.appointments.patient_booking import NotCleared, PatientBusy
from booking.appointments.rules import ActionNotAllowed
from booking.calendars import availability
from booking.calendars.availability import UnknownSlug
from booking.calendars.bookable_days import BookableDay
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.operations import SlotTaken
from booking.dates import parse_day, parse_instant
from booking.db.transactions import OverlapError
from booking.db.versions import StaleVersion
from booking.locations import operations as locations
from booking.site.blueprint import blueprint
from booking.site.months import build_month, choose_day, month_span
from booking.site.own_page import (
    NO_VERSION,
    OWN_NOTICE,
    is_movable,
    render_own_page,
)
from booking.site.slot_lists import group_by_part_of_day
from booking.site.visitor_hold import Page
from booking.web.formats import first_weekday


@blueprint.get("/a/<token>/move")
@access(Access.TOKEN)
def choose_new_time(token: str) -> Page:
    """Choose a location, a day and a time to move to; what can't be moved here says so on its own page."""
    appointment = self_service.get_own_appointment(token)
    if not is_movable(appointment):
        return redirect(url_for(".show_appointment", token=token))
    return _choosing_page(appointment)


@blueprint.get("/a/<token>/move/confirm")
@access(Access.TOKEN)
def confirm_move(token: str) -> Page:
    """Show the old time and the new one; opening this changes nothing (invariant 13)."""
    appointment = self_service.get_own_appointment(token)
    starts_at = parse_instant(request.args.get("start"))
    slug = request.args.get("location", "")
    if starts_at is None or not _is_location(slug) or not is_movable(appointment):
        return redirect(url_for(".choose_new_time", token=token))
    return _confirming_page(appointment, slug, starts_at)


@blueprint.post("/a/<token>/move")
@access(Access.TOKEN)
def move_appointment(token: str) -> Page:
    """Move the appointment as the page showed it; the old time is kept until then."""
    appointment = self_service.get_own_appointment(token)
    starts_at, slug = parse_instant(request.form.get("start")), request.form.get("location", "")
    if starts_at is None or not _is_location(slug):
        return redirect(url_for(".choose_new_time", token=token))
    version = request.form.get("version", type=int, default=NO_VERSION)
    try:
        self_service.move_own_appointment(
            token, slug, starts_at, clock.now(), expected_version=version
        )
    except StaleVersion:
        current = self_service.get_own_appointment(token)
        return _confirming_page(current, slug, starts_at, changed=True), 409
    except (SlotTaken, OverlapError, PatientBusy, UnknownSlug):
        return _choosing_page(appointment, is_taken=True), 409
    except (ActionNotAllowed, ChangeRefused, NotCleared):
        return render_own_page("site/appointment.html", appointment, not_moved=True), 409
    flash(_("Your visit is moved"), OWN_NOTICE)
    return redirect(url_for(".show_appointment", token=token))


def _is_location(slug: str) -> bool:
    return slug in availability.current_catalogue().locations


def _choosing_page(appointment: Appointment, *, is_taken: bool = False) -> str:
    active = locations.list_active_locations()
    old_location = locations.get_location(appointment.location_id)
    slug = request.values.get("location", old_location.slug)
    location = next((each for each in active if each.slug == slug), active[0])
    calendar = availability.current_catalogue().locations[location.slug]
    options = list_move_options(appointment, calendar, clock.now())
    days = _list_days(appointment, options, calendar)
    day = choose_day(parse_day(request.args.get("day")), days)
    slots = [slot for slot in options.slots if slot.local_start.date() == day]
    return render_own_page(
        "site/move.html",
        appointment,
        locations=active,
        chosen=location,
        obstacle=options.obstacle,
        month=build_month(days, day) if day else None,
        day=day,
        parts=group_by_part_of_day(slots),
        taken=is_taken,
    )


def _list_days(
    appointment: Appointment, options: MoveOptions, location: LocationCalendar
) -> dict[date, BookableDay]:
    """Return whole weeks, from today's to the last in which the appointment may be."""
    service = availability.current_catalogue().services_by_id[appointment.service_id]
    now = clock.now()
    last = move_window(service, location, now).last_day(location.zone)
    span = month_span(now.astimezone(location.zone).date(), last, first_weekday())
    return {day.date: day for day in list_move_days(options, location, *span)}


def _confirming_page(
    appointment: Appointment, slug: str, starts_at: datetime, *, changed: bool = False
) -> str:
    new_location = availability.current_catalogue().locations[slug]
    return render_own_page(
        "site/move_confirm.html",
        appointment,
        new_location=locations.get_location(new_location.id),
        starts_at=starts_at,
        changed=changed,
    )
