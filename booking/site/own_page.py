"""One visit's own page, opened by its link: see it, add it to a calendar, cancel it. No account."""

from flask import Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import operations as appointments
from booking.appointments.ics import Method, calendar_file
from booking.appointments.models import Appointment
from booking.appointments.rules import Status, StepRefused
from booking.locations import operations as locations
from booking.reminders.wording import organizer
from booking.site.blueprint import blueprint

ACTOR = "online"


def _visit(token: str) -> Appointment:
    visit = appointments.by_token(token)
    if visit is None:
        abort(404)
    return visit


@blueprint.get("/a/<token>")
@access(Access.TOKEN)
def visit(token: str) -> str:
    """Show when and where."""
    return _page("site/visit.html", _visit(token))


@blueprint.get("/a/<token>/cancel")
@access(Access.TOKEN)
def ask_cancel(token: str) -> str:
    """Ask once more; opening this changes nothing (invariant 13)."""
    return _page("site/cancel.html", _visit(token))


@blueprint.post("/a/<token>/cancel")
@access(Access.TOKEN)
def cancel(token: str) -> AnyResponse | tuple[str, int]:
    """Cancel the visit: the patient's own wish, a fact."""
    found = _visit(token)
    try:
        appointments.cancel(found.id, clock.now(), ACTOR, by_patient=True)
    except StepRefused:
        return _page("site/visit.html", found, refused=True), 409
    return redirect(url_for(".visit", token=token))


@blueprint.get("/a/<token>/visit.ics")
@access(Access.TOKEN)
def calendar(token: str) -> Response:
    """Give the visit as a calendar file."""
    file = calendar_file([_visit(token)], Method.PUBLISH, clock.now(), organizer=organizer())
    answer = Response(file, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = "attachment; filename=visit.ics"
    return answer


def _page(template: str, found: Appointment, *, refused: bool = False) -> str:
    is_open = found.status is Status.BOOKED and found.starts_at > clock.now()
    place = locations.by_id(found.location_id)
    return render_template(template, visit=found, place=place, is_open=is_open, refused=refused)
