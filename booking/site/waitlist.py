"""Waiting for something sooner, by the link of one's own appointment: join, change what suits, leave."""

from flask import current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from booking import clock
from booking.access import Access, access
from booking.appointments import self_service
from booking.appointments.models import Appointment
from booking.appointments.rules import ActionNotAllowed
from booking.calendars import availability
from booking.locations import operations as locations
from booking.reminders.recipients import find_channel_recipient
from booking.site.blueprint import blueprint
from booking.site.forms import Problems, list_form_problems
from booking.site.own_page import OWN_NOTICE, is_movable
from booking.site.visitor_hold import Page
from booking.waitlist import operations as waitlist
from booking.waitlist.queries import find_current_entry
from booking.web.page_language import is_language_switch
from booking.web.wish_form import WishForm


@blueprint.get("/a/<token>/waitlist")
@access(Access.TOKEN)
def show_waitlist(token: str) -> Page:
    """Show whether somebody is on the list, and what for; what can't be moved waits for nothing."""
    appointment = self_service.get_own_appointment(token)
    if not is_movable(appointment):
        return redirect(url_for(".show_appointment", token=token))
    current = find_current_entry(appointment.id, clock.now())
    wish = current.wish if current else None
    return _page(appointment, WishForm.fill_from(wish, availability.current_catalogue()))


@blueprint.post("/a/<token>/waitlist")
@access(Access.TOKEN)
def join_waitlist(token: str) -> Page:
    """Put the patient on the list, or keep what suits them now."""
    appointment = self_service.get_own_appointment(token)
    catalogue = availability.current_catalogue()
    form = WishForm(catalogue)
    if is_language_switch() or find_channel_recipient(appointment) is None:
        return _page(appointment, form)
    if not form.validate():
        return _page(appointment, form, list_form_problems(form)), 422
    try:
        wish = form.read_wish(catalogue)
        waitlist.join_waitlist(appointment.id, wish, clock.now(), self_service.ACTOR)
    except ActionNotAllowed:
        return redirect(url_for(".show_appointment", token=token))
    flash(_("We have noted what suits you."), OWN_NOTICE)
    return redirect(url_for(".show_waitlist", token=token))


@blueprint.post("/a/<token>/waitlist/leave")
@access(Access.TOKEN)
def leave_waitlist(token: str) -> Page:
    """Take the patient off the list; an offer that is open goes to the next."""
    appointment = self_service.get_own_appointment(token)
    waitlist.leave_waitlist(appointment.id, clock.now(), self_service.ACTOR)
    flash(_("You are off the list."), OWN_NOTICE)
    return redirect(url_for(".show_appointment", token=token))


def _page(appointment: Appointment, form: WishForm, problems: Problems | None = None) -> str:
    return render_template(
        "site/waitlist.html",
        appointment=appointment,
        location=locations.get_location(appointment.location_id),
        form=form,
        problems=problems or [],
        current=find_current_entry(appointment.id, clock.now()),
        recipient=find_channel_recipient(appointment),
        hold_minutes=current_app.config["WAITLIST_HOLD_MINUTES"],
    )
