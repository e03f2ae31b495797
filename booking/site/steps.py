"""The steps after the safety questions: you, check, done."""

from collections.abc import Sequence

from flask import redirect, render_template, session, url_for
from flask_babel import get_locale

from booking import clock
from booking.access import Access, access
from booking.appointments import booking, decoys, hold_details, queries
from booking.appointments.booking import NotBooked
from booking.appointments.hold_snapshots import find_hold_contact
from booking.appointments.models import Appointment
from booking.appointments.patient_booking import PatientNotBookable
from booking.calendars import availability
from booking.calendars.operations import SlotTaken
from booking.db.transactions import OverlapError
from booking.db.versions import StaleVersion
from booking.locations import operations as locations
from booking.reminders.contexts import appointment_url
from booking.reminders.drafts import compute_message_channels
from booking.reminders.sms_texts import sample_reminder
from booking.screening.operations import OutdatedQuestions
from booking.site.blueprint import blueprint
from booking.site.form_differences import (
    CHECK,
    YOU,
    Difference,
    describe_difference,
    parse_form_snapshot,
)
from booking.site.forms import ContactDetailsForm, list_form_problems
from booking.site.not_open import get_consultation
from booking.site.step_pages import describe_step, hold_taken_page, renew_hold_and_redirect
from booking.site.visitor_hold import (
    BOOKED,
    BOOKINGS_ALLOWED,
    FLAG,
    HISTORY,
    HOLD,
    Page,
    current_step_url,
    find_own_flag,
    get_visitor_hold,
    has_answered_screening,
    page_for_outcome,
)
from booking.web.consent import consent_wording
from booking.web.limits import client_address_key, limit_rate
from booking.web.page_language import is_language_switch
from booking.web.response_timing import pad_response_time


@blueprint.get("/book/you")
@access(Access.PUBLIC)
def show_contact_form() -> Page:
    """Ask who the appointment is for."""
    hold = get_visitor_hold()
    if not has_answered_screening(hold):
        return redirect(url_for(".show_screening"))
    form = ContactDetailsForm.fill_from(find_hold_contact(hold), hold_details.has_sms_consent(hold))
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
        **describe_step(hold, YOU, difference),
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
            form.contact(str(get_locale())),
            sms_consent=form.sms_consent.data,
            wording=consent_wording(),
            now=clock.now(),
            snapshot=parse_form_snapshot(YOU),
        )
    except StaleVersion:
        hold = get_visitor_hold()
        return render_contact_page(form, hold, difference=describe_difference(hold, YOU)), 409
    return renew_hold_and_redirect(hold)


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
        service=get_consultation(availability.current_catalogue()),
        **describe_step(hold, CHECK, difference),
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
            hold.token,
            clock.now(),
            session.get(FLAG),
            parse_form_snapshot(CHECK),
            str(get_locale()),
        )
    except StaleVersion:
        hold = get_visitor_hold()
        return _check_page(hold, describe_difference(hold, CHECK)), 409
    except (PatientNotBookable, SlotTaken, OverlapError) as refusal:
        if isinstance(refusal, PatientNotBookable):
            decoys.convert_to_decoy(hold.token, clock.now(), client_address_key("decoys"))
        return pad_response_time(hold_taken_page(hold))
    except OutdatedQuestions:
        return redirect(url_for(".show_screening"))
    if isinstance(result, NotBooked):
        session.pop(HOLD, None)
        return redirect(page_for_outcome(result.outcome, hold, find_own_flag(hold)))
    session[BOOKED] = session.pop(HOLD)
    session.pop(HISTORY, None)
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
        sent=compute_message_channels(appointment, clock.now()),
    )
