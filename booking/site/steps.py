"""The steps after a time is held: safety, you, check, done."""

from collections.abc import Sequence

from flask import redirect, render_template, session, url_for
from flask_babel import get_locale

from booking import clock
from booking.access import Access, access
from booking.appointments import answering, booking, decoys, holds
from booking.appointments import operations as appointments
from booking.appointments.booking import Stopped
from booking.appointments.holds import HoldGone
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.shown import contact_under, shown_now
from booking.appointments.visits import NotBookable
from booking.calendars import offering
from booking.calendars.operations import SlotTaken
from booking.db import OverlapError
from booking.extensions import db
from booking.locations import operations as locations
from booking.reminders.owing import to_be_sent
from booking.reminders.texts import sample_text
from booking.reminders.wording import link_to
from booking.screening import operations as screening
from booking.screening.operations import Answers, VersionError
from booking.site.blueprint import blueprint
from booking.site.differences import CHECK, SAFETY, YOU, Difference, difference_from, shown_by_form
from booking.site.forms import SafetyForm, YouForm, problems_of
from booking.site.visitor import (
    ANSWERS_ALLOWED,
    BOOKED,
    BOOKINGS_ALLOWED,
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
from booking.versions import StaleVersion
from booking.web.consent import consent_wording
from booking.web.leveling import leveled
from booking.web.limits import address_key, limited


def _about(
    held: Appointment, carries: Sequence[str], difference: Difference | None
) -> dict[str, object]:
    """Return what every step's page shows of the hold, and what its form `carries` of it."""
    return {
        "held": held,
        "place": locations.by_id(held.location_id),
        "shown": shown_now(held),
        "carries": carries,
        "contact": contact_under(held),
        "difference": difference,
    }


def _go_on(held: Appointment) -> Page:
    """Make the hold last for another step; what was typed is kept already, should its time be gone."""
    try:
        held = holds.keep(held.token, clock.now())
    except (SlotTaken, OverlapError):
        return taken(locations.by_id(held.location_id).slug, held.starts_at)
    return redirect(next_step(held))


@blueprint.get("/book/safety")
@access(Access.PUBLIC)
def safety() -> str:
    """Ask the birth date and the safety questions; earlier answers are never shown again."""
    held = held_by_visitor()
    return safety_page(SafetyForm(offering.catalogue().questions, formdata=None), held)


def safety_page(form: SafetyForm, held: Appointment, difference: Difference | None = None) -> str:
    """Show the questions, as `form` has been filled in."""
    kept = screening.answers_under(held.id)
    is_old = kept is not None and not has_answered(held)
    return render_template(
        "site/safety.html",
        form=form,
        problems=form.problems,
        language=_language(),
        questions_changed=form.is_old or is_old,
        has_answers=kept is not None,
        **_about(held, SAFETY, difference),
    )


@blueprint.post("/book/safety")
@access(Access.PUBLIC)
@limited(ANSWERS_ALLOWED)
def judge_safety() -> Page:
    """Judge the answers together, and go where they lead."""
    now, form = clock.now(), SafetyForm(offering.catalogue().questions)
    if not form.read(now.date()) or form.birth_date is None:
        return safety_page(form, held_by_visitor()), 422
    held = _held_or_none()
    given = Answers(form.answered_version, form.answers, form.birth_date)
    try:
        token = session.get(HOLD, "")
        judgement, flag_id = answering.screen(token, given, now, shown_by_form(SAFETY))
    except VersionError:
        form.ask_anew()
        return safety_page(form, held_by_visitor()), 409
    except StaleVersion:
        held = held_by_visitor()
        return safety_page(form, held, difference_from(held, SAFETY)), 409
    if flag_id is not None:
        session[FLAG] = flag_id
    if judgement.outcome.books:
        return _go_on(held_by_visitor())
    session.pop(HOLD, None)
    return redirect(page_for(judgement.outcome, held, flag_id))


def _held_or_none() -> Appointment | None:
    try:
        return held_by_visitor()
    except HoldGone:
        return None


@blueprint.get("/book/you")
@access(Access.PUBLIC)
def you() -> Page:
    """Ask who the visit is for."""
    held = held_by_visitor()
    if not has_answered(held):
        return redirect(url_for(".safety"))
    draft = db.session.get(BookingDraft, held.id)
    form = YouForm.filled(contact_under(held), bool(draft and draft.details["sms_consent"]))
    return you_page(form, held)


def you_page(
    form: YouForm,
    held: Appointment,
    problems: Sequence[tuple[str, str]] = (),
    difference: Difference | None = None,
) -> str:
    """Ask who the visit is for, as `form` has been filled in."""
    place = locations.by_id(held.location_id)
    return render_template(
        "site/you.html",
        form=form,
        problems=problems,
        sample=sample_text(place.neutral_name),
        wording=consent_wording(),
        who_is_open=not answering.is_told_who(held),
        **_about(held, YOU, difference),
    )


@blueprint.post("/book/you")
@access(Access.PUBLIC)
def keep_you() -> Page:
    """Keep what was typed under the hold."""
    held, form = held_by_visitor(), YouForm()
    if not form.validate():
        return you_page(form, held, problems_of(form)), 422
    try:
        answering.describe(
            held.token,
            form.contact(_language()),
            sms_consent=form.sms_consent.data,
            wording=consent_wording(),
            now=clock.now(),
            shown=shown_by_form(YOU),
        )
    except StaleVersion:
        held = held_by_visitor()
        return you_page(form, held, difference=difference_from(held, YOU)), 409
    return _go_on(held)


@blueprint.get("/book/check")
@access(Access.PUBLIC)
def check() -> Page:
    """Show everything once before it is booked."""
    held = held_by_visitor()
    if next_step(held) != url_for(".check"):
        return redirect(next_step(held))
    return _check_page(held)


def _check_page(held: Appointment, difference: Difference | None = None) -> str:
    draft = db.session.get_one(BookingDraft, held.id)
    return render_template(
        "site/check.html",
        sms_consent=draft.details["sms_consent"],
        offer=offering.find_offer(offering.catalogue(), SERVICE),
        **_about(held, CHECK, difference),
    )


@blueprint.post("/book/check")
@access(Access.PUBLIC)
@limited(BOOKINGS_ALLOWED)
def book() -> Page:
    """Book what the page showed; pressed twice, it books once.

    Who has another visit then is told as of a time that went: who is known here is nobody's business.
    """
    held = held_by_visitor()
    if next_step(held) != url_for(".check"):
        return redirect(next_step(held))
    try:
        done = booking.book_held(held.token, clock.now(), session.get(FLAG), shown_by_form(CHECK))
    except StaleVersion:
        held = held_by_visitor()
        return _check_page(held, difference_from(held, CHECK)), 409
    except (NotBookable, SlotTaken, OverlapError) as refusal:
        if isinstance(refusal, NotBookable):
            decoys.cede(held.token, clock.now(), address_key("decoys"))
        return leveled(taken(locations.by_id(held.location_id).slug, held.starts_at))
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
    return render_template(
        "site/done.html",
        visit=visit,
        place=locations.by_id(visit.location_id),
        link=link_to(visit),
        sent=to_be_sent(visit, clock.now()),
    )


def _language() -> str:
    return str(get_locale())
