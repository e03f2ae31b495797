"""The steps after a time is held: safety, you, check, done."""

from collections.abc import Sequence

from flask import redirect, render_template, session, url_for
from flask_babel import get_locale

from booking import clock
from booking.access import Access, access
from booking.appointments import booking, holds
from booking.appointments import operations as appointments
from booking.appointments.booking import Stopped
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.visits import PatientBusy
from booking.calendars import offering
from booking.calendars.operations import SlotTaken
from booking.db import OverlapError
from booking.extensions import db
from booking.locations import operations as locations
from booking.patients.rules import Contact
from booking.reminders.texts import sample_text
from booking.screening.operations import Answers, VersionError
from booking.site.blueprint import blueprint
from booking.site.forms import SafetyForm, YouForm, problems_of
from booking.site.visitor import (
    BOOKED,
    FLAG,
    HOLD,
    SERVICE,
    Page,
    has_answered,
    held_by_visitor,
    next_step,
    own_flag,
    page_for,
    taken,
)
from booking.web.consent import consent_wording


def _where(held: Appointment) -> dict[str, object]:
    return {"held": held, "place": locations.by_id(held.location_id)}


@blueprint.get("/book/safety")
@access(Access.PUBLIC)
def safety() -> str:
    """Ask the birth date and the safety questions; earlier answers are never shown again."""
    held = held_by_visitor()
    form = SafetyForm(offering.catalogue().questions, formdata=None)
    return render_template("site/safety.html", form=form, language=_language(), **_where(held))


@blueprint.post("/book/safety")
@access(Access.PUBLIC)
def judge_safety() -> Page:
    """Judge the answers together, and go where they lead."""
    held = held_by_visitor()
    form = SafetyForm(offering.catalogue().questions)
    if not form.read(held.local_date) or form.birth_date is None:
        page = render_template("site/safety.html", form=form, language=_language(), **_where(held))
        return page, 422
    given = Answers(form.answered_version, form.answers, form.birth_date)
    try:
        judgement, flag_id = holds.screen(held.token, given, clock.now())
    except (SlotTaken, OverlapError):
        return taken(locations.by_id(held.location_id).slug, held.starts_at)
    except VersionError:
        return redirect(url_for(".safety"))
    if flag_id is not None:
        session[FLAG] = flag_id
    if judgement.outcome.books:
        return redirect(next_step(held))
    session.pop(HOLD, None)
    return redirect(page_for(judgement.outcome, held, flag_id))


@blueprint.get("/book/you")
@access(Access.PUBLIC)
def you() -> Page:
    """Ask who the visit is for."""
    held = held_by_visitor()
    if not has_answered(held):
        return redirect(url_for(".safety"))
    draft = db.session.get(BookingDraft, held.id)
    contact = Contact.from_data(draft.details["contact"]) if draft else None
    form = YouForm.filled(contact, bool(draft and draft.details["sms_consent"]))
    return _you_page(form, held, [])


def _you_page(form: YouForm, held: Appointment, problems: Sequence[tuple[str, str]]) -> str:
    place = locations.by_id(held.location_id)
    return render_template(
        "site/you.html",
        form=form,
        problems=problems,
        sample=sample_text(place.neutral_name),
        wording=consent_wording(),
        **_where(held),
    )


@blueprint.post("/book/you")
@access(Access.PUBLIC)
def keep_you() -> Page:
    """Keep what was typed under the hold."""
    held, form = held_by_visitor(), YouForm()
    if not form.validate():
        return _you_page(form, held, problems_of(form)), 422
    try:
        holds.describe(
            held.token,
            form.contact(_language()),
            sms_consent=form.sms_consent.data,
            wording=consent_wording(),
            now=clock.now(),
        )
    except (SlotTaken, OverlapError):
        return taken(locations.by_id(held.location_id).slug, held.starts_at)
    return redirect(url_for(".check"))


@blueprint.get("/book/check")
@access(Access.PUBLIC)
def check() -> Page:
    """Show everything once before it is booked."""
    held = held_by_visitor()
    if next_step(held) != url_for(".check"):
        return redirect(next_step(held))
    draft = db.session.get_one(BookingDraft, held.id)
    return render_template(
        "site/check.html",
        contact=Contact.from_data(draft.details["contact"]),
        sms_consent=draft.details["sms_consent"],
        offer=offering.find_offer(offering.catalogue(), SERVICE),
        **_where(held),
    )


@blueprint.post("/book/check")
@access(Access.PUBLIC)
def book() -> Page:
    """Book; pressed twice, it books once.

    Who has another visit then is told as of a time that went: who is known here is nobody's business.
    """
    token = session.get(HOLD, "")
    held = holds.find_hold(token)
    try:
        done = booking.book_held(token, clock.now(), session.get(FLAG))
    except (SlotTaken, OverlapError, PatientBusy):
        return taken(locations.by_id(held.location_id).slug, held.starts_at)
    except VersionError:
        return redirect(url_for(".safety"))
    if isinstance(done, Stopped):
        session.pop(HOLD, None)
        return redirect(page_for(done.outcome, held, own_flag(held)))
    session[BOOKED] = session.pop(HOLD)
    return redirect(url_for(".done"))


@blueprint.get("/book/done")
@access(Access.PUBLIC)
def done() -> Page:
    """The reference, and what happens next."""
    visit = appointments.by_token(session.get(BOOKED, ""))
    if visit is None:
        return redirect(url_for(".start"))
    return render_template("site/done.html", visit=visit, place=locations.by_id(visit.location_id))


def _language() -> str:
    return str(get_locale())
