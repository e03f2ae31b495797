"""Who waits for something sooner: the desk puts a caller on the list, changes what suits, takes them off."""

from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.models import Appointment
from booking.calendars import availability
from booking.calendars.catalogue import Catalogue
from booking.calendars.local_days import PartOfDay
from booking.desk.appointments.views import get_appointment_or_404, get_location
from booking.desk.blueprint import blueprint
from booking.desk.day.day_view import read_appointment_details
from booking.desk.form_versions import require_waitlist_version, waitlist_version
from booking.desk.refusals import REFUSALS, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.reminders.recipients import find_channel_recipient
from booking.waitlist import operations as waitlist
from booking.waitlist.queries import find_current_entry
from booking.waitlist.rules import Wish
from booking.web.wish_form import WishForm, format_weekday

Page = AnyResponse | tuple[str, int]


class CallersWishForm(WishForm):
    """The patients' form, in words for the desk, which asks somebody else."""

    def __init__(self, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(catalogue, **kwargs)
        self.weekdays.label.text = _("Days they could come")


@blueprint.get("/visits/<int:appointment_id>/waitlist")
@access(Access.STAFF)
def show_waitlist_entry(appointment_id: int) -> Page:
    """Show what somebody waits for, or put them on the list."""
    appointment = get_appointment_or_404(appointment_id)
    current = find_current_entry(appointment.id, clock.now())
    wish = current.wish if current else None
    return _page(appointment, CallersWishForm.fill_from(wish, availability.current_catalogue()))


@blueprint.post("/visits/<int:appointment_id>/waitlist")
@access(Access.STAFF)
def join_waitlist(appointment_id: int) -> Page:
    """Put a patient on the list, or keep what suits them now."""
    appointment, catalogue = (
        get_appointment_or_404(appointment_id),
        availability.current_catalogue(),
    )
    form = CallersWishForm(catalogue)
    if not form.validate():
        problem = explain_stale_version(waitlist_version(appointment))
        return _page(appointment, form, problem, 422)
    wish = form.read_wish(catalogue)
    try:
        return submit_once(lambda: _joined(appointment_id, wish)).to_response()
    except REFUSALS as refusal:
        current = get_appointment_or_404(appointment_id)
        return _page(current, form, explain_refusal(refusal), 422)


@blueprint.post("/visits/<int:appointment_id>/waitlist/leave")
@access(Access.STAFF)
def leave_waitlist(appointment_id: int) -> Page:
    """Take a patient off the list, with what is offered to them."""
    form = CallersWishForm.fill_from(None, availability.current_catalogue())
    get_appointment_or_404(appointment_id)
    try:
        return submit_once(lambda: _left(appointment_id)).to_response()
    except REFUSALS as refusal:
        current = get_appointment_or_404(appointment_id)
        return _page(current, form, explain_refusal(refusal), 422)


def _joined(appointment_id: int, wish: Wish) -> RedirectWithNotice:
    require_waitlist_version(appointment_id)
    waitlist.join_waitlist(appointment_id, wish, clock.now(), current_user.actor)
    return RedirectWithNotice(_appointment_url(appointment_id), str(_("On the waitlist.")))


def _left(appointment_id: int) -> RedirectWithNotice:
    require_waitlist_version(appointment_id)
    waitlist.leave_waitlist(appointment_id, clock.now(), current_user.actor)
    return RedirectWithNotice(_appointment_url(appointment_id), str(_("Off the waitlist.")))


def _appointment_url(appointment_id: int) -> str:
    return url_for("desk.show_appointment", appointment_id=appointment_id)


def _page(
    appointment: Appointment, form: WishForm, problem: str = "", status: int = 200
) -> tuple[str, int]:
    page = render_template(
        "desk/appointments/waitlist.html",
        shown=read_appointment_details(appointment, clock.now()),
        location=get_location(appointment),
        form=form,
        current=find_current_entry(appointment.id, clock.now()),
        recipient=find_channel_recipient(appointment),
        problem=problem,
    )
    return page, status


def describe_wish(wish: Wish) -> str:
    """Return what somebody waits for: days, times of day and locations."""
    by_id = availability.current_catalogue().locations_by_id
    words: dict[PartOfDay, str] = {
        PartOfDay.MORNING: _("morning"),
        PartOfDay.AFTERNOON: _("afternoon"),
        PartOfDay.EVENING: _("evening"),
    }
    groups = (
        [format_weekday(weekday) for weekday in sorted(wish.weekdays)],
        [words[part] for part in PartOfDay if part in wish.parts],
        [by_id[key].name for key in sorted(wish.location_ids)],
    )
    return "; ".join(", ".join(group) for group in groups)


blueprint.add_app_template_filter(describe_wish)
