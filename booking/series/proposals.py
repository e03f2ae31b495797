"""What the planner is asked, and its answer in the clinic's words: read only, books nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from booking.calendars import availability
from booking.calendars.local_days import minute_of_day
from booking.calendars.location_calendars import LocationCalendar
from booking.dates import latest_plannable_date
from booking.locations import operations as locations
from booking.screening.rules import Clearance
from booking.series.authorisation_records import list_remaining_authorisations
from booking.series.models import InfusionSeries
from booking.series.patient_availability import Obstacle
from booking.series.planning.alternatives import NamedPlan
from booking.series.planning.checker import check_plan
from booking.series.planning.chosen_plans import NO_PINS, find_named_plans
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import (
    Plan,
    PlanInfeasible,
    PlannedSession,
    PlanRequest,
    PlanSlot,
)
from booking.series.planning.slot_costs import Pins
from booking.series.preferences import Preferences
from booking.series.queries import STANDING, get_phases, list_sessions, read_plan_rates
from booking.series.rules import Phase, sessions_to_book
from booking.series.series_calendars import SeriesCalendar, read_series_calendar

MAX_DELAY = timedelta(weeks=3)  # how much later than at the ideal pace a plan may end


class PlanCheckFailed(AssertionError):
    """The independent checker found a broken rule in a plan; it is not shown, and not booked."""


@dataclass(frozen=True, slots=True)
class ProposedSession:
    """A planned session as it would be booked; `starts_at` in UTC."""

    planned: PlannedSession
    starts_at: datetime
    chair: str


@dataclass(frozen=True, slots=True)
class ProposedPlan:
    """A plan with its name, and its sessions as they would be booked.

    `obstacles` says by number what kept a session off the plan's weekdays, where something but its gaps did;
    `delay_days` how many days after the best plan it starts, less than 0 where it starts before.
    """

    named: NamedPlan
    sessions: tuple[ProposedSession, ...]
    obstacles: Mapping[int, Obstacle]
    delay_days: int


@dataclass(frozen=True, slots=True)
class PlanProposal:
    """The best plan and real alternatives; or, without any, why there is none.

    `infeasible` and `obstacles` say what hinders the first session that has no place. Where only the
    clearance does, `clearance` says why, and the plans end with the session before. `session_count` sessions
    were to be planned.
    """

    plans: tuple[ProposedPlan, ...]
    location: LocationCalendar
    session_count: int
    infeasible: PlanInfeasible | None = None
    obstacles: Mapping[Obstacle, Sequence[date]] = field(default_factory=dict)
    clearance: Clearance = Clearance.CLEARED
    cleared_until: date | None = None  # the last day, where the finding has one


def build_plan_request(
    series: InfusionSeries,
    now: datetime,
    *,
    previous: PlanSlot | None = None,
    first_number: int = 1,
    ahead: int = 0,
) -> tuple[PlanRequest, SeriesCalendar]:
    """Return what to ask the planner for the sessions from `first_number` on, and the calendar behind it.

    `previous` is where the session before stands; `ahead` sessions of an open-ended phase stand already.
    Raises `UnknownSlug`.
    """
    catalogue = availability.current_catalogue()
    location, phases = catalogue.locations_by_id[series.location_id], get_phases(series)
    today = now.astimezone(location.zone).date()
    first = min(max(series.first_day, today), latest_plannable_date(today))
    start = first
    if previous:
        start = max(first, previous.day + timedelta(days=phases[-1].gap.ideal_min_days))
    indexes = sessions_to_book(phases, first_number, start, today, ahead=ahead)
    last = _end(phases, indexes, start)
    calendar = read_series_calendar(catalogue, series, indexes, first, last, now)
    numbers = tuple(range(first_number, first_number + len(indexes)))
    request = PlanRequest(
        phases=phases,
        numbers=numbers,
        first_day=first,
        last_day=last,
        # A first day of another age, kept before such were refused, leaves no time at all.
        free=calendar.free_minutes(now) if series.first_day <= first else {},
        blocked=calendar.blocked_days(),
        preferences=Preferences.from_dict(series.preferences),
        home=location.slug,
        previous=previous,
        authorisations=list_remaining_authorisations(series.id, numbers),
        rates=read_plan_rates(),
    )
    return request, calendar


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


def _end(phases: Sequence[Phase], indexes: Sequence[int], start: date) -> date:
    """Return the last local day a plan may use: that of the slowest ideal pace, and some slack."""
    return start + sum((timedelta(days=phases[i].gap.ideal_max_days) for i in indexes), MAX_DELAY)


def propose_plans(series: InfusionSeries, now: datetime, pins: Pins = NO_PINS) -> PlanProposal:
    """Return the best plan for a series and named alternatives, each checked.

    First of all comes the best one with the slots of `pins`, if there is such. What is proposed can be
    booked: the planner asks the rules that booking asks. Raises `UnknownSlug`.
    """
    request, calendar = build_plan_request(series, now)
    plan = plan_until_uncleared(request, calendar)
    plans: tuple[ProposedPlan, ...] = ()
    if plan.best is not None:
        named_plans = find_named_plans(plan.request, plan.best, pins)
        plans = tuple(_proposed(plan, calendar, named_plan, now) for named_plan in named_plans)
    obstacles: Mapping[Obstacle, Sequence[date]] = {}
    if plan.refusal is not None and plan.clearance is Clearance.CLEARED:
        obstacles = _obstacles(request, calendar, now, plan.refusal)
    count = len(request.numbers)
    return PlanProposal(
        plans, calendar.home, count, plan.refusal, obstacles, plan.clearance,
        calendar.person.clearance_basis.valid_until,
    )  # fmt: skip


def _obstacles(
    request: PlanRequest, calendar: SeriesCalendar, now: datetime, refusal: PlanInfeasible
) -> dict[Obstacle, list[date]]:
    phase, weekdays = request.phase_index(refusal.number), request.preferences.only.weekdays
    obstacles = calendar.obstacles(phase, refusal.earliest, refusal.latest, now)
    days_asked_for = {
        obstacle: [day for day in days if day.weekday() in weekdays]
        for obstacle, days in obstacles.items()
    }
    return {obstacle: days for obstacle, days in days_asked_for.items() if days}


def _proposed(
    plan: BookablePlan, calendar: SeriesCalendar, named: NamedPlan, now: datetime
) -> ProposedPlan:
    require_plan_checked(plan.request, named.plan.sessions)
    chairs = calendar.chairs(named.plan.sessions)
    names = locations.get_resources(chairs)
    sessions = tuple(
        ProposedSession(session, calendar.starts_at(session.slot), names[chair].name)
        for session, chair in zip(named.plan.sessions, chairs, strict=True)
    )
    obstacles = {
        each.session.number: obstacle
        for each in named.exceptions
        if (obstacle := calendar.find_obstacle(each.session.phase, each.missed_day, now))
    }
    first_days = [each.sessions[0].day for each in (named.plan, plan.best) if each]
    return ProposedPlan(named, sessions, obstacles, (first_days[0] - first_days[-1]).days)


def require_plan_checked(request: PlanRequest, sessions: Sequence[PlannedSession]) -> None:
    """Raise `PlanCheckFailed` when the independent checker finds a broken rule."""
    if violations := check_plan(request, sessions):
        raise PlanCheckFailed(
            ", ".join(f"{violation.number}: {violation.rule}" for violation in violations)
        )


def last_standing_slot(series: InfusionSeries) -> PlanSlot | None:
    """Return where the last session that stands is, from which the next gap counts."""
    last = max(
        (
            session.appointment
            for session in list_sessions(series.id)
            if session.appointment and session.session.state in STANDING
        ),
        key=lambda appointment: appointment.starts_at,
        default=None,
    )
    if last is None:
        return None
    location = availability.current_catalogue().locations_by_id[last.location_id]
    return PlanSlot(location.slug, last.local_date, minute_of_day(last.starts_at, location.zone))
