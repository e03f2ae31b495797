"""One visit: check in, outcome, no-show, cancel."""

from datetime import datetime
from typing import Protocol

from flask import abort, render_template, request, url_for
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
from booking.desk.forms import BY_PATIENT, LONGEST_NOTE, CancelForm, OutcomeForm
from booking.desk.refusals import REFUSALS, difference, reason_helps, sentence
from booking.desk.sheet import find_visit, read_visit
from booking.desk.submitting import Done, submit
from booking.desk.versions import require_row, row_version, submitted_number

Page = AnyResponse | tuple[str, int]


class Change(Protocol):
    """An operation on one appointment that takes the version it was shown at."""

    def __call__(
        self, visit_id: int, now: datetime, actor: str, /, *, expected_version: int | None
    ) -> None:
        """Make the change. Raises `StaleVersion`."""


@blueprint.get("/visits/<int:visit_id>")
@access(Access.STAFF)
def visit(visit_id: int) -> Page:
    """Show one visit and what can be done to it."""
    return _page(visit_or_404(visit_id))


@blueprint.post("/visits/<int:visit_id>/check-in")
@access(Access.STAFF)
def check_in(visit_id: int) -> Page:
    """The patient is here."""
    reason = request.form.get("reason", "").strip()[:LONGEST_NOTE]

    def change(visit_id: int, now: datetime, actor: str, *, expected_version: int | None) -> None:
        appointments.check_in(
            visit_id, now, actor, reason=reason, expected_version=expected_version
        )

    return _do(visit_or_404(visit_id), change, _("Checked in."))


@blueprint.post("/visits/<int:visit_id>/no-show")
@access(Access.STAFF)
def no_show(visit_id: int) -> Page:
    """The patient did not come."""
    return _do(visit_or_404(visit_id), appointments.mark_no_show, _("Marked as a no-show."))


@blueprint.post("/visits/<int:visit_id>/outcome")
@access(Access.STAFF)
def fulfil(visit_id: int) -> Page:
    """The visit is over, with an outcome."""
    found = visit_or_404(visit_id)
    form = OutcomeForm().offer(is_infusion=found.is_infusion)
    if not form.validate() or form.chosen not in outcomes_for(found.is_infusion):
        problem = difference(row_version(found))
        return _page(found, 422, outcome_form=form, problem=problem)

    def change(visit_id: int, now: datetime, actor: str, *, expected_version: int | None) -> None:
        appointments.fulfil(visit_id, form.chosen, now, actor, expected_version=expected_version)

    return _do(found, change, _("Outcome recorded."), outcome_form=form)


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
        return _cancel_page(found, form, problem=difference(row_version(found)), status=422)
    try:
        return submit(lambda: _cancelled(visit_id, form)).answer()
    except REFUSALS as refusal:
        problem = sentence(refusal)
        return _cancel_page(visit_or_404(visit_id), form, problem=problem, status=422)


def _cancelled(visit_id: int, form: CancelForm) -> Done:
    """Cancel a visit. Raises `StaleVersion` for one that was cancelled before, by whomever."""
    require_row(Appointment, visit_id)
    visit = appointments.cancel(
        visit_id,
        clock.now(),
        current_user.actor,
        by_patient=form.who.data == BY_PATIENT,
        reason=(form.reason.data or "").strip(),
    )
    return Done(day_address(visit), str(_("Cancelled.")))


def visit_or_404(visit_id: int) -> Appointment:
    """Return a booked visit, or answer 404."""
    return find_visit(visit_id) or abort(404)


def place_of(visit: Appointment) -> Place:
    """Return where a visit is, though the location be closed for good."""
    return offering.catalogue().places_by_id[visit.location_id]


def day_address(visit: Appointment) -> str:
    """Return the address of a visit's day, at its row."""
    slug, row = place_of(visit).slug, f"visit-{visit.id}"
    return url_for("desk.day", location=slug, local_date=visit.local_date, _anchor=row)


def _do(
    visit: Appointment, change: Change, done: str, outcome_form: OutcomeForm | None = None
) -> Page:
    """Make a change and go back to the day; show the visit with the reason when it is refused."""
    visit_id, day = visit.id, day_address(visit)

    def produce() -> Done:
        change(visit_id, clock.now(), current_user.actor, expected_version=submitted_number())
        return Done(day, done)

    try:
        return submit(produce).answer()
    except REFUSALS as refusal:
        shown, problem = visit_or_404(visit_id), sentence(refusal)
        asks = reason_helps(refusal)
        return _page(shown, 422, problem=problem, outcome_form=outcome_form, asks_reason=asks)


def _page(
    visit: Appointment,
    status: int = 200,
    *,
    problem: str = "",
    outcome_form: OutcomeForm | None = None,
    asks_reason: bool = False,
) -> tuple[str, int]:
    form = outcome_form or OutcomeForm(formdata=None).offer(is_infusion=visit.is_infusion)
    found, place = read_visit(visit, clock.now()), place_of(visit)
    page = render_template(
        "desk/visit.html", shown=found, place=place, outcome_form=form, problem=problem,
        asks_reason=asks_reason,
    )  # fmt: skip
    return page, status


def _cancel_page(
    visit: Appointment, form: CancelForm, *, problem: str = "", status: int = 200
) -> tuple[str, int]:
    found, place = read_visit(visit, clock.now()), place_of(visit)
    page = render_template("desk/cancel.html", shown=found, place=place, form=form, problem=problem)
    return page, status
