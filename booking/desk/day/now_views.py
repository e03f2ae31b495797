"""The panel "Now" of the day page: it keeps itself fresh, and each of its buttons records a step."""

from datetime import datetime

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.day_rules import TreatmentStep
from booking.appointments.treatments import record_step as record_treatment_step
from booking.desk.appointments.views import change_appointment, get_appointment_or_404
from booking.desk.blueprint import blueprint
from booking.desk.day.calendar_range import CalendarRange, Span
from booking.desk.day.day_view import read_day_view
from booking.desk.day.now_panel import read_now_rows
from booking.desk.day.now_words import format_step
from booking.desk.day.views import get_location_or_404, parse_date_or_404

NOW_ROW = "now"  # what the row of an appointment in the panel is called in an address
STEPS = ", ".join(TreatmentStep)


@blueprint.get("/day/<location>/<local_date>/now")
@access(Access.STAFF, counts_as_use=False)
def poll_now(location: str, local_date: str) -> Response:
    """Return the panel for a page that stays open; 304 while nothing has changed, within a minute."""
    calendar, day, now = get_location_or_404(location), parse_date_or_404(local_date), clock.now()
    version = f"{CalendarRange.of([calendar], day, Span.DAY).read_version(now)}-{current_user.role}"
    if version in request.if_none_match:
        response = make_response("", 304)
    else:
        details = read_day_view(calendar, day, now).appointments.values()
        rows = read_now_rows(details, now, is_clinician=current_user.reads_clinical)
        page = render_template("desk/day/_now.html", now_rows=rows, zone=calendar.zone)
        response = make_response(page)
    response.set_etag(version)
    return response


@blueprint.post(f"/visits/<int:appointment_id>/steps/<any({STEPS}):step>")
@access(Access.STAFF)
def record_step(appointment_id: int, step: str) -> AnyResponse | tuple[str, int]:
    """Record that a step of an infusion happened; clinical ones are a clinician's to record."""
    recorded_step = TreatmentStep(step)

    def change(
        appointment_id: int, now: datetime, actor: str, *, expected_version: int | None
    ) -> None:
        record_treatment_step(
            appointment_id, recorded_step, now, actor, expected_version=expected_version
        )

    appointment = get_appointment_or_404(appointment_id)
    notice = _("%(step)s: recorded.", step=format_step(recorded_step))
    return change_appointment(appointment, change, notice, row=NOW_ROW)
