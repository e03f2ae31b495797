"""One appointment: check in, outcome, no-show, cancel."""

from datetime import datetime
from functools import partial
from typing import Protocol

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.queries import find_appointment
from booking.appointments.rules import Action, allowed_outcomes
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.appointments.announcing import change_and_announce
from booking.desk.appointments.undoable import find_undoable
from booking.desk.blueprint import blueprint
from booking.desk.day.day_view import read_appointment_details
from booking.desk.day.now_panel import read_now_rows
from booking.desk.day.readiness_checks import readiness_checks_by_appointment
from booking.desk.form_versions import (
    require_row_version,
    row_version,
    submitted_appointment_version,
)
from booking.desk.forms import BY_PATIENT, CANNOT_BE, MAX_NOTE_LENGTH, CancelForm, OutcomeForm
from booking.desk.refusals import REFUSALS, accepts_reason, explain_refusal, explain_stale_version
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.waitlist.queries import find_current_entry

Page = AnyResponse | tuple[str, int]


class VersionedChange(Protocol):
    """An operation on one appointment that takes the version it was shown at."""

    def __call__(
        self, appointment_id: int, now: datetime, actor: str, /, *, expected_version: int | None
    ) -> None:
        """Make the change. Raises `StaleVersion`."""


@blueprint.get("/visits/<int:appointment_id>")
@access(Access.STAFF)
def show_appointment(appointment_id: int) -> Page:
    """Show one appointment and what can be done to it."""
    return render_appointment_page(get_appointment_or_404(appointment_id))


@blueprint.post("/visits/<int:appointment_id>/check-in")
@access(Access.STAFF)
def check_in(appointment_id: int) -> Page:
    """The patient is here."""
    reason = request.form.get("reason", "").strip()[:MAX_NOTE_LENGTH]
    change = partial(attendance.check_in, reason=reason)
    return change_appointment(get_appointment_or_404(appointment_id), change, _("Checked in."))


@blueprint.post("/visits/<int:appointment_id>/no-show")
@access(Access.STAFF)
def mark_no_show(appointment_id: int) -> Page:
    """The patient did not come."""
    return change_appointment(
        get_appointment_or_404(appointment_id),
        attendance.mark_no_show,
        _("Marked as a no-show."),
    )


@blueprint.post("/visits/<int:appointment_id>/outcome")
@access(Access.STAFF)
def record_outcome(appointment_id: int) -> Page:
    """The appointment is over, with an outcome."""
    appointment = get_appointment_or_404(appointment_id)
    form = OutcomeForm().set_choices(is_infusion=appointment.is_infusion)
    if not form.validate() or form.chosen not in allowed_outcomes(appointment.is_infusion):
        problem = explain_stale_version(row_version(appointment))
        return render_appointment_page(appointment, 422, outcome_form=form, problem=problem)

    def change(
        appointment_id: int, now: datetime, actor: str, *, expected_version: int | None
    ) -> None:
        attendance.fulfil(
            appointment_id, form.chosen, now, actor, expected_version=expected_version
        )

    return change_appointment(appointment, change, _("Outcome recorded."), outcome_form=form)


@blueprint.get("/visits/<int:appointment_id>/cancel")
@access(Access.STAFF)
def confirm_cancel(appointment_id: int) -> Page:
    """Ask who cancels, and why."""
    return _cancel_page(get_appointment_or_404(appointment_id), CancelForm())


@blueprint.post("/visits/<int:appointment_id>/cancel")
@access(Access.STAFF)
def cancel_appointment(appointment_id: int) -> Page:
    """Cancel an appointment and free its time."""
    appointment, form = get_appointment_or_404(appointment_id), CancelForm()
    if not form.validate():
        return _cancel_page(
            appointment, form, problem=explain_stale_version(row_version(appointment)), status=422
        )
    try:
        return submit_once(lambda: _cancelled(appointment_id, form)).to_response()
    except REFUSALS as refusal:
        problem = explain_refusal(refusal)
        return _cancel_page(
            get_appointment_or_404(appointment_id), form, problem=problem, status=422
        )


