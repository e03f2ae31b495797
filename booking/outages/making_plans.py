"""Planning new times, by the scheduler: reading and thinking take seconds, and no lock is held meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select

from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.outages import optimizer
from booking.outages.affected import list_affected
from booking.outages.companions import list_companions
from booking.outages.models import OutageCase, OutagePlan, PlannedMove
from booking.outages.operations import CASE, close_case
from booking.outages.optimizer import find_best_plan, find_series_plan
from booking.outages.planning.checker import list_plan_errors
from booking.outages.planning.problem import MovePlan
from booking.outages.queries import find_case, find_case_to_plan, get_outage
from booking.outages.reading import OutageReader
from booking.outages.rules import CaseStatus, NoTimeReason, PlanScope
from booking.outages.series_checks import SeriesCheck

ACTOR = "scheduler"
SINGLE_SCOPES = (PlanScope.ALL_LOCATIONS, PlanScope.SAME_LOCATION)
SHARES = {  # of the time; what one leaves over is nobody's
    PlanScope.ALL_LOCATIONS: 0.3,
    PlanScope.SAME_LOCATION: 0.2,
    PlanScope.WHOLE_SERIES: 0.5,
}
TRY_AGAIN = timedelta(minutes=5)  # after a scheduler that died, or failed, at it

log = structlog.get_logger()


class OutagePlanCheckFailed(AssertionError):
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
    affected = list_affected(get_outage(case), catalogue, now)
    if not affected.hit:
        close_case(case_id, now, ACTOR)
        return
    reader = OutageReader(affected, catalogue, now)
    scopes = SINGLE_SCOPES if len(catalogue.locations) > 1 else SINGLE_SCOPES[:1]
    plans = [_plan_scope(reader, scope, SHARES[scope] * seconds) for scope in scopes]
    plans += _plan_whole_series(reader, plans[0], SHARES[PlanScope.WHOLE_SERIES] * seconds)
    _store(case_id, [_describe_plan(plan, now) for plan in plans], now)


@dataclass(frozen=True, slots=True)
class ScopedPlan:
    """A plan of a scope with what it was made from; `in_turn` is the one that was made one by one."""

    reader: OutageReader
    scope: PlanScope
    plan: MovePlan
    in_turn: MovePlan


def _plan_scope(reader: OutageReader, scope: PlanScope, seconds: float) -> ScopedPlan:
    problem = reader.build_problem(scope)
    plan, in_turn = find_best_plan(problem, seconds)
    if errors := list_plan_errors(problem, plan):
        raise OutagePlanCheckFailed("; ".join(errors))
    return ScopedPlan(reader, scope, plan, in_turn)


def _plan_whole_series(
    reader: OutageReader, single: ScopedPlan, seconds: float
) -> list[ScopedPlan]:
    """Return a plan of whole series if it leaves out fewer than one of single visits, which leaves some."""
    has_left_over = bool(single.plan.unplaced_ids) and optimizer.HAS_OPTIMIZER
    companions = list_companions(reader.affected, reader.now) if has_left_over else ()
    if not companions:
        return []
    affected = replace(reader.affected, companions=companions)
    wide_reader = OutageReader(affected, reader.catalogue, reader.now)
    problem = wide_reader.build_problem(PlanScope.WHOLE_SERIES)
    plan = find_series_plan(problem, single.plan, seconds)
    if plan is None or len(plan.unplaced_ids) >= len(single.plan.unplaced_ids):
        return []
    check = SeriesCheck(
        wide_reader.sessions, wide_reader.companion_ids, reader.catalogue, reader.now
    )
    if errors := [*list_plan_errors(problem, plan), *check.list_errors(plan)]:
        log.error("series_plan_left_out", errors=errors)  # the others are as good as they were
        return []
    return [ScopedPlan(wide_reader, PlanScope.WHOLE_SERIES, plan, single.in_turn)]


def _describe_plan(scoped: ScopedPlan, now: datetime) -> OutagePlan:
    """Return a plan as it is kept: what becomes of whoever is hit, and of whoever else moves."""
    reader, plan = scoped.reader, scoped.plan
    moves = [
        _describe(appointment, scoped)
        for appointment in sorted(reader.appointments, key=lambda each: each.starts_at)
        if appointment.id in reader.hit_ids or not _stays(appointment, plan)
    ]
    return OutagePlan(
        scope=scoped.scope, method=plan.method, moves=moves, unplaced=len(plan.unplaced_ids),
        least_unplaced=plan.least_unplaced,
        one_by_one_unplaced=len(scoped.in_turn.unplaced_ids), made_at=now,
    )  # fmt: skip


def _stays(appointment: Appointment, plan: MovePlan) -> bool:
    choice = plan.choices.get(appointment.id)
    return choice is not None and choice.is_own


def _describe(appointment: Appointment, scoped: ScopedPlan) -> PlannedMove:
    move: PlannedMove = {"appointment": appointment.id, "sequence": appointment.sequence}
    if appointment.id in scoped.reader.companion_ids:
        move["hit"] = False
    choice = scoped.plan.choices.get(appointment.id)
    if choice is None:
        reason = scoped.reader.no_day_reasons.get(appointment.id, NoTimeReason.FULL)
        move["reason"] = reason.value
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
