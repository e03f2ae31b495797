"""The steps after a time is held: safety, you, check, done."""

from collections.abc import Sequence

from flask import redirect, render_template, session, url_for
from flask_babel import get_locale

from booking import clock
from booking.access import Access, access
from booking.appointments import booking, decoys, hold_details, holds, queries
from booking.appointments.booking import NotBooked
from booking.appointments.hold_snapshots import get_hold_contact, snapshot_hold
from booking.appointments.holds import HoldNotFound
from booking.appointments.models import Appointment, BookingDraft
from booking.appointments.patient_booking import PatientNotBookable
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.db.transactions import OverlapError
from booking.db.versions import StaleVersion
from booking.extensions import db
from booking.locations import operations as locations
from booking.reminders.contexts import appointment_url
from booking.reminders.drafts import expected_messages
from booking.reminders.texts import sample_reminder
from booking.screening import operations as screening
from booking.screening.operations import OutdatedQuestions, ScreeningAnswers
from booking.site.blueprint import blueprint
from booking.site.form_differences import (
    CHECK,
    SAFETY,
    YOU,
    Difference,
    describe_difference,
    read_form_snapshot,
)
from booking.site.forms import ContactDetailsForm, ScreeningForm, list_form_problems
from booking.site.visitor_hold import (
    ANSWERS_ALLOWED,
    BOOKED,
    BOOKINGS_ALLOWED,
    FLAG,
    HOLD,
    SERVICE,
    Page,
    find_own_flag,
    get_visitor_hold,
    has_answered_screening,
    next_step_url,
    page_for_outcome,
    slot_taken_page,
)
from booking.web.consent import consent_wording
from booking.web.limits import client_address_key, limit_rate
from booking.web.response_timing import equalize_duration


def _about(
    held: Appointment, carries: Sequence[str], difference: Difference | None
) -> dict[str, object]:
    """Return what every step's page shows of the hold, and what its form `carries` of it."""
    return {
        "held": held,
        "place": locations.get_location(held.location_id),
        "shown": snapshot_hold(held),
        "carries": carries,
        "contact": get_hold_contact(held),
        "difference": difference,
    }


def _go_on(held: Appointment) -> Page:
    """Make the hold last for another step; what was typed is kept already, should its time be gone."""
    try:
        held = holds.renew_hold(held.token, clock.now())
    except (SlotTaken, OverlapError):
        return slot_taken_page(locations.get_location(held.location_id).slug, held.starts_at)
    return redirect(next_step_url(held))


@blueprint.get("/book/safety")
@access(Access.PUBLIC)
def show_screening() -> str:
    """Ask the birth date and the safety questions; earlier answers are never shown again."""
    held = get_visitor_hold()
    return render_screening_page(
        ScreeningForm(availability.current_catalogue().questions, formdata=None), held
    )


def render_screening_page(
    form: ScreeningForm, held: Appointment, difference: Difference | None = None
) -> str:
    """Show the questions, as `form` has been filled in."""
    kept = screening.get_answers(held.id)
    is_old = kept is not None and not has_answered_screening(held)
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
@limit_rate(ANSWERS_ALLOWED)
def submit_screening() -> Page:
    """Judge the answers together, and go where they lead."""
    now, form = clock.now(), ScreeningForm(availability.current_catalogue().questions)
    if not form.validate_all(now.date()) or form.birth_date is None:
        return render_screening_page(form, get_visitor_hold()), 422
    held = _held_or_none()
    given = ScreeningAnswers(form.answered_version, form.answers, form.birth_date)
    try:
        token = session.get(HOLD, "")
        judgement, flag_id = hold_details.record_screening(
            token, given, now, read_form_snapshot(SAFETY)
        )
    except OutdatedQuestions:
        form.reset_questions()
        return render_screening_page(form, get_visitor_hold()), 409
    except StaleVersion:
        held = get_visitor_hold()
        return render_screening_page(form, held, describe_difference(held, SAFETY)), 409
    if flag_id is not None:
        session[FLAG] = flag_id
    if judgement.outcome.allows_booking:
        return _go_on(get_visitor_hold())
    session.pop(HOLD, None)
    return redirect(page_for_outcome(judgement.outcome, held, flag_id))


def _held_or_none() -> Appointment | None:
    try:
        return get_visitor_hold()
    except HoldNotFound:
        return None


