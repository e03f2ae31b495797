"""One planning problem as JSON, and its answer: `flask series solve`, which needs no database."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from booking.series.instance_requests import parse_instance
from booking.series.planning.alternatives import NamedPlan, list_alternatives, name_plan
from booking.series.planning.binding_rules import BindingRule, Relaxation
from booking.series.planning.certificates import make_certificate
from booking.series.planning.names import describe_named_plan
from booking.series.planning.planner import PlanSearch
from booking.series.planning.relaxations import combine_relaxations, list_relaxations
from booking.series.planning.requests import PlanInfeasible, PlanRequest


def solve_instance(text: str) -> dict[str, Any]:
    """Return the best plan of an instance, alternatives and a certificate; or what blocks every plan.

    Raises `InvalidInstance`.
    """
    request = parse_instance(text)
    search = PlanSearch(request)
    try:
        best = search.find_best()
    except PlanInfeasible as refusal:
        return {"plans": [], "blocked": _blocked(request, refusal)}
    plans = [name_plan(request, best), *list_alternatives(search, best)]
    return {
        "plans": [_format_plan(request, plan) for plan in plans],
        "certificate": make_certificate(search, best),
    }


def _format_plan(request: PlanRequest, named: NamedPlan) -> dict[str, Any]:
    return {
        "name": describe_named_plan(request, named),
        "cost": {**asdict(named.plan.cost), "points": named.plan.cost.points(request.rates)},
        "sessions": [
            {
                "location": session.slot.location,
                "start": f"{session.day.isoformat()}T{_clock(session.minute)}",
            }
            for session in named.plan.sessions
        ],
    }


def _blocked(request: PlanRequest, refusal: PlanInfeasible) -> dict[str, Any]:
    others = list_relaxations(request)
    together = others[:1] or combine_relaxations(request)
    relaxations = [_format_relaxation(each) for each in together]
    return {
        "session": refusal.number,
        "rule": together[0].rule if together else BindingRule.NOT_FREE,
        "relaxation": relaxations[0] if relaxations else None,
        "together": relaxations[1:],
        "earliest": refusal.earliest.isoformat(),
        "latest": refusal.latest.isoformat(),
        "others": [_format_relaxation(each) for each in others[1:]],
    }


def _format_relaxation(relaxation: Relaxation) -> dict[str, Any]:
    return dict(_stated_fields(relaxation))


def _stated_fields(relaxation: Relaxation) -> Iterator[tuple[str, Any]]:
    """Yield what a relaxation says, and nothing that it leaves out."""
    yield "rule", relaxation.rule.value
    yield "amount", relaxation.amount
    if relaxation.weekdays:
        yield "weekdays", list(relaxation.weekdays)
    if relaxation.phase:
        yield "phase", relaxation.phase
    if relaxation.reason:
        yield "reason", relaxation.reason
    if relaxation.days:
        yield "days", [day.isoformat() for day in relaxation.days]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
