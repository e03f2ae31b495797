"""One planning problem as JSON, and its answer: `flask series solve`, which needs no database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from booking.dates import EARLIEST, LATEST, is_plausible_date
from booking.series.authorisations import AuthorisedSessions, require_valid_authorisations
from booking.series.planning.alternatives import NamedPlan, find_alternatives, name_plan
from booking.series.planning.binding_rules import BindingRule, Relaxation
from booking.series.planning.certificates import make_certificate
from booking.series.planning.costs import PlanRates
from booking.series.planning.names import describe_plan
from booking.series.planning.planner import PlanSearch
from booking.series.planning.relaxations import combine_relaxations, list_relaxations
from booking.series.planning.requests import PlanInfeasible, PlanRequest
from booking.series.preferences import Preferences, TimeWindow
from booking.series.rules import (
    GRID,
    MAX_SCHEDULE_DAYS,
    InvalidSchedule,
    Phase,
    parse_phases,
    sessions_to_book,
)
from booking.series.spacing import Infusion, find_too_close

INFUSION_NEAR = "infusion_near"


class InvalidInstance(ValueError):
    """An instance can't be read; the message is one line that names the place and what was expected."""


class InstanceAuthorisation(BaseModel):
    """What a payer authorised: `sessions` on local dates from `first_day` to `last_day`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sessions: int
    first_day: date
    last_day: date


class Instance(BaseModel):
    """One planning problem; days and times are local, in `time_zone`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    time_zone: str
    first_day: date
    phases: list[dict[str, Any]]
    free: dict[str, list[datetime]] = Field(default_factory=dict)
    other_infusions: list[date] = Field(default_factory=list)
    only: dict[str, Any] = Field(default_factory=dict)
    rather: dict[str, Any] = Field(default_factory=dict)
    location: str | None = None
    authorisations: list[InstanceAuthorisation] = Field(default_factory=list)
    rates: dict[str, int] = Field(default_factory=dict)


def parse_instance(text: str) -> PlanRequest:
    """Read an instance as what the planner is asked; raises `InvalidInstance`."""
    try:
        return _build_request(Instance.model_validate_json(text))
    except ValidationError as error:
        raise InvalidInstance(_first_problem(error)) from error
    except InvalidSchedule as error:
        raise InvalidInstance(str(error)) from error


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
    plans = [name_plan(request, best), *find_alternatives(search, best)]
    return {
        "plans": [_format_plan(request, plan) for plan in plans],
        "certificate": make_certificate(search, best),
    }


def _first_problem(error: ValidationError) -> str:
    """Return the first problem as one line: where it is, and what was expected."""
    problem = error.errors(include_url=False)[0]
    path = ".".join(str(step) for step in problem["loc"])
    words = str(problem["msg"]).replace("\n", " ")
    return f"{path}: {words}" if path else words


def _build_request(instance: Instance) -> PlanRequest:
    phases = parse_phases(instance.phases)
    zone, first = _zone(instance.time_zone), _plausible_day(instance.first_day)
    indexes = sessions_to_book(phases, 1, first, first)
    free = {slug: _local_minutes(slug, times, zone) for slug, times in instance.free.items()}
    if instance.location not in (None, *free):
        raise InvalidSchedule(f"location: expected one that free names, not {instance.location!r}")
    used = sorted(set(indexes))
    return PlanRequest(
        phases=phases,
        numbers=tuple(range(1, len(indexes) + 1)),
        first_day=first,
        last_day=_last_day(first, [phases[index] for index in indexes], free),
        free=dict.fromkeys(used, free),
        blocked={index: _near_days(phases[index], instance.other_infusions) for index in used},
        preferences=Preferences(_window("only", instance.only), _window("rather", instance.rather)),
        home=instance.location,
        authorisations=require_valid_authorisations(
            [AuthorisedSessions(**each.model_dump()) for each in instance.authorisations]
        ),
        rates=PlanRates.from_dict(instance.rates),
    )


def _plausible_day(day: date) -> date:
    if not is_plausible_date(day):
        raise InvalidSchedule(f"first_day: expected a day from {EARLIEST} to {LATEST}")
    return day


def _last_day(
    first: date, phases: Sequence[Phase], free: Mapping[str, Mapping[date, Sequence[int]]]
) -> date:
    """Return the last free day, or that by which a series would have ended: what to free lies before it."""
    last = max((day for days in free.values() for day in days), default=first)
    if last - first > timedelta(days=2 * MAX_SCHEDULE_DAYS):
        raise InvalidSchedule("free: expected times within six years of first_day")
    return max(last, first + timedelta(days=sum(each.gap.ideal_max_days for each in phases)))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSchedule("time_zone: expected a name like America/Phoenix") from error


def _window(name: str, data: Mapping[str, Any]) -> TimeWindow:
    if unknown := sorted(set(data) - {"weekdays", "from", "to"}):
        raise InvalidSchedule(f"{name}.{unknown[0]}: expected weekdays, from or to")
    try:
        return TimeWindow.from_dict(data)
    except InvalidSchedule as error:
        raise InvalidSchedule(f"{name}: {error}") from error


def _local_minutes(slug: str, times: Sequence[datetime], zone: ZoneInfo) -> dict[date, list[int]]:
    """Return the minutes of each local day at which a session can start."""
    days: dict[date, set[int]] = {}
    for index, at in enumerate(times):
        path = f"free.{slug}.{index}"
        minute = at.hour * 60 + at.minute
        if at.tzinfo is not None or at.second or at.microsecond or minute % GRID:
            raise InvalidSchedule(
                f"{path}: expected a local time like 2026-12-01T09:00, on five minutes"
            )
        if _is_skipped(at, zone):
            raise InvalidSchedule(
                f"{path}: expected a time that the clocks of {zone.key} don't skip"
            )
        days.setdefault(at.date(), set()).add(minute)
    return {day: sorted(minutes) for day, minutes in days.items()}


def _is_skipped(at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the local clock never shows this time."""
    offset = at.replace(tzinfo=zone).utcoffset() or timedelta()
    clock_time = (at - offset).replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
    return clock_time.replace(tzinfo=None) != at


def _near_days(phase: Phase, infusions: Sequence[date]) -> dict[date, str]:
    """Return the days on which a session of a phase is too close to another infusion of the patient."""
    others = [Infusion(number, day, None) for number, day in enumerate(infusions, 1)]
    reach = range(-phase.gap.min_days, phase.gap.min_days + 1)
    around = {day + timedelta(days=n) for day in infusions for n in reach}
    return {
        day: INFUSION_NEAR
        for day in around
        if day in infusions or find_too_close(Infusion(0, day, phase.gap), others)
    }


def _format_plan(request: PlanRequest, named: NamedPlan) -> dict[str, Any]:
    return {
        "name": describe_plan(request, named),
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
