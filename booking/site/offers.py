"""A sooner time that is kept for somebody: take it or let it go, by the link of the offer."""

from flask import abort, redirect, render_template, request, url_for

from booking import clock
from booking.access import Access, access
from booking.appointments.guards import ChangeRefused
from booking.appointments.patient_booking import NotCleared, PatientBusy
from booking.appointments.rules import ActionNotAllowed
from booking.calendars.availability import UnknownSlug
from booking.calendars.operations import SlotTaken
from booking.db.transactions import OverlapError
from booking.db.versions import StaleVersion
from booking.locations import operations as locations
from booking.site.blueprint import blueprint
from booking.site.own_page import NO_VERSION, is_movable
from booking.site.visitor_hold import Page
from booking.waitlist import offers
from booking.waitlist.models import WaitlistOffer
from booking.waitlist.offers import OfferOver, UnknownOffer
from booking.waitlist.queries import find_current_entry, find_offer, get_appointment_of_offer

NOT_MOVED = (
    *(SlotTaken, OverlapError, PatientBusy, UnknownSlug),
    *(ActionNotAllowed, ChangeRefused, NotCleared),
)


@blueprint.get("/o/<offer_token>")
@access(Access.TOKEN)
def show_offer(offer_token: str) -> str:
    """Show the time that is kept beside the one there is, or what became of it; changes nothing."""
    return _page(get_offer_or_404(offer_token))


@blueprint.post("/o/<offer_token>/accept")
@access(Access.TOKEN)
def accept_offer(offer_token: str) -> Page:
    """Move the appointment as the page showed it; who is late, or twice there, is told how things stand."""
    version = request.form.get("version", type=int, default=NO_VERSION)
    try:
        offers.accept_offer(offer_token, clock.now(), expected_version=version)
    except UnknownOffer:
        abort(404)
    except StaleVersion:
        return _page(get_offer_or_404(offer_token), changed=True), 409
    except OfferOver:
        return _page(get_offer_or_404(offer_token)), 409
    except NOT_MOVED:
        return _page(get_offer_or_404(offer_token), not_moved=True), 409
    return redirect(url_for(".show_offer", offer_token=offer_token))


@blueprint.post("/o/<offer_token>/decline")
@access(Access.TOKEN)
def decline_offer(offer_token: str) -> Page:
    """Let the time go to the next; the visit stays as it is."""
    try:
        offers.decline_offer(offer_token, clock.now())
    except UnknownOffer:
        abort(404)
    except OfferOver:
        return _page(get_offer_or_404(offer_token)), 409
    return redirect(url_for(".show_offer", offer_token=offer_token))


def get_offer_or_404(offer_token: str) -> WaitlistOffer:
    """Return the offer whose link has this token."""
    waitlist_offer = find_offer(offer_token)
    if waitlist_offer is None:
        abort(404)
    return waitlist_offer


def _page(waitlist_offer: WaitlistOffer, *, changed: bool = False, not_moved: bool = False) -> str:
    now, appointment = clock.now(), get_appointment_of_offer(waitlist_offer)
    return render_template(
        "site/offer.html",
        offer=waitlist_offer,
        status=waitlist_offer.status_at(now).value,
        appointment=appointment,
        location=locations.get_location(appointment.location_id),
        new_location=locations.get_location(waitlist_offer.location_id),
        is_movable=is_movable(appointment),
        is_waiting=find_current_entry(appointment.id, now) is not None,
        changed=changed,
        not_moved=not_moved,
    )
