"""A day at a location: the table by room, chair and practitioner, and the list of its visits."""

from datetime import date, timedelta

from flask import abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, dates
from booking.access import Access, access
from booking.calendars import offering
from booking.calendars.places import Place
from booking.desk.blueprint import blueprint
from booking.desk.forms import OutcomeForm
from booking.desk.sheet import read_day

LAST_LOCATION = "desk_location"  # in the browser's session: where this person works


@blueprint.get("/")
@access(Access.STAFF)
def today() -> AnyResponse:
    """Go to today at the location last looked at, or the first."""
    place = usual_place()
    local_date = clock.local_date(clock.now(), place.zone.key)
    return redirect(url_for("desk.day", location=place.slug, local_date=local_date))


@blueprint.get("/day")
@access(Access.STAFF)
def choose_day() -> AnyResponse:
    """Go to the day and location asked for, or to today and the usual one."""
    place = offering.catalogue().places.get(request.args.get("location", ""), usual_place())
    asked = dates.parse_day(request.args.get("date"))
    local_date = asked or clock.local_date(clock.now(), place.zone.key)
    return redirect(url_for("desk.day", location=place.slug, local_date=local_date))


@blueprint.get("/day/<location>/<local_date>")
@access(Access.STAFF)
def day(location: str, local_date: str) -> str:
    """Show a day at a location; one that is closed for good keeps its past."""
    known, now = offering.catalogue(), clock.now()
    by_slug = {place.slug: place for place in known.places_by_id.values()}
    place, shown = by_slug.get(location) or abort(404), day_or_404(local_date)
    session[LAST_LOCATION] = place.slug
    return render_template(
        "desk/day.html",
        sheet=read_day(place, shown, now),
        places=known.places.values(),
        previous=shown - timedelta(days=1),
        following=shown + timedelta(days=1),
        today=clock.local_date(now, place.zone.key),
        now=now,
        outcomes=_outcome_forms(),
    )


def usual_place() -> Place:
    """Return the location this person last looked at, or the clinic's first."""
    places = offering.catalogue().places
    if not places:
        abort(404)
    return places.get(session.get(LAST_LOCATION, "")) or next(iter(places.values()))


def day_or_404(text: str) -> date:
    """Return the day named in an address like 2026-12-01; answer 404 for anything else."""
    return dates.parse_day(text) or abort(404)


def _outcome_forms() -> dict[bool, OutcomeForm]:
    """Return the outcome form of infusions (True) and of other visits (False)."""
    return {kind: OutcomeForm(formdata=None).offer(is_infusion=kind) for kind in (True, False)}
