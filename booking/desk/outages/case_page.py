"""One closure or absence: the plans to choose among, then the board of who answered."""

from collections.abc import Callable

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from booking import clock
from booking.access import Access, access
from booking.calendars import availability
from booking.desk.blueprint import blueprint
from booking.desk.form_versions import require_row_version, row_version
from booking.desk.outages.lines import list_plan_lines, read_board, summarize_plan
from booking.desk.outages.words import get_first_affected_location
from booking.desk.refusals import FORM_REFUSALS, explain_refusal
from booking.desk.submitting import RedirectWithNotice, submit_once
from booking.numbers import parse_number
from booking.outages import operations as outages
from booking.outages.affected import get_planned_end
from booking.outages.applying import PlanOutdated, apply_plan
from booking.outages.models import OutageCase, OutagePlan
from booking.outages.queries import find_case, find_kept_plan, get_outage, list_plans
from booking.outages.rules import CaseStatus
from booking.staff.queries import get_staff_names


@blueprint.get("/closures/<int:case_id>")
@access(Access.STAFF)
def show_outage(case_id: int) -> str:
    """Show the plans, `?plan=` the one in detail; once one is used, who answered and who is to be called."""
    return render_case(get_case_or_404(case_id))


@blueprint.get("/closures/<int:case_id>/status")
@access(Access.STAFF, counts_as_use=False)
def poll_outage(case_id: int) -> dict[str, str]:
    """Return where the plans stand, for a page that waits for them."""
    return {"status": get_case_or_404(case_id).status.value}


@blueprint.post("/closures/<int:case_id>/use")
@access(Access.PRACTITIONER)
def use_plan(case_id: int) -> AnyResponse | tuple[str, int]:
    """Use the plan that was shown: times are given up and held, and patients asked."""
    plan_id = parse_number(request.form.get("plan", "")) or 0

    def change() -> RedirectWithNotice:
        plan = find_kept_plan(plan_id)
        # Ids are given again: the version shown tells which plan is meant
        if plan is None or row_version(plan) != request.form.get("plan_version"):
            raise PlanOutdated
        apply_plan(plan_id, current_user.id, clock.now())
        return _redirect(case_id, _("Done. The new times are held, and patients are asked."))

    return _do(case_id, change)


@blueprint.post("/closures/<int:case_id>/plan-again")
@access(Access.STAFF)
def plan_outage_again(case_id: int) -> AnyResponse | tuple[str, int]:
    """Plan new times for those affected again, from what is free now."""

    def change() -> RedirectWithNotice:
        outages.plan_again(case_id, clock.now(), current_user.actor)
        return _redirect(case_id, "")

    return _do(case_id, change)


@blueprint.post("/closures/<int:case_id>/end")
@access(Access.STAFF)
def end_outage(case_id: int) -> AnyResponse | tuple[str, int]:
    """It is open, mended or back: who has not agreed to another time has their own again where it is free."""

    def change() -> RedirectWithNotice:
        outages.end_case(case_id, clock.now(), current_user.actor)
        return _redirect(case_id, _("Noted. Free times are given back."))

    return _do(case_id, change)


def get_case_or_404(case_id: int) -> OutageCase:
    """Return a case; answer 404 where there is none."""
    return find_case(case_id) or abort(404)


def _redirect(case_id: int, notice: str) -> RedirectWithNotice:
    return RedirectWithNotice(url_for("desk.show_outage", case_id=case_id), str(notice))


def _do(case_id: int, change: Callable[[], RedirectWithNotice]) -> AnyResponse | tuple[str, int]:
    get_case_or_404(case_id)

    def checked() -> RedirectWithNotice:
        require_row_version(OutageCase, case_id)
        return change()

    try:
        return submit_once(checked).to_response()
    except PlanOutdated:
        problem = _("This plan was made anew, or another one is used already. Look again.")
        return render_case(get_case_or_404(case_id), str(problem)), 422
    except FORM_REFUSALS as refusal:
        return render_case(get_case_or_404(case_id), explain_refusal(refusal)), 422


def render_case(case: OutageCase, problem: str = "") -> str:
    """Return the page of a case, with why something was not changed."""
    plans, now = list_plans(case.id), clock.now()
    chosen = _find_shown_plan(case, plans)
    outage, is_proposed = get_outage(case), case.status is CaseStatus.PROPOSED
    return render_template(
        "desk/outages/case.html",
        case=case,
        outage=outage,
        location=get_first_affected_location(outage),
        staff=get_staff_names([case.recorded_by_id, case.decided_by_id or 0]),
        plans=[summarize_plan(plan) for plan in plans] if is_proposed else [],
        plan=chosen,
        lines=list_plan_lines(chosen) if chosen and is_proposed else [],
        board=read_board(case.id, now),
        locations=availability.current_catalogue().locations_by_id,
        planned_until=None if outage.ends_at else get_planned_end(outage, case.decided_at or now),
        now=now,
        problem=problem,
    )


def _find_shown_plan(case: OutageCase, plans: list[OutagePlan]) -> OutagePlan | None:
    """Return the plan that was used, the one asked for, or else the best."""
    used = [plan for plan in plans if plan.chosen_at is not None]
    requested_id = request.values.get("plan", type=int)
    requested = [plan for plan in plans if plan.id == requested_id]
    return next(iter(used or requested or plans), None)
