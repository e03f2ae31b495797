"""Moving a visit: choose a day, then a free time; a rule against it asks for a reason."""

from datetime import datetime

from flask import render_template
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import operations as appointments
from booking.appointments.misfits import demand_of
from booking.appointments.models import Appointment
from booking.calendars import offering
from booking.calendars.places import Place
from booking.dates import parse_instant
from booking.desk.asked import asked_day, asked_free, asked_place
from booking.desk.blueprint import blueprint
from booking.desk.forms import TimeForm
from booking.desk.refusals import REFUSALS, Refusal, difference, reason_helps, sentence
from booking.desk.sheet import read_visit
from booking.desk.submitting import Done, submit
from booking.desk.versions import row_version, submitted_number
from booking.desk.visits import day_address, place_of, visit_or_404


@blueprint.get("/visits/<int:visit_id>/move")
@access(Access.STAFF)
def ask_move(visit_id: int) -> str:
    """Show the free times to move a visit to."""
    return _page(visit_or_404(visit_id), TimeForm(formdata=None))


@blueprint.post("/visits/<int:visit_id>/move")
@access(Access.STAFF)
def move(visit_id: int) -> AnyResponse | tuple[str, int]:
    """Move a visit to the time chosen."""
    visit, form = visit_or_404(visit_id), TimeForm()
    starts_at = parse_instant(form.start.data)
    if not form.validate() or starts_at is None:
        problem = difference(row_version(visit)) or _("Choose a time from the list.")
        return _page(visit, form, problem=problem), 422
    place, reason = asked_place(place_of(visit)), (form.reason.data or "").strip()
    try:
        return submit(lambda: _moved(visit_id, starts_at, place, reason)).answer()
    except REFUSALS as refusal:
        return _refused(visit_or_404(visit_id), form, refusal), 422


def _moved(visit_id: int, starts_at: datetime, place: Place, reason: str) -> Done:
    moved = appointments.move(
        visit_id,
        starts_at,
        clock.now(),
        current_user.actor,
        location=place.slug,
        reason=reason,
        expected_version=submitted_number(),
    )
    return Done(day_address(moved), str(_("Moved.")))


def _refused(visit: Appointment, form: TimeForm, refusal: Refusal) -> str:
    return _page(visit, form, problem=sentence(refusal), asks_reason=reason_helps(refusal))


def _page(
    visit: Appointment, form: TimeForm, *, problem: str = "", asks_reason: bool = False
) -> str:
    now, known = clock.now(), offering.catalogue()
    place, day = asked_place(place_of(visit)), asked_day(visit.local_date)
    demand = demand_of(visit, known.offers_by_id[visit.service_id])
    return render_template(
        "desk/move.html",
        shown=read_visit(visit, now),
        old_place=place_of(visit),
        place=place,
        places=known.places.values(),
        free=asked_free(place, demand, day, now),
        chosen_day=day,
        chosen=parse_instant(form.start.data),
        form=form,
        problem=problem,
        asks_reason=asks_reason,
    )
