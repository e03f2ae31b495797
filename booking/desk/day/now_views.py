"""The parts of an open day page that keep themselves fresh, and the steps that its panel "Now" records."""

from datetime import datetime

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments.day_rules import TreatmentStep
from booking.appointments.treatments import record_step as record_treatment_step
from booking.desk.appointments.views import change_appointment, get_appointment_or_404
from booking.desk.blueprint import blueprint
from booking.desk.day.now_words import format_step
from booking.desk.day.views import (
    build_live_parts,
    get_location_or_404,
    parse_date_or_404,
    read_day_version,
)

NOW_ROW = "now"  # what the row of an appointment in the panel is called in an address
STEPS = ", ".join(TreatmentStep)


@blueprint.get("/day/<location>/<local_date>/<any(now, list, table):part>")
@access(Access.STAFF, counts_as_use=False)
def poll_day(location: str, local_date: str, part: str) -> Response:
    """Return a part of a day page that stays open; 304 while nothing has changed, within a minute."""
    calendar, day, now = get_location_or_404(location), parse_date_or_404(local_date), clock.now()
    version = read_day_version(calendar, day, now)
    if version in request.if_none_match:
        response = make_response("", 304)
    else:
        parts = build_live_parts(calendar, day, now)
        response = make_response(render_template(f"desk/day/_{part}.html", **parts))
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
