"""The patient's first pages: start, choose a time, hold it. `steps` has what follows."""

from datetime import datetime

from flask import redirect, render_template, request, session, url_for
from werkzeug.exceptions import TooManyRequests

from booking import clock
from booking.access import Access, access
from booking.appointments import hold_cleanup, holds, queries
from booking.appointments.hold_limits import TooManyHolds
from booking.appointments.holds import HoldNotFound
from booking.appointments.rules import HOLD as HOLD_LASTS
from booking.appointments.rules import MAX_HOLDS, new_token
from booking.calendars import availability
from booking.calendars.availability import UnknownSlug
from booking.calendars.operations import SlotTaken
from booking.dates import parse_day, parse_instant
from booking.db.transactions import OverlapError
from booking.locations import operations as locations
from booking.site import callbacks, lost_link, moving, offers, own_page, steps, timeline, waitlist
from booking.site.blueprint import blueprint
from booking.site.form_differences import matches_form, read_form_time
from booking.site.lost_holds import list_typed_fields, resume_page
from booking.site.slot_lists import (
    choose_day,
    find_soonest_slots,
    group_by_part_of_day,
    group_slots_by_day,
)
from booking.site.visitor_hold import (
    BOOKED,
    HOLD,
    HOLDS_ALLOWED,
    SERVICE,
    Page,
    current_step_url,
    get_or_create_hold_token,
    slot_taken_page,
)
from booking.web.limits import client_address_key, count_customers, limit_rate

__all__ = [
    "blueprint",
    "callbacks",
    "lost_link",
    "moving",
    "offers",
    "own_page",
    "steps",
    "timeline",
    "waitlist",
]  # importing them adds their pages


@blueprint.get("/")
@access(Access.PUBLIC)
def show_start() -> str:
    """What a first appointment is, and the next times at each location."""
    now = clock.now()
    get_or_create_hold_token()
    service = availability.find_service(availability.current_catalogue(), SERVICE)
    return render_template(
        "site/start.html",
        service=service,
        locations=locations.list_active_locations(),
        soonest=find_soonest_slots(SERVICE, now),
    )


@blueprint.get("/book/time")
@access(Access.PUBLIC)
def choose_time() -> Page:
    """Choose a location, a day and a time."""
    get_or_create_hold_token()
    chosen_locations = locations.list_active_locations()
    slug = request.args.get("location", chosen_locations[0].slug)
    if slug not in [location.slug for location in chosen_locations]:
        return redirect(url_for(".choose_time"))
    days = group_slots_by_day(SERVICE, slug, clock.now())
    day = choose_day(parse_day(request.args.get("day")), days)
    return render_template(
        "site/time.html",
        locations=chosen_locations,
        location=next(location for location in chosen_locations if location.slug == slug),
        days=days,
        day=day,
        parts=group_by_part_of_day(days.get(day, [])) if day else [],
    )


@blueprint.post("/book/hold")
@access(Access.PUBLIC)
@limit_rate(HOLDS_ALLOWED)
def hold_time() -> Page:
    """Hold the time that was tapped; someone who held another before keeps what was typed."""
    starts_at = parse_instant(request.form.get("start"))
    if starts_at is None:
        return redirect(url_for(".choose_time"))
    try:
        return _hold(request.form.get("location", ""), starts_at)
    except UnknownSlug:
        return redirect(url_for(".choose_time"))


def _hold(location: str, starts_at: datetime) -> Page:
    now, token = clock.now(), get_or_create_hold_token()
    if queries.find_by_token(token):  # booked in another window: this is the next one
        token = session[HOLD] = new_token()
    try:
        most = MAX_HOLDS * count_customers()
        hold = holds.hold_or_change_time(
            token, SERVICE, location, starts_at, now, client_address_key(), most
        )
    except (SlotTaken, OverlapError):
        return slot_taken_page(location, starts_at, list_typed_fields())
    except TooManyHolds as refusal:
        raise TooManyRequests(retry_after=int(HOLD_LASTS.total_seconds())) from refusal
    return resume_page(hold) or redirect(current_step_url(hold))


@blueprint.post("/book/again")
@access(Access.PUBLIC)
def start_over() -> Page:
    """Begin anew, for someone else: what was held and typed goes."""
    hold_cleanup.delete_hold(session.pop(HOLD, ""), clock.now())
    return redirect(url_for(".show_start"))


@blueprint.errorhandler(HoldNotFound)
def handle_hold_not_found(_error: HoldNotFound) -> Page:
    """Nothing is held any longer, or it is booked: show the appointment, say what became of it, or begin."""
    token = session.pop(HOLD, "")
    if queries.find_by_token(token):
        session[BOOKED] = token
    appointment = queries.find_by_token(session.get(BOOKED, ""))
    if request.method != "POST":
        return redirect(url_for(".show_confirmation" if appointment else ".show_start"))
    if appointment and matches_form(appointment):
        return redirect(url_for(".show_confirmation"))
    location = locations.get_location(appointment.location_id) if appointment else None
    shown_time = read_form_time()
    page = render_template(
        "site/gone.html",
        appointment=appointment,
        location=location,
        earlier=shown_time,
        typed=list_typed_fields(),
    )
    return page, 409
