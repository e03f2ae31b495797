"""Undoing what was done to an appointment; what its patient was told of is changed back instead."""

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.models import Appointment
from booking.appointments.reverting import UndoProblem, UndoRefused
from booking.appointments.undoing import find_former_time, undo_change
from booking.calendars import availability
from booking.desk.appointments.undoable import describe_undoable_action
from booking.desk.appointments.views import (
    day_url,
    get_appointment_or_404,
    render_appointment_page,
)
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import submitted_appointment_version
from booking.desk.refusals import REFUSALS, Refusal, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once


@blueprint.post("/visits/<int:appointment_id>/undo/<int:change_id>")
@access(Access.STAFF)
def undo_appointment_change(appointment_id: int, change_id: int) -> AnyResponse | tuple[str, int]:
    """Undo the latest change of an appointment."""
    get_appointment_or_404(appointment_id)

    def produce() -> RedirectWithNotice:
        undone = undo_change(
            appointment_id,
            change_id,
            clock.now(),
            current_user.actor,
            expected_version=submitted_appointment_version(),
        )
        notice = _("Undone: %(what)s.", what=describe_undoable_action(undone.action))
        return RedirectWithNotice(day_url(get_appointment_or_404(appointment_id)), str(notice))

    try:
        return submit_once(produce).to_response()
    except REFUSALS as refusal:
        appointment = get_appointment_or_404(appointment_id)
        return render_appointment_page(
            appointment,
            422,
            problem=explain_refusal(refusal),
            move_back=_move_back_url(appointment, change_id, refusal),
        )


def _move_back_url(appointment: Appointment, change_id: int, refusal: Refusal) -> str | None:
    """Return where an appointment is moved back, once its patient was told that it moved."""
    if not isinstance(refusal, UndoRefused) or refusal.problem is not UndoProblem.TOLD:
        return None
    former = find_former_time(appointment, change_id)
    if former is None:
        return None
    location = availability.current_catalogue().locations_by_id[former.location_id]
    return url_for(
        "desk.choose_new_time",
        appointment_id=appointment.id,
        location=location.slug,
        date=former.local_date,
    )
