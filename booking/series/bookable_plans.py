"""A plan as far as its patient is cleared for it: the best one, and what hinders the session after that."""

from dataclasses import dataclass, replace

from booking.screening.rules import Clearance
from booking.series.patient_availability import Obstacle
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import Plan, PlanInfeasible, PlanRequest
from booking.series.series_calendars import SeriesCalendar


def find_uncleared_session(
    request: PlanRequest, calendar: SeriesCalendar, refusal: PlanInfeasible
) -> Clearance:
    """Return why the session of `refusal` isn't cleared, if that alone leaves it without a place."""
    numbers = request.numbers[: request.numbers.index(refusal.number) + 1]
    try:
        sessions = find_plan(replace(_as_if_cleared(request), numbers=numbers)).sessions
    except PlanInfeasible:
        return Clearance.CLEARED
    clearances = (calendar.person.clearance_basis.clearance_on(session.day) for session in sessions)
    return next(
        (clearance for clearance in clearances if clearance is not Clearance.CLEARED),
        Clearance.CLEARED,
    )


def _as_if_cleared(request: PlanRequest) -> PlanRequest:
    blocked = {
        phase: {day: why for day, why in days.items() if why != Obstacle.NOT_CLEARED}
        for phase, days in request.blocked.items()
    }
    return replace(request, blocked=blocked)


@dataclass(frozen=True, slots=True)
class BookablePlan:
    """A request as far as it can be booked, the best plan for it, and what hinders the session after that."""

    request: PlanRequest
    best: Plan | None
    refusal: PlanInfeasible | None = None
    clearance: Clearance = Clearance.CLEARED


def plan_until_uncleared(request: PlanRequest, calendar: SeriesCalendar) -> BookablePlan:
    """Plan a request whole; only where the patient's clearance ends does the plan end early."""
    try:
        return BookablePlan(request, find_plan(request))
    except PlanInfeasible as refusal:
        clearance = find_uncleared_session(request, calendar, refusal)
        count = len(refusal.placed) if clearance is not Clearance.CLEARED else 0
        shorter = replace(request, numbers=request.numbers[:count])
        return BookablePlan(shorter, find_plan(shorter) if count else None, refusal, clearance)
