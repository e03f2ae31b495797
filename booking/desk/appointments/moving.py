"""Moving an appointment: choose a day, then a free time; a rule against it asks for a reason."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import operations as appointment_operations
from booking.appointments.changes import keep_told_change
from booking.appointments.impossible import get_demand
from booking.appointments.models import Appointment
from booking.appointments.rules import Action
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.calendars.ruled_days import RuledDay
from booking.dates import parse_instant
from booking.desk.appointments.views import get_appointment_or_404, get_location, undoable_notice
from booking.desk.blueprint import blueprint
from booking.desk.day.day_view import read_appointment_details
from booking.desk.form_versions import row_version, submitted_appointment_version
from booking.desk.forms import TimeForm
from booking.desk.refusals import (
    REFUSALS,
    Refusal,
    accepts_reason,
    explain_refusal,
    explain_stale_version,
)
from booking.desk.requested import requested_date, requested_free_times, requested_location
from booking.desk.series.slot_marks import mark_fit
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.desk.why_not.accepted import list_unaccepted_blockers
from booking.desk.why_not.answers import answer_why_not
from booking.desk.why_not.relaxation_words import describe_fit
from booking.series.queries import find_session_of_appointment
from booking.series.relaxations import find_move_fit
from booking.series.ruled_starts import read_session_move_rules


@blueprint.get("/visits/<int:appointment_id>/move")
@access(Access.STAFF)
def choose_new_time(appointment_id: int) -> str:
    """Show the free times to move an appointment to."""
    return _page(get_appointment_or_404(appointment_id), TimeForm(formdata=None))


@blueprint.post("/visits/<int:appointment_id>/move")
@access(Access.STAFF)
def move_appointment(appointment_id: int) -> AnyResponse | tuple[str, int]:
    """Move an appointment to the time chosen."""
    appointment, form = get_appointment_or_404(appointment_id), TimeForm()
    starts_at = parse_instant(form.start.data)
    if not form.validate() or starts_at is None:
        problem = explain_stale_version(row_version(appointment)) or _(
            "Choose a time from the list."
        )
        return _page(appointment, form, problem=problem), 422
    location, reason = (
        requested_location(get_location(appointment)),
        (form.reason.data or "").strip(),
    )
    if unaccepted := _list_unaccepted(appointment, form, starts_at, location):
        return _page(appointment, form, unaccepted=unaccepted), 422
    try:
        return submit_once(
            lambda: _moved(appointment_id, starts_at, location, reason)
        ).to_response()
    except REFUSALS as refusal:
        return _refused(get_appointment_or_404(appointment_id), form, refusal), 422


def _list_unaccepted(
    appointment: Appointment, form: TimeForm, starts_at: datetime, location: LocationCalendar
) -> Sequence[str]:
    """Return what the patient asked for, or a payer authorised, that a start goes against."""
    day = starts_at.astimezone(location.zone).date()
    (ruled,) = read_session_move_rules(appointment, location, day, day, clock.now())
    return list_unaccepted_blockers(form, ruled, starts_at)


def _moved(
    appointment_id: int, starts_at: datetime, location: LocationCalendar, reason: str
) -> RedirectWithNotice:
    now, actor = clock.now(), current_user.actor

    def change() -> None:
        appointment_operations.move(
            appointment_id,
            starts_at,
            now,
            actor,
            location=location.slug,
            reason=reason,
            expected_version=submitted_appointment_version(),
        )

    keep_told_change(appointment_id, Action.MOVE, now, actor, change)
    return undoable_notice(appointment_id, _("Moved."))


def _refused(appointment: Appointment, form: TimeForm, refusal: Refusal) -> str:
    return _page(
        appointment, form, problem=explain_refusal(refusal), asks_reason=accepts_reason(refusal)
    )


def _page(
    appointment: Appointment,
    form: TimeForm,
    *,
    problem: str = "",
    asks_reason: bool = False,
    unaccepted: Sequence[str] = (),
) -> str:
    now, catalogue = clock.now(), availability.current_catalogue()
    location, day = (
        requested_location(get_location(appointment)),
        requested_date(appointment.local_date),
    )
    demand = get_demand(appointment, catalogue.services_by_id[appointment.service_id])
    free = requested_free_times(location, demand, day, now)

    fit = find_move_fit(appointment, location, free.first, now)

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
        form=form,
        problem=problem,
        asks_reason=asks_reason,
        unaccepted=unaccepted,
    )
