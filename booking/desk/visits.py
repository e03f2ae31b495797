"""One visit: check in, outcome, no-show, cancel."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.appointments import operations as appointments
from booking.appointments.models import Appointment
from booking.appointments.rules import outcomes_for
from booking.calendars import offering
from booking.calendars.places import Place
from booking.desk.blueprint import blueprint
from booking.desk.forms import BY_PATIENT, CancelForm, OutcomeForm
from booking.desk.refusals import REFUSALS, sentence
from booking.desk.sheet import find_visit, read_visit

Page = AnyResponse | tuple[str, int]


@blueprint.get("/visits/<int:visit_id>")
@access(Access.STAFF)
def visit(visit_id: int) -> Page:
    """Show one visit and what can be done to it."""
    return _page(visit_or_404(visit_id))


@blueprint.post("/visits/<int:visit_id>/check-in")
@access(Access.STAFF)
def check_in(visit_id: int) -> Page:
    """The patient is here."""
    found = visit_or_404(visit_id)
    return _do(
        found,
        lambda: appointments.check_in(found.id, clock.now(), current_user.actor),
        _("Checked in."),
    )


@blueprint.post("/visits/<int:visit_id>/no-show")
@access(Access.STAFF)
def no_show(visit_id: int) -> Page:
    """The patient did not come."""
    found = visit_or_404(visit_id)
    return _do(
        found,
        lambda: appointments.mark_no_show(found.id, clock.now(), current_user.actor),
        _("Marked as a no-show."),
    )


@blueprint.post("/visits/<int:visit_id>/outcome")
@access(Access.STAFF)
def fulfil(visit_id: int) -> Page:
    """The visit is over, with an outcome."""
    found = visit_or_404(visit_id)
    form = OutcomeForm().offer(is_infusion=found.is_infusion)
    if not form.validate() or form.chosen not in outcomes_for(found.is_infusion):
        return _page(found, 422, outcome_form=form)
    return _do(
        found,
        lambda: appointments.fulfil(found.id, form.chosen, clock.now(), current_user.actor),
        _("Outcome recorded."),
    )


@blueprint.get("/visits/<int:visit_id>/cancel")
@access(Access.STAFF)
def ask_cancel(visit_id: int) -> Page:
    """Ask who cancels, and why."""
    return _cancel_page(visit_or_404(visit_id), CancelForm())


@blueprint.post("/visits/<int:visit_id>/cancel")
@access(Access.STAFF)
def cancel(visit_id: int) -> Page:
    """Cancel a visit and free its time."""
    found, form = visit_or_404(visit_id), CancelForm()
    if not form.validate():
        return _cancel_page(found, form, status=422)
    by_patient, reason = form.who.data == BY_PATIENT, (form.reason.data or "").strip()
    try:
        appointments.cancel(
            found.id,
            clock.now(),
            current_user.actor,
            by_patient=by_patient,
            reason=reason,
        )
    except REFUSALS as refusal:
        return _cancel_page(found, form, problem=sentence(refusal), status=422)
    flash(_("Cancelled."))
    return to_day(found)


def visit_or_404(visit_id: int) -> Appointment:
    """Return a booked visit, or answer 404."""
    return find_visit(visit_id) or abort(404)


def place_of(visit: Appointment) -> Place:
    """Return where a visit is, though the location be closed for good."""
    return offering.catalogue().places_by_id[visit.location_id]


def to_day(visit: Appointment) -> AnyResponse:
    """Go back to the day of a visit, at its row."""
    slug = place_of(visit).slug
    return redirect(
        url_for(
            "desk.day",
            location=slug,
            local_date=visit.local_date,
            _anchor=f"visit-{visit.id}",
        )
    )


def _do(visit: Appointment, change: Callable[[], None], done: str) -> Page:
    """Make a change and go back to the day; show the visit with the reason when it is refused."""
    try:
        change()
    except REFUSALS as refusal:
        return _page(visit_or_404(visit.id), 422, problem=sentence(refusal))
    flash(done)
    return to_day(visit)


def _page(
    visit: Appointment,
    status: int = 200,
    *,
    problem: str = "",
    outcome_form: OutcomeForm | None = None,
) -> tuple[str, int]:
    form = outcome_form or OutcomeForm(formdata=None).offer(is_infusion=visit.is_infusion)
    found, place = read_visit(visit, clock.now()), place_of(visit)
    page = render_template(
        "desk/visit.html", shown=found, place=place, outcome_form=form, problem=problem
    )
    return page, status


def _cancel_page(
    visit: Appointment, form: CancelForm, *, problem: str = "", status: int = 200
) -> tuple[str, int]:
    found, place = read_visit(visit, clock.now()), place_of(visit)
    page = render_template("desk/cancel.html", shown=found, place=place, form=form, problem=problem)
    return page, status
