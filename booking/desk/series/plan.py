"""The plan of a prescribed series: the best and its alternatives, and booking one of them whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.dates import parse_instant
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_series_version, series_version
from booking.desk.patients.views import patient_or_404
from booking.desk.refusals import REFUSALS, explain_refusal, explain_stale_version
from booking.desk.series.changing import refuse_not_pending
from booking.desk.series.chosen_slots import list_pins, parse_requested_pins
from booking.desk.series.obstacles import explain_infusions_not_offered, explain_unplaced
from booking.desk.series.plan_change_words import PlanRelaxationWords, describe_plan_relaxations
from booking.desk.series.plan_words import describe_plan, format_plan_name
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.screening.rules import Clearance
from booking.series import operations as series_operations
from booking.series import refusals
from booking.series.booking import SessionStart
from booking.series.models import InfusionSeries
from booking.series.plan_relaxations import find_wish_relaxations, list_plan_relaxations
from booking.series.planning.alternatives import PlanAim
from booking.series.planning.slot_costs import Pins
from booking.series.progress import SeriesStatus
from booking.series.proposals import PlanProposal, ProposedPlan, propose_plans
from booking.series.queries import find_series, get_phases, get_template
from booking.series.rules import Phase


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One session of a plan as shown: local day, start in UTC, where, days since the one before."""

    number: int
    phase: str
    day: date
    starts_at: datetime
    location: LocationCalendar
    chair: str
    gap: int | None


@dataclass(frozen=True, slots=True)
class PlanOption:
    """One plan to choose: its key is the list of its starts, checked again when it is booked.

    `pins` are its slots as an address has them: another time for one of them keeps the others.
    """

    key: str
    pins: Sequence[str]
    title: str
    aim: PlanAim
    facts: Sequence[str]
    rows: Sequence[PlanRow]


@blueprint.get("/series/<int:series_id>/plan")
@access(Access.STAFF)
def show_plan(series_id: int) -> AnyResponse | str:
    """Show the best plan and its alternatives; a series that is booked is on the patient's page."""
    series = _series_or_404(series_id)
    return (
        _page(series)
        if series.status is SeriesStatus.PROPOSED
        else redirect(_patient_address(series))
    )


@blueprint.post("/series/<int:series_id>/plan")
@access(Access.STAFF)
def book_plan(series_id: int) -> AnyResponse | tuple[str, int]:
    """Book the chosen plan whole, or nothing of it; pressed twice, it books once."""
    series, key = _series_or_404(series_id), request.form.get("plan", "")
    starts = [start for start in map(_read_start, key.split(",")) if start is not None]
    if not starts:
        outdated = explain_stale_version(series_version(series.id))
        return _page(series, outdated or _("Choose one of the plans.")), 422
    try:
        return submit_once(lambda: _booked(series, starts)).to_response()
    except refusals.PlanChanged:
        notice = _("Something was booked meanwhile. These are the plans as they can be now.")
        return _page(_series_or_404(series_id), notice), 422
    except refusals.SeriesNotPending:
        return refuse_not_pending(series)
    except availability.UnknownSlug:
        return _page(_series_or_404(series_id), explain_infusions_not_offered()), 422
    except REFUSALS as refusal:
        return _page(_series_or_404(series_id), explain_refusal(refusal)), 422


def _read_start(text: str) -> SessionStart | None:
    """Read one session of a plan's key: a location's slug and an instant."""
    location, _, at = text.partition(" ")
    starts_at = parse_instant(at)
    return SessionStart(location, starts_at) if starts_at else None


def _booked(series: InfusionSeries, starts: Sequence[SessionStart]) -> RedirectWithNotice:
    require_series_version(series.id)
    series_operations.book_plan(series.id, starts, clock.now(), current_user.actor)
    return RedirectWithNotice(_patient_address(series), str(_("The whole series is booked.")))


def _series_or_404(series_id: int) -> InfusionSeries:
    return find_series(series_id) or abort(404)


def _patient_address(series: InfusionSeries) -> str:
    return url_for("desk.show_patient", patient_id=series.patient_id, _anchor=f"series-{series.id}")


def _page(series: InfusionSeries, problem: str = "") -> str:
    now, phases, pins = clock.now(), get_phases(series), parse_requested_pins()
    proposal = _propose(series, now, pins)
    location = availability.current_catalogue().locations_by_id[series.location_id]
    plans = proposal.plans if proposal else ()
    return render_template(
        "desk/series/plan.html",
        series=series,
        chosen=request.form.get("plan", ""),
        patient=patient_or_404(series.patient_id),
        template=get_template(series),
        phases=phases,
        location=location,
        options=[_option(plan, phases, location) for plan in plans],
        several_locations=len({s.planned.slot.location for p in plans for s in p.sessions}) > 1,
        reasons=explain_unplaced(proposal) if proposal else [explain_infusions_not_offered()],
        missing=proposal.session_count - len(plans[0].sessions) if proposal and plans else 0,
        open_ended=phases[-1].sessions is None,
        problem=problem,
        now=now,
        change=_find_changes(series, proposal, now),
        wishes=_find_wish_changes(series, proposal, now),
        pins=list_pins(pins),
        is_chosen_gone=bool(plans and pins) and not _goes_through(plans[0], pins),
    )


def _find_changes(
    series: InfusionSeries, proposal: PlanProposal | None, now: datetime
) -> PlanRelaxationWords | None:
    """Return with how little there would be a plan, where rules alone leave none."""
    if proposal is None or proposal.plans or proposal.infeasible is None:
        return None
    if proposal.clearance is not Clearance.CLEARED:
        return None
    return describe_plan_relaxations(list_plan_relaxations(series, now))


def _find_wish_changes(
    series: InfusionSeries, proposal: PlanProposal | None, now: datetime
) -> PlanRelaxationWords | None:
    """Return with how little all that was rather had could be, where no plan that is shown has all of it."""
    plans = proposal.plans if proposal and proposal.infeasible is None else ()
    if not plans or any(plan.named.plan.cost.unwanted == 0 for plan in plans):
        return None
    relaxations = find_wish_relaxations(series, now)
    return describe_plan_relaxations(relaxations) if relaxations else None


def _goes_through(proposed: ProposedPlan, pins: Pins) -> bool:
    """Tell whether a plan has every slot that was chosen."""
    slots = {each.planned.number: each.planned.slot for each in proposed.sessions}
    return all(slots.get(number) == slot for number, slot in pins.items())


def _propose(series: InfusionSeries, now: datetime, pins: Pins) -> PlanProposal | None:
    """Return what can be booked; None when the location, or its infusions, are no longer offered."""
    try:
        return propose_plans(series, now, pins)
    except availability.UnknownSlug:
        return None


def _option(proposed: ProposedPlan, phases: Sequence[Phase], home: LocationCalendar) -> PlanOption:
    catalogue = availability.current_catalogue()
    rows = [
        PlanRow(
            session.planned.number,
            phases[session.planned.phase].name,
            session.planned.day,
            session.starts_at,
            catalogue.locations[session.planned.slot.location],
            session.chair,
            session.planned.gap,
        )
        for session in proposed.sessions
    ]
    key = ",".join(f"{row.location.slug} {row.starts_at.isoformat()}" for row in rows)
    named = proposed.named
    pins = list_pins({each.planned.number: each.planned.slot for each in proposed.sessions})
    facts = describe_plan(proposed, home, phases)
    return PlanOption(key, pins, format_plan_name(named), named.aim, facts, rows)