def _cancelled(appointment_id: int, form: CancelForm) -> RedirectWithNotice:
    """Cancel an appointment. Raises `StaleVersion` for one that was cancelled before, by whomever."""
    require_row_version(Appointment, appointment_id)
    now, actor = clock.now(), current_user.actor

    def change() -> None:
        appointment_operations.cancel(
            appointment_id,
            now,
            actor,
            by_patient=form.who.data == BY_PATIENT,
            is_fact=form.who.data == CANNOT_BE,
            reason=(form.reason.data or "").strip(),
        )

    change_and_announce(appointment_id, Action.CANCEL, now, actor, change)
    return undoable_notice(appointment_id, _("Cancelled."))


def get_appointment_or_404(appointment_id: int) -> Appointment:
    """Return a booked appointment, or answer 404."""
    return find_appointment(appointment_id) or abort(404)


def get_location(appointment: Appointment) -> LocationCalendar:
    """Return where an appointment is, though the location be closed for good."""
    return availability.current_catalogue().locations_by_id[appointment.location_id]


def day_url(appointment: Appointment, row: str = "visit") -> str:
    """Return the address of an appointment's day, at its row."""
    slug, anchor = get_location(appointment).slug, f"{row}-{appointment.id}"
    return url_for(
        "desk.show_day", location=slug, local_date=appointment.local_date, _anchor=anchor
    )


def undoable_notice(appointment_id: int, notice: str, row: str = "visit") -> RedirectWithNotice:
    """Go back to an appointment's day and say what was done, with a way to undo it."""
    appointment = get_appointment_or_404(appointment_id)
    return RedirectWithNotice(day_url(appointment, row), str(notice), undo_of=appointment.id)


def change_appointment(
    appointment: Appointment,
    change: VersionedChange,
    notice: str,
    outcome_form: OutcomeForm | None = None,
    row: str = "visit",
) -> Page:
    """Make a change and go back to the day, at a row of the list or of the panel "Now".

    Show the appointment with the reason when it is refused.
    """
    appointment_id = appointment.id

    def produce() -> RedirectWithNotice:
        change(
            appointment_id,
            clock.now(),
            current_user.actor,
            expected_version=submitted_appointment_version(),
        )
        return undoable_notice(appointment_id, notice, row)

    try:
        return submit_once(produce).to_response()
    except REFUSALS as refusal:
        return render_appointment_page(
            get_appointment_or_404(appointment_id),
            422,
            problem=explain_refusal(refusal),
            outcome_form=outcome_form,
            asks_reason=accepts_reason(refusal),
        )


def render_appointment_page(
    appointment: Appointment,
    status: int = 200,
    *,
    problem: str = "",
    outcome_form: OutcomeForm | None = None,
    asks_reason: bool = False,
    move_back: str | None = None,
) -> tuple[str, int]:
    """Show an appointment; `move_back` is where it is moved back, as that can't be undone any more."""
    has_started = clock.now() >= appointment.starts_at
    form = outcome_form or OutcomeForm(formdata=None).set_choices(
        is_infusion=appointment.is_infusion, has_started=has_started
    )
    return _render(
        appointment,
        "desk/appointments/appointment.html",
        status,
        outcome_form=form,
        problem=problem,
        asks_reason=asks_reason,
        move_back=move_back,
        undoable=find_undoable(appointment.id),
    )


def _cancel_page(
    appointment: Appointment, form: CancelForm, *, problem: str = "", status: int = 200
) -> tuple[str, int]:
    page = "desk/appointments/cancel.html"
    return _render(appointment, page, status, form=form, problem=problem)


def _render(
    appointment: Appointment, template: str, status: int, **context: object
) -> tuple[str, int]:
    now, location = clock.now(), get_location(appointment)
    details = read_appointment_details(appointment, now)
    page = render_template(
        template,
        shown=details,
        readiness_checks=readiness_checks_by_appointment([details], now),
        now_rows=read_now_rows([details], now, is_clinician=current_user.reads_clinical),
        has_started=now >= appointment.starts_at,
        location=location,
        waitlist_entry=find_current_entry(appointment.id, now),
        **context,
    )
    return page, status
