"""Booking an appointment for a known patient who calls or stands at the desk; series are prescribed."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import abort, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.booking import Booked
from booking.appointments.by_phone import book_by_phone
from booking.appointments.exemptions import ClaimTerms
from booking.appointments.patient_booking import find_booking_refusal
from booking.appointments.ruled_starts import read_booking_rules
from booking.calendars import availability
from booking.calendars.catalogue import BookableService
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.ruled_days import RuledDay
from booking.dates import parse_instant
from booking.desk.appointments.announcing import leave_unannounced_if_ticked
from booking.desk.appointments.called_back import find_call_task, finish_call_task
from booking.desk.appointments.own_times import (
    explain_no_time,
    find_objection,
    parse_claim_terms,
    parse_form_start,
    parse_own_time,
)
from booking.desk.appointments.screening_script import read_screening_script
from booking.desk.appointments.views import day_url
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.form_versions import require_treatment_version, treatment_version
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import REFUSALS, explain_refusal, explain_stale_version
from booking.desk.requested import (
    get_requested_date,
    get_requested_location,
    list_requested_free_times,
    parse_start,
)
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.time_form import TimeForm
from booking.desk.why_not.answers import WhyNotAnswer, answer_why_not
from booking.patients.models import Patient
from booking.screening import flags
from booking.screening.operations import ScreeningAnswers
from booking.screening.rules import ScreeningOutcome


@dataclass(frozen=True, slots=True)
class BookingChoice:
    """What the caller wants, and has answered to the safety questions; `starts_at` in UTC.

    `terms` are the rules that somebody overrides for it.
    """

    location: LocationCalendar
    service: BookableService
    starts_at: datetime
    answers: ScreeningAnswers | None
    terms: ClaimTerms


@blueprint.get("/patients/<int:patient_id>/book")
@access(Access.STAFF)
def choose_time(patient_id: int) -> str:
    """Show the services and free times to choose from; one that the address names is chosen."""
    location, day = get_requested_location(last_used_location()), request.args.get("date", "")
    start = parse_start(f"{day}T{request.args.get('time', '')}", location)
    form = TimeForm(formdata=None, start=start.isoformat() if start else "")
    return _page(patient_or_404(patient_id), form)


@blueprint.post("/patients/<int:patient_id>/book")
@access(Access.STAFF)
def book_appointment(patient_id: int) -> AnyResponse | tuple[str, int]:
    """Book the time chosen, once the safety questions are answered where the appointment asks for them."""
    patient, form, service = patient_or_404(patient_id), TimeForm(), _requested_service()
    location, script = get_requested_location(last_used_location()), read_screening_script(service)
    starts_at = parse_form_start(form, location)
    if not form.validate() or starts_at is None:
        return _page(patient, form, _outdated(patient) or explain_no_time(form, location)), 422
    if objection := _find_objection(patient, service, location, form, starts_at):
        return _page(patient, form, _outdated(patient), objection), 422
    if script.unanswered:
        unasked = _("Ask every question, and choose yes or no.")
        return _page(patient, form, _outdated(patient) or unasked), 422
    answers = script.to_answers(patient.birth_date, patient.language)
    choice = BookingChoice(
        location, service, starts_at, answers, parse_claim_terms(form, starts_at)
    )
    try:
        outcome = submit_once(lambda: _booked(patient, choice))
    except REFUSALS as refusal:
        return _page(patient_or_404(patient_id), form, explain_refusal(refusal)), 422
    return outcome.to_response() if outcome.to else (_page(patient, form), 422)


def _booked(patient: Patient, choice: BookingChoice) -> RedirectWithNotice:
    """Book, or go where the answers lead: to the script for a crisis, or back to the page."""
    require_treatment_version(patient.id)
    result = book_by_phone(
        patient,
        choice.location,
        choice.service,
        choice.starts_at,
        choice.answers,
        current_user.id,
        clock.now(),
        choice.terms,
    )
    if isinstance(result, Booked):
        reference = result.appointment.reference
        notice = _("Booked. Read out the reference: %(reference)s", reference=reference)
        leave_unannounced_if_ticked(result.appointment.id, clock.now(), current_user.actor)
        finish_call_task(patient, result.appointment)
        return RedirectWithNotice(day_url(result.appointment), str(notice), reference=reference)
    is_danger = result.outcome is ScreeningOutcome.HELP_FIRST
    return RedirectWithNotice(url_for("desk.show_crisis_help") if is_danger else "")


def _outdated(patient: Patient) -> str:
    return explain_stale_version(treatment_version(patient.id))


def single_services() -> list[BookableService]:
    """Return what can be booked one by one: an infusion is a session of a series."""
    return [
        service
        for service in availability.current_catalogue().services.values()
        if not service.is_infusion
    ]


def _requested_service() -> BookableService:
    """Return the service asked for, or the first."""
    services = {service.slug: service for service in single_services()}
    if not services:
        abort(404)
    return services.get(request.values.get("service", "")) or next(iter(services.values()))


def _refusal(patient: Patient, day: date) -> str:
    """Return why no appointment on local `day` may be booked; empty when one may."""
    refusal = find_booking_refusal(patient, day)
    return explain_refusal(refusal) if refusal else ""


def _report(patient: Patient) -> str:
    """Return what to know of an unverified report: it stops nobody whom the desk knows and asks itself."""
    if all(flag.is_verified for flag in flags.list_call_first_flags(patient.id)):
        return ""
    return str(
        _(
            "Somebody answered online, in this patient’s name, that a clinician should call first. It is "
            "not verified: ask the questions yourself."
        )
    )


def _find_objection(
    patient: Patient,
    service: BookableService,
    location: LocationCalendar,
    form: TimeForm,
    starts_at: datetime,
) -> WhyNotAnswer | None:
    """Return what stands against a time that was typed, and isn't overridden."""
    if not form.has_own_time:
        return None
    day = starts_at.astimezone(location.zone).date()
    (ruled,) = read_booking_rules(patient, service, location, day, day, clock.now())
    return find_objection(form, ruled, starts_at)


def _page(
    patient: Patient, form: TimeForm, problem: str = "", objection: WhyNotAnswer | None = None
) -> str:
    now, service, location = (
        clock.now(),
        _requested_service(),
        get_requested_location(last_used_location()),
    )
    today = clock.local_date(now, location.zone.key)
    free = list_requested_free_times(location, service.demand, get_requested_date(today), now)
    day = get_requested_date(free.first_free_day or today)

    def read_rules(each: LocationCalendar, local_date: date) -> RuledDay:
        return read_booking_rules(patient, service, each, local_date, local_date, now)[0]

    return render_template(
        "desk/appointments/book.html",
        patient=patient,
        service=service,
        services=single_services(),
        location=location,
        locations=availability.current_catalogue().locations.values(),
        free=free,
        chosen_day=day,
        chosen=parse_instant(form.start.data),
        own_time=parse_own_time(form, free, day),
        objection=objection,
        script=read_screening_script(service),
        language=str(get_locale()),
        form=form,
        problem=problem or _refusal(patient, day),
        report=_report(patient),
        why=answer_why_not(location, day, read_rules),
        call_task=find_call_task(patient),
    )


blueprint.add_app_template_global(single_services)
