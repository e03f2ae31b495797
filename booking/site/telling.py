"""By one appointment's link: tell the clinic something, or that one comes late."""

from datetime import datetime

from flask import redirect, request, session, url_for

from booking import clock
from booking.access import Access, access
from booking.appointments import announcements, self_service
from booking.appointments.announcements import NotToday, TooManyNotes
from booking.appointments.models import Appointment
from booking.appointments.rules import CALL_IF_LATE, LATE_CHOICES
from booking.calendars.deadlines import Deadline
from booking.db.idempotency import canonical_digest, run_once
from booking.reminders.notes import may_mean_crisis, receive_note
from booking.site.blueprint import blueprint
from booking.site.note_form import NoteForm
from booking.site.own_page import render_own_page
from booking.site.visitor_hold import Page
from booking.web.limits import limit_rate
from booking.web.page_language import is_language_switch

NOTED = "noted"  # in the session: by when a note is read
NOTES_ALLOWED = "5 per minute; 20 per hour"


@blueprint.get("/a/<token>/note")
@access(Access.TOKEN)
def write_note(token: str) -> str:
    """Ask what there is to tell."""
    return _note_page(self_service.get_own_appointment(token), NoteForm(formdata=None))


@blueprint.post("/a/<token>/note")
@access(Access.TOKEN)
@limit_rate(NOTES_ALLOWED, unless=is_language_switch)
def send_note(token: str) -> Page:
    """Keep the note once, however often it is sent; who may be in danger is shown where help is."""
    appointment, form = self_service.get_own_appointment(token), NoteForm()
    if is_language_switch():
        return _note_page(appointment, form)
    if not form.validate() and not may_mean_crisis(form.body.data or ""):
        return _note_page(appointment, form), 422
    try:
        noted = _receive_once(token, form)
    except TooManyNotes:
        return render_own_page("site/note_by_phone.html", appointment), 429
    if not noted:
        return redirect(url_for(".show_help_now"))
    session[NOTED] = noted
    return redirect(url_for(".show_note_sent", token=token))


def _receive_once(token: str, form: NoteForm) -> dict[str, str]:
    """Return by when the note is read and in which zone; nothing where it may mean a life."""

    def produce() -> tuple[int, dict[str, str]]:
        deadline = receive_note(token, form.body.data or "", clock.now())
        return 302, {"by": deadline.at.isoformat(), "zone": deadline.zone} if deadline else {}

    key = canonical_digest([token, form.key.data, form.body.data])
    return run_once("note", key, {}, clock.now(), produce)[1]


@blueprint.get("/a/<token>/note/sent")
@access(Access.TOKEN)
def show_note_sent(token: str) -> Page:
    """Say by when somebody reads it; only to who has written."""
    appointment, noted = self_service.get_own_appointment(token), session.get(NOTED)
    if noted is None:
        return redirect(url_for(".show_appointment", token=token))
    deadline = Deadline(datetime.fromisoformat(noted["by"]), noted["zone"])
    return render_own_page("site/note_sent.html", appointment, deadline=deadline)


@blueprint.post("/a/<token>/late")
@access(Access.TOKEN)
@limit_rate(NOTES_ALLOWED)
def announce_lateness(token: str) -> Page:
    """Tell the desk how late they come; who comes very late is asked to call."""
    appointment = self_service.get_own_appointment(token)
    minutes = request.form.get("minutes", type=int)
    if minutes not in LATE_CHOICES:
        return redirect(url_for(".show_appointment", token=token))
    try:
        announcements.announce_lateness(appointment.id, minutes, clock.now())
    except NotToday:
        return render_own_page("site/appointment.html", appointment, not_late=True), 409
    if minutes >= CALL_IF_LATE:
        return redirect(url_for(".show_very_late", token=token))
    return redirect(url_for(".show_appointment", token=token))


@blueprint.get("/a/<token>/late")
@access(Access.TOKEN)
def show_very_late(token: str) -> str:
    """Ask somebody who comes very late to call: there may be no time left for them."""
    return render_own_page("site/late.html", self_service.get_own_appointment(token))


def _note_page(appointment: Appointment, form: NoteForm) -> str:
    return render_own_page("site/note.html", appointment, form=form, problems=form.problems)
