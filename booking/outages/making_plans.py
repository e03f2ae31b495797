"""Planning new times, by the scheduler: reading and thinking take seconds, and no lock is held meanwhile."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select

from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.outages.affected import Affected, find_affected
from booking.outages.models import OutageCase, OutagePlan, PlannedMove
from booking.outages.operations import CASE, close_case
from booking.outages.optimizer import find_best_plan
from booking.outages.planning.checker import find_plan_errors
from booking.outages.planning.problem import MovePlan, MoveProblem
from booking.outages.queries import find_case, find_case_to_plan, get_outage
from booking.outages.reading import OutageReader
from booking.outages.rules import CaseStatus, NoTimeReason, PlanScope

ACTOR = "scheduler"
TRY_AGAIN = timedelta(minutes=5)  # after a scheduler that died, or failed, at it

log = structlog.get_logger()


class PlanCheckFailed(AssertionError):
    """The independent checker found a broken rule in a plan; nobody is shown it."""


def plan_waiting_cases(now: datetime, seconds: float) -> int:
    """Plan each case that waits, thinking for so many seconds; return how many. None holds up another."""
    count = 0
    while (case_id := find_case_to_plan(now)) is not None:
        if not _claim(case_id, now):
            break
        try:
            plan_case(case_id, now, seconds)
            count += 1
        except Exception as error:
            log.error("outage_not_planned", case=case_id, exc_info=error)
    return count


@transaction()
def _claim(case_id: int, now: datetime) -> bool:
    """Take a case for this scheduler; False when another has it."""
    waiting = select(OutageCase).where(
        OutageCase.id == case_id,
        OutageCase.status == CaseStatus.PLANNING,
        OutageCase.plan_again_at <= now,
    )
    case = db.session.scalar(waiting.with_for_update(skip_locked=True))
    if case is not None:
        case.plan_again_at = now + TRY_AGAIN
    return case is not None


def plan_case(case_id: int, now: datetime, seconds: float) -> None:
    """Make the plans of a case, for each scope that makes a difference, and let a practitioner decide."""
    case, catalogue = find_case(case_id), availability.current_catalogue()
    if case is None:
        return
    affected = find_affected(get_outage(case), catalogue, now)
    if not affected.hit:
        close_case(case_id, now, ACTOR)
        return
    reader = OutageReader(affected, catalogue, now)
    scopes = [*PlanScope] if len(catalogue.locations) > 1 else [PlanScope.ALL_LOCATIONS]
    plans = [_make_plan(reader, affected, scope, now, seconds / len(scopes)) for scope in scopes]
    _store(case_id, plans, now)


def _make_plan(
    reader: OutageReader, affected: Affected, scope: PlanScope, now: datetime, seconds: float
) -> OutagePlan:
    problem = reader.build_problem(scope)
    plan, in_turn = find_best_plan(problem, seconds)
    _require_valid(problem, plan)
    hit_ids = {appointment.id for appointment in affected.hit}
    moves = [
        _describe(appointment, plan, reader.no_day_reasons)
        for appointment in sorted(reader.appointments, key=lambda each: each.starts_at)
        if appointment.id in hit_ids or not _stays(appointment, plan)
    ]
    return OutagePlan(
        scope=scope, method=plan.method, moves=moves, unplaced=len(plan.unplaced_ids),
        least_unplaced=plan.least_unplaced, one_by_one_unplaced=len(in_turn.unplaced_ids),
        made_at=now,
    )  # fmt: skip


def _require_valid(problem: MoveProblem, plan: MovePlan) -> None:
    if errors := find_plan_errors(problem, plan):
        raise PlanCheckFailed("; ".join(errors))


def _stays(appointment: Appointment, plan: MovePlan) -> bool:
    choice = plan.choices.get(appointment.id)
    return choice is not None and choice.is_own


def _describe(
    appointment: Appointment, plan: MovePlan, no_day_reasons: dict[int, NoTimeReason]
) -> PlannedMove:
    move: PlannedMove = {"appointment": appointment.id, "sequence": appointment.sequence}
    choice = plan.choices.get(appointment.id)
    if choice is None:
        move["reason"] = no_day_reasons.get(appointment.id, NoTimeReason.FULL).value
        return move
    move |= {"location": choice.location_id, "starts_at": choice.starts_at.isoformat()}
    return {**move, "stays": True} if choice.is_own else move


@transaction()
def _store(case_id: int, plans: Sequence[OutagePlan], now: datetime) -> None:
    case = db.session.get_one(OutageCase, case_id, with_for_update=True)
    if case.status is not CaseStatus.PLANNING:
        return
    db.session.execute(delete(OutagePlan).where(OutagePlan.case_id == case_id))
    for plan in plans:
        plan.case_id = case_id
        db.session.add(plan)
    case.status = CaseStatus.PROPOSED
    best = min(plan.unplaced for plan in plans)
    audit.record(ACTOR, "plan_case", CASE, case_id, now, unplaced=best)
