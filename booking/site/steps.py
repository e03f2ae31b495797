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
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import PatientNotBookable
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.db.transactions import OverlapError
from booking.db.versions import StaleVersion
from booking.locations import operations as locations
from booking.reminders.contexts import appointment_url
from booking.reminders.drafts import expected_messages
from booking.reminders.sms_texts import sample_reminder
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
    current_step_url,
    find_own_flag,
    get_visitor_hold,
    has_answered_screening,
    page_for_outcome,
    slot_taken_page,
)
from booking.web.consent import consent_wording
from booking.web.limits import client_address_key, limit_rate
from booking.web.page_language import is_language_switch
from booking.web.response_timing import equalize_duration


def _about(
    hold: Appointment, carries: Sequence[str], difference: Difference | None
) -> dict[str, object]:
    """Return what every step's page shows of the hold, and what its form `carries` of it."""
    return {
        "held": hold,
        "location": locations.get_location(hold.location_id),
        "shown": snapshot_hold(hold),
        "carries": carries,
        "contact": get_hold_contact(hold),
        "difference": difference,
    }


def _go_on(hold: Appointment) -> Page:
    """Make the hold last for another step; what was typed is kept already, should its time be gone."""
    try:
        hold = holds.renew_hold(hold.token, clock.now())
    except (SlotTaken, OverlapError):
        return slot_taken_page(locations.get_location(hold.location_id).slug, hold.starts_at)
    return redirect(current_step_url(hold))


@blueprint.get("/book/safety")
@access(Access.PUBLIC)
def show_screening() -> str:
    """Ask the birth date and the safety questions; earlier answers are never shown again."""
    hold = get_visitor_hold()
    return render_screening_page(
        ScreeningForm(availability.current_catalogue().questions, formdata=None), hold
    )


def render_screening_page(
    form: ScreeningForm, hold: Appointment, difference: Difference | None = None
) -> str:
    """Show the questions, as `form` has been filled in."""
    response = screening.get_answers(hold.id)
    is_old = response is not None and not has_answered_screening(hold)
    return render_template(
        "site/safety.html",
        form=form,
        problems=form.problems,
        language=_language(),
        questions_changed=form.is_old or is_old,
        has_answers=response is not None,
        **_about(hold, SAFETY, difference),
    )


@blueprint.post("/book/safety")
@access(Access.PUBLIC)
@limit_rate(ANSWERS_ALLOWED)
def submit_screening() -> Page:
    """Judge the answers together, and go where they lead."""
    now, form = clock.now(), ScreeningForm(availability.current_catalogue().questions)
    if is_language_switch():
        return render_screening_page(form, get_visitor_hold())
    if not form.validate_all(now.date()) or form.birth_date is None:
        return render_screening_page(form, get_visitor_hold()), 422
    hold = _held_or_none()
    answers = ScreeningAnswers(form.answered_version, form.answers, form.birth_date)
    try:
        token = session.get(HOLD, "")
        result, flag_id = hold_details.record_screening(
            token, answers, now, read_form_snapshot(SAFETY)
        )
    except OutdatedQuestions:
        form.reset_questions()
        return render_screening_page(form, get_visitor_hold()), 409
    except StaleVersion:
        hold = get_visitor_hold()
        return render_screening_page(form, hold, describe_difference(hold, SAFETY)), 409
    if flag_id is not None:
        session[FLAG] = flag_id
    if result.outcome.allows_booking:
        return _go_on(get_visitor_hold())
    session.pop(HOLD, None)
    return redirect(page_for_outcome(result.outcome, hold, flag_id))


def _held_or_none() -> Appointment | None:
    try:
        return get_visitor_hold()
    except HoldNotFound:
        return None


@blueprint.get("/book/you")
@access(Access.PUBLIC)
def show_contact_form() -> Page:
    """Ask who the appointment is for."""
    hold = get_visitor_hold()
    if not has_answered_screening(hold):
        return redirect(url_for(".show_screening"))
    form = ContactDetailsForm.fill_from(get_hold_contact(hold), hold_details.has_sms_consent(hold))
    return render_contact_page(form, hold)


def render_contact_page(
    form: ContactDetailsForm,
    hold: Appointment,
    problems: Sequence[tuple[str, str]] = (),
    difference: Difference | None = None,
) -> str:
    """Ask who the appointment is for, as `form` has been filled in."""
    location = locations.get_location(hold.location_id)
    return render_template(
        "site/you.html",
        form=form,
        problems=problems,
        sample=sample_reminder(location.neutral_name),
        wording=consent_wording(),
        who_is_open=not hold_details.has_contact(hold),
        **_about(hold, YOU, difference),
    )


@blueprint.post("/book/you")
@access(Access.PUBLIC)
def submit_contact() -> Page:
    """Keep what was typed under the hold."""
    hold, form = get_visitor_hold(), ContactDetailsForm()
    if is_language_switch():
        return render_contact_page(form, hold)
    if not form.validate():
        return render_contact_page(form, hold, list_form_problems(form)), 422
    try:
        hold_details.record_contact(
            hold.token,
            form.contact(_language()),
            sms_consent=form.sms_consent.data,
            wording=consent_wording(),
            now=clock.now(),
            snapshot=read_form_snapshot(YOU),
        )
    except StaleVersion:
        hold = get_visitor_hold()
        return render_contact_page(form, hold, difference=describe_difference(hold, YOU)), 409
    return _go_on(hold)


@blueprint.get("/book/check")
@access(Access.PUBLIC)
def show_summary() -> Page:
    """Show everything once before it is booked."""
    hold = get_visitor_hold()
    if current_step_url(hold) != url_for(".show_summary"):
        return redirect(current_step_url(hold))
    return _check_page(hold)


def _check_page(hold: Appointment, difference: Difference | None = None) -> str:
    return render_template(
        "site/check.html",
        sms_consent=hold_details.has_sms_consent(hold),
        service=availability.find_service(availability.current_catalogue(), SERVICE),
        **_about(hold, CHECK, difference),
    )


@blueprint.post("/book/check")
@access(Access.PUBLIC)
@limit_rate(BOOKINGS_ALLOWED)
def confirm_booking() -> Page:
    """Book what the page showed; pressed twice, it books once.

    Who has another appointment then is told as of a time that went: who is known here is nobody's business.
    """
    hold = get_visitor_hold()
    if current_step_url(hold) != url_for(".show_summary"):
        return redirect(current_step_url(hold))
    try:
        result = booking.book_hold(
            hold.token, clock.now(), session.get(FLAG), read_form_snapshot(CHECK), _language()
        )
    except StaleVersion:
        hold = get_visitor_hold()
        return _check_page(hold, describe_difference(hold, CHECK)), 409
    except (PatientNotBookable, SlotTaken, OverlapError) as refusal:
        if isinstance(refusal, PatientNotBookable):
            decoys.convert_to_decoy(hold.token, clock.now(), client_address_key("decoys"))
        return equalize_duration(
            slot_taken_page(locations.get_location(hold.location_id).slug, hold.starts_at)
        )
    except OutdatedQuestions:
        return redirect(url_for(".show_screening"))
    if isinstance(result, NotBooked):
        session.pop(HOLD, None)
        return redirect(page_for_outcome(result.outcome, hold, find_own_flag(hold)))
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
        location=locations.get_location(appointment.location_id),
        link=appointment_url(appointment),
        sent=expected_messages(appointment, clock.now()),
    )


def _language() -> str:
    return str(get_locale())
