"""Closures and absences: what there are, and recording one, once the desk has seen whom it hits."""

from datetime import date

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock, dates
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.desk.blueprint import blueprint
from booking.desk.day.views import last_used_location
from booking.desk.outages.forms import LOCATION, OutageForm
from booking.desk.outages.lines import list_appointment_lines
from booking.desk.outages.words import get_first_affected_location
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.locations.models import Outage
from booking.outages.operations import OutageOver, OutagePreview, preview_case, record_case
from booking.outages.queries import list_cases
from booking.outages.rules import CaseStatus

RECORD = "record"  # the button that does it, after the one that shows whom it hits


@blueprint.get("/closures")
@access(Access.STAFF)
def list_outages() -> str:
    """Show what is closed, broken or away, and how far its patients are seen to."""
    return render_template("desk/outages/closures.html", cases=list_cases())


@blueprint.get("/closures/new")
@access(Access.STAFF)
def choose_outage() -> str:
    """Ask what isn't there; the day and location that somebody comes from stand in it already."""
    location = availability.current_catalogue().locations.get(
        request.args.get("location", ""), last_used_location()
    )
    day = dates.parse_day(request.args.get("date")) or _today(location)
    defaults = {"subject": f"{LOCATION}:{location.id}", "first_day": day}
    form = OutageForm(formdata=None, data=defaults)
    return _page(form)


@blueprint.post("/closures/new")
@access(Access.STAFF)
def record_outage() -> AnyResponse | str | tuple[str, int]:
    """Show whom it hits; pressed there, record it: a fact, accepted from whoever is at the desk."""
    form = OutageForm().set_choices(availability.current_catalogue())
    location = _find_location(form)
    if not form.validate_span(location, _today(location)):
        return _page(form), 422
    try:
        if request.form.get("step") != RECORD:
            return _preview(form, location)
        return submit_once(lambda: _recorded(form, location)).to_response()
    except OutageOver:
        return _page(form, problem=str(_("That time is over already."))), 422
    except FORM_REFUSALS as refusal:
        return _preview(form, location, explain_refusal(refusal)), 422


def _preview(form: OutageForm, location: LocationCalendar, problem: str = "") -> str:
    outage = form.read_outage(location)
    preview = preview_case(outage, current_user.id, clock.now())
    return _page(form, preview, form.read_outage(location), problem)


def _recorded(form: OutageForm, location: LocationCalendar) -> RedirectWithNotice:
    reason = (form.reason.data or "").strip()
    recorded = record_case(form.read_outage(location), reason, current_user.id, clock.now())
    count = len(recorded.affected.hit)
    notice = ngettext(
        "Recorded. %(num)d visit needs a new time.",
        "Recorded. %(num)d visits need new times.",
        count,
    )
    if recorded.case.status is CaseStatus.ENDED:
        notice = _("Recorded. Nobody needs a new time.")
    return RedirectWithNotice(url_for("desk.show_outage", case_id=recorded.case.id), str(notice))


def _find_location(form: OutageForm) -> LocationCalendar:
    """Return in whose time a form is read: where the thing is, or whoever is away works first."""
    if not form.has_subject:
        return last_used_location()
    kind, number = form.subject.data.split(":")
    return get_first_affected_location(Outage(**{f"{kind}_id": int(number)}))


def _today(location: LocationCalendar) -> date:
    return clock.local_date(clock.now(), location.zone.key)


def _page(
    form: OutageForm,
    preview: OutagePreview | None = None,
    outage: Outage | None = None,
    problem: str = "",
) -> str:
    form.set_choices(availability.current_catalogue())
    return render_template(
        "desk/outages/new.html",
        form=form,
        preview=preview,
        outage=outage,
        hit=list_appointment_lines(preview.hit_ids) if preview else [],
        in_building=list_appointment_lines(preview.in_building_ids) if preview else [],
        record=RECORD,
        problem=problem,
    )