@blueprint.get("/book/you")
@access(Access.PUBLIC)
def show_contact_form() -> Page:
    """Ask who the appointment is for."""
    held = get_visitor_hold()
    if not has_answered_screening(held):
        return redirect(url_for(".show_screening"))
    draft = db.session.get(BookingDraft, held.id)
    form = ContactDetailsForm.fill_from(
        get_hold_contact(held), bool(draft and draft.details["sms_consent"])
    )
    return render_contact_page(form, held)


def render_contact_page(
    form: ContactDetailsForm,
    held: Appointment,
    problems: Sequence[tuple[str, str]] = (),
    difference: Difference | None = None,
) -> str:
    """Ask who the appointment is for, as `form` has been filled in."""
    place = locations.get_location(held.location_id)
    return render_template(
        "site/you.html",
        form=form,
        problems=problems,
        sample=sample_reminder(place.neutral_name),
        wording=consent_wording(),
        who_is_open=not hold_details.has_contact(held),
        **_about(held, YOU, difference),
    )


@blueprint.post("/book/you")
@access(Access.PUBLIC)
def submit_contact() -> Page:
    """Keep what was typed under the hold."""
    held, form = get_visitor_hold(), ContactDetailsForm()
    if not form.validate():
        return render_contact_page(form, held, list_form_problems(form)), 422
    try:
        hold_details.record_contact(
            held.token,
            form.contact(_language()),
            sms_consent=form.sms_consent.data,
            wording=consent_wording(),
            now=clock.now(),
            shown=read_form_snapshot(YOU),
        )
    except StaleVersion:
        held = get_visitor_hold()
        return render_contact_page(form, held, difference=describe_difference(held, YOU)), 409
    return _go_on(held)


@blueprint.get("/book/check")
@access(Access.PUBLIC)
def show_summary() -> Page:
    """Show everything once before it is booked."""
    held = get_visitor_hold()
    if next_step_url(held) != url_for(".show_summary"):
        return redirect(next_step_url(held))
    return _check_page(held)


def _check_page(held: Appointment, difference: Difference | None = None) -> str:
    draft = db.session.get_one(BookingDraft, held.id)
    return render_template(
        "site/check.html",
        sms_consent=draft.details["sms_consent"],
        offer=availability.find_service(availability.current_catalogue(), SERVICE),
        **_about(held, CHECK, difference),
    )


@blueprint.post("/book/check")
@access(Access.PUBLIC)
@limit_rate(BOOKINGS_ALLOWED)
def confirm_booking() -> Page:
    """Book what the page showed; pressed twice, it books once.

    Who has another appointment then is told as of a time that went: who is known here is nobody's business.
    """
    held = get_visitor_hold()
    if next_step_url(held) != url_for(".show_summary"):
        return redirect(next_step_url(held))
    try:
        done = booking.book_hold(
            held.token, clock.now(), session.get(FLAG), read_form_snapshot(CHECK)
        )
    except StaleVersion:
        held = get_visitor_hold()
        return _check_page(held, describe_difference(held, CHECK)), 409
    except (PatientNotBookable, SlotTaken, OverlapError) as refusal:
        if isinstance(refusal, PatientNotBookable):
            decoys.convert_to_decoy(held.token, clock.now(), client_address_key("decoys"))
        return equalize_duration(
            slot_taken_page(locations.get_location(held.location_id).slug, held.starts_at)
        )
    except OutdatedQuestions:
        return redirect(url_for(".show_screening"))
    if isinstance(done, NotBooked):
        session.pop(HOLD, None)
        return redirect(page_for_outcome(done.outcome, held, find_own_flag(held)))
    session[BOOKED] = session.pop(HOLD)
    return redirect(url_for(".show_confirmation"))


@blueprint.get("/book/done")
@access(Access.PUBLIC)
def show_confirmation() -> Page:
    """The reference, and what happens next."""
    appointment = queries.find_by_token(session.get(BOOKED, ""))
    if appointment is None:
        return redirect(url_for(".show_start"))
    return render_template(
        "site/done.html",
        appointment=appointment,
        place=locations.get_location(appointment.location_id),
        link=appointment_url(appointment),
        sent=expected_messages(appointment, clock.now()),
    )


def _language() -> str:
    return str(get_locale())
