"""One visit's own page, opened by its link: see it, add it to a calendar, cancel it. No account."""

from flask import Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import operations as appointments
from booking.appointments.ics import Method, calendar_file
from booking.appointments.models import Appointment
from booking.appointments.rules import Status, StepRefused
from booking.locations import operations as locations
from booking.reminders.wording import link_to, organizer
from booking.site.blueprint import blueprint
from booking.versions import StaleVersion

ACTOR = "online"
NEVER_SHOWN = 0  # no version: a form that says none is asked again


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
    """Cancel the visit that was shown: the patient's own wish, a fact."""
    shown = _visit(token)
    version = request.form.get("version", type=int, default=NEVER_SHOWN)
    try:
        appointments.cancel(shown.id, clock.now(), ACTOR, by_patient=True, expected_version=version)
    except StaleVersion:
        return _page("site/cancel.html", _visit(token), changed=True), 409
    except StepRefused:
        return _page("site/visit.html", _visit(token), refused=True), 409
    return redirect(url_for(".visit", token=token))


@blueprint.get("/a/<token>/visit.ics")
@access(Access.TOKEN)
def calendar(token: str) -> Response:
    """Give the visit as a calendar file."""
    file = calendar_file([_visit(token)], Method.PUBLISH, clock.now(), organizer=organizer())
    answer = Response(file, mimetype="text/calendar")
    answer.headers["Content-Disposition"] = "attachment; filename=visit.ics"
    return answer


def _page(template: str, visit: Appointment, **outcome: bool) -> str:
    is_open = visit.status is Status.BOOKED and visit.starts_at > clock.now()
    place = locations.by_id(visit.location_id)
    link = link_to(visit)
    return render_template(
        template, visit=visit, place=place, is_open=is_open, link=link, **outcome
    )
