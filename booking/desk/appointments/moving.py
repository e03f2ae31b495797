"""Moving an appointment: choose a day, then a free time; a rule against it asks for a reason."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.exemptions import ClaimTerms
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.appointments.rules import Action
from booking.appointments.seating import move_to_resource
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.ruled_days import RuledDay
from booking.dates import parse_instant
from booking.desk.appointments.announcing import change_and_announce
from booking.desk.appointments.dropping import (
    answer_calendar_drop,
    find_requested_resource_id,
    is_drop,
    refuse_drop,
)
from booking.desk.appointments.own_times import (
    explain_no_time,
    find_objection,
    parse_claim_terms,
    parse_form_start,
    parse_own_time,
)
from booking.desk.appointments.views import get_appointment_or_404, get_location, undoable_notice
from booking.desk.blueprint import blueprint
from booking.desk.day.day_view import read_appointment_details
from booking.desk.form_versions import row_version, submitted_appointment_version
from booking.desk.refusals import (
    REFUSALS,
    Refusal,
    accepts_reason,
    explain_refusal,
    explain_stale_version,
)
from booking.desk.requested import (
    get_requested_date,
    get_requested_location,
    list_requested_move_times,
    parse_start,
)
from booking.desk.series.slot_marks import mark_fit
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.time_form import TimeForm
from booking.desk.why_not.accepted import list_unaccepted_blockers
from booking.desk.why_not.answers import WhyNotAnswer, answer_why_not
from booking.desk.why_not.relaxation_words import describe_fit
from booking.series.queries import find_session_of_appointment
from booking.series.relaxations import list_fitting_move_starts
from booking.series.ruled_starts import read_session_move_rules

Answer = AnyResponse | tuple[str | AnyResponse, int]


@blueprint.get("/visits/<int:appointment_id>/move")
@access(Access.STAFF)
def choose_new_time(appointment_id: int) -> str:
    """Show the free times to move an appointment to."""
    return _page(get_appointment_or_404(appointment_id), TimeForm(formdata=None))


@blueprint.post("/visits/<int:appointment_id>/move")
@access(Access.STAFF)
def move_appointment(appointment_id: int) -> Answer:
    """Move an appointment to the time chosen in its form, or to where it was dropped in the calendar."""
    appointment, form = get_appointment_or_404(appointment_id), TimeForm()
    location = get_requested_location(get_location(appointment))
    starts_at = (
        parse_start(form.start.data, location) if is_drop() else parse_form_start(form, location)
    )
    if not form.validate() or starts_at is None:
        problem = explain_stale_version(row_version(appointment)) or explain_no_time(form, location)
        return _refuse(appointment, form, problem=problem)
    if objection := _find_objection(appointment, form, starts_at, location):
        return _page(appointment, form, objection=objection), 422
    if unaccepted := _list_unaccepted(appointment, form, starts_at, location):
        return _refuse(appointment, form, unaccepted=unaccepted)
    terms = parse_claim_terms(form, starts_at)
    try:
        outcome = submit_once(lambda: _moved(appointment_id, starts_at, location, terms))
    except REFUSALS as refusal:
        return _refuse(get_appointment_or_404(appointment_id), form, refusal=refusal)
    return answer_calendar_drop(outcome) if is_drop() else outcome.to_response()


def _list_unaccepted(
    appointment: Appointment, form: TimeForm, starts_at: datetime, location: LocationCalendar
) -> Sequence[str]:
    """Return what the patient asked for, or a payer authorised, that a start goes against."""
    day = starts_at.astimezone(location.zone).date()
    (ruled,) = read_session_move_rules(appointment, location, day, day, clock.now())
    return list_unaccepted_blockers(form, ruled, starts_at)


def _find_objection(
    appointment: Appointment, form: TimeForm, starts_at: datetime, location: LocationCalendar
) -> WhyNotAnswer | None:
    """Return what stands against a time that was typed, and isn't overridden."""
    if not form.has_own_time:
        return None
    day = starts_at.astimezone(location.zone).date()
    (ruled,) = read_session_move_rules(appointment, location, day, day, clock.now())
    return find_objection(form, ruled, starts_at)


def _moved(
    appointment_id: int, starts_at: datetime, location: LocationCalendar, terms: ClaimTerms
) -> RedirectWithNotice:
    now, actor = clock.now(), current_user.actor

    def change() -> None:
        move_to_resource(
            appointment_id,
            starts_at,
            find_requested_resource_id(),
            location.slug,
            now,
            actor,
            reason=terms.reason,
            exempt=terms.exempt,
            expected_version=submitted_appointment_version(),
        )

    change_and_announce(appointment_id, Action.MOVE, now, actor, change)
    return undoable_notice(appointment_id, _("Moved."))


def _refuse(
    appointment: Appointment,
    form: TimeForm,
    *,
    problem: str = "",
    refusal: Refusal | None = None,
    unaccepted: Sequence[str] = (),
) -> Answer:
    if is_drop():
        return refuse_drop(appointment, form.start.data, problem or " ".join(unaccepted), refusal)
    page = _page(
        appointment,
        form,
        problem=explain_refusal(refusal) if refusal else problem,
        asks_reason=refusal is not None and accepts_reason(refusal),
        unaccepted=unaccepted,
    )
    return page, 422


def _page(
    appointment: Appointment,
    form: TimeForm,
    *,
    problem: str = "",
    asks_reason: bool = False,
    unaccepted: Sequence[str] = (),
    objection: WhyNotAnswer | None = None,
) -> str:
    now, catalogue = clock.now(), availability.current_catalogue()
    location, day = (
        get_requested_location(get_location(appointment)),
        get_requested_date(appointment.local_date),
    )
    demand = get_demand(appointment, catalogue.services_by_id[appointment.service_id])
    free = list_requested_move_times(appointment, location, demand, day, now)

    fit = list_fitting_move_starts(appointment, location, free.first, now)

    def read_rules(each: LocationCalendar, local_date: date) -> RuledDay:
        return read_session_move_rules(appointment, each, local_date, local_date, now)[0]

    return render_template(
        "desk/appointments/move.html",
        shown=read_appointment_details(appointment, now),
        old_place=get_location(appointment),
        location=location,
        locations=catalogue.locations.values(),
        free=free,
        why=answer_why_not(location, day, read_rules),
        fit=describe_fit(fit, location),
        marks=mark_fit(fit, find_session_of_appointment(appointment.id), location),
        chosen_day=day,
        chosen=parse_instant(form.start.data),
        own_time=parse_own_time(form, free, day),
        objection=objection,
        form=form,
        problem=problem,
        asks_reason=asks_reason,
        unaccepted=unaccepted,
    )
