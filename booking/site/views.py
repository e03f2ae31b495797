"""The patient's first pages: start, choose a time, hold it. `steps` has what follows."""

from datetime import date, datetime

from flask import redirect, render_template, request, session, url_for
from werkzeug.exceptions import TooManyRequests

from booking import clock
from booking.access import Access, access
from booking.appointments import holds
from booking.appointments import operations as appointments
from booking.appointments.holds import HoldGone, TooManyHolds
from booking.appointments.rules import HOLD as HOLD_LASTS
from booking.appointments.rules import MOST_HOLDS, new_token
from booking.calendars import offering
from booking.calendars.offering import Slot, UnknownName
from booking.calendars.operations import SlotTaken
from booking.dates import parse_day, parse_instant
from booking.db import OverlapError
from booking.locations import operations as locations
from booking.site import calls, own_page, steps
from booking.site.blueprint import blueprint
from booking.site.choosing import by_part, days_with_slots, soonest
from booking.site.differences import is_what_was_shown, time_shown_by_form
from booking.site.resuming import resumed_page, typed_when_gone
from booking.site.visitor import (
    BOOKED,
    HOLD,
    HOLDS_ALLOWED,
    SERVICE,
    Page,
    next_step,
    prepare_hold,
    taken,
)
from booking.web.limits import address_key, customers, limited

__all__ = ["blueprint", "calls", "own_page", "steps"]  # importing them adds their pages


@blueprint.get("/")
@access(Access.PUBLIC)
def start() -> str:
    """What a first visit is, and the next times at each location."""
    now = clock.now()
    prepare_hold()
    offer = offering.find_offer(offering.catalogue(), SERVICE)
    return render_template(
        "site/start.html", offer=offer, places=locations.all_active(), soonest=soonest(SERVICE, now)
    )


@blueprint.get("/book/time")
@access(Access.PUBLIC)
def time() -> Page:
    """Choose a location, a day and a time."""
    prepare_hold()
    places = locations.all_active()
    slug = request.args.get("location", places[0].slug)
    if slug not in [place.slug for place in places]:
        return redirect(url_for(".time"))
    days = days_with_slots(SERVICE, slug, clock.now())
    day = _day(request.args.get("day"), days)
    return render_template(
        "site/time.html",
        places=places,
        place=next(place for place in places if place.slug == slug),
        days=days,
        day=day,
        parts=by_part(days.get(day, [])) if day else [],
    )


def _day(text: str | None, days: dict[date, list[Slot]]) -> date | None:
    """Return the day asked for, or the first that has times."""
    wanted = parse_day(text)
    return wanted if wanted in days else next((day for day, slots in days.items() if slots), None)


@blueprint.post("/book/hold")
@access(Access.PUBLIC)
@limited(HOLDS_ALLOWED)
def hold() -> Page:
    """Hold the time that was tapped; someone who held another before keeps what was typed."""
    starts_at = parse_instant(request.form.get("start"))
    if starts_at is None:
        return redirect(url_for(".time"))
    try:
        return _hold(request.form.get("location", ""), starts_at)
    except UnknownName:
        return redirect(url_for(".time"))


def _hold(location: str, starts_at: datetime) -> Page:
    now, token = clock.now(), prepare_hold()
    if appointments.by_token(token):  # booked in another window: this is the next one
        token = session[HOLD] = new_token()
    try:
        most = MOST_HOLDS * customers()
        held = holds.take(token, SERVICE, location, starts_at, now, address_key(), most)
    except (SlotTaken, OverlapError):
        return taken(location, starts_at, typed_when_gone())
    except TooManyHolds as refusal:
        raise TooManyRequests(retry_after=int(HOLD_LASTS.total_seconds())) from refusal
    return resumed_page(held) or redirect(next_step(held))


@blueprint.post("/book/again")
@access(Access.PUBLIC)
def again() -> Page:
    """Begin anew, for someone else: what was held and typed goes."""
    holds.drop(session.pop(HOLD, ""), clock.now())
    return redirect(url_for(".start"))


@blueprint.errorhandler(HoldGone)
def on_gone(_error: HoldGone) -> Page:
    """Nothing is held any longer, or it is booked: show the visit, say what became of it, or begin."""
    token = session.pop(HOLD, "")
    if appointments.by_token(token):
        session[BOOKED] = token
    visit = appointments.by_token(session.get(BOOKED, ""))
    if request.method != "POST":
        return redirect(url_for(".done" if visit else ".start"))
    if visit and is_what_was_shown(visit):
        return redirect(url_for(".done"))
    place = locations.by_id(visit.location_id) if visit else None
    shown = time_shown_by_form()
    page = render_template(
        "site/gone.html", visit=visit, place=place, earlier=shown, typed=typed_when_gone()
    )
    return page, 409
