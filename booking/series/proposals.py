"""What the planner is asked, and its answer in the clinic's words: read only, books nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from booking.calendars import availability
from booking.calendars.location_calendars import LocationCalendar
from booking.dates import latest_plannable_date
from booking.locations import operations as locations
from booking.screening.rules import Clearance
from booking.series.authorisation_records import list_remaining_authorisations
from booking.series.bookable_plans import BookablePlan, plan_until_uncleared
from booking.series.models import InfusionSeries
from booking.series.patient_availability import Obstacle
from booking.series.planning.alternatives import NamedPlan
from booking.series.planning.checker import check_plan
from booking.series.planning.chosen_plans import NO_PINS, list_named_plans
from booking.series.planning.prices import count_displaced
from booking.series.planning.requests import (
    PlanInfeasible,
    PlannedSession,
    PlanRequest,
    PlanSlot,
)
from booking.series.planning.slot_costs import Pins
from booking.series.preferences import Preferences
from booking.series.queries import get_phases, read_plan_rates
from booking.series.rules import Phase, sessions_to_book
from booking.series.series_calendars import SeriesCalendar, read_series_calendar
from booking.series.slot_prices import read_slot_prices

MAX_DELAY = timedelta(weeks=3)  # how much later than at the ideal pace a plan may end
LONGEST_DELAY = timedelta(weeks=9)  # where sooner nothing suits but what running series will need


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
    `delay_days` how many days after the best plan it starts, less than 0 where it starts before; `displaced`
    how many of its sessions are where a running series will need the time.
    """

    named: NamedPlan
    sessions: tuple[ProposedSession, ...]
    obstacles: Mapping[int, Obstacle]
    delay_days: int
    displaced: int = 0


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
    delay: timedelta = MAX_DELAY,
) -> tuple[PlanRequest, SeriesCalendar]:
    """Return what to ask the planner for the sessions from `first_number` on, and the calendar behind it.

    `previous` is where the session before stands; `ahead` sessions of an open-ended phase stand already. The
    plan may end so much later than at the ideal pace. Raises `UnknownSlug`.
    """
    catalogue = availability.current_catalogue()
    location, phases = catalogue.locations_by_id[series.location_id], get_phases(series)
    today = now.astimezone(location.zone).date()
    first = min(max(series.first_day, today), latest_plannable_date(today))
    start = first
    if previous:
        start = max(first, previous.day + timedelta(days=phases[-1].gap.ideal_min_days))
    indexes = sessions_to_book(phases, first_number, start, today, ahead=ahead)
    last = _end(phases, indexes, start) + delay
    calendar = read_series_calendar(catalogue, series, indexes, first, last, now)
    numbers = tuple(range(first_number, first_number + len(indexes)))
    rates = read_plan_rates()
    request = PlanRequest(
        phases=phases,
        numbers=numbers,
        first_day=first,
        last_day=last,
        # A first day of another age, kept before such were refused, leaves no time at all.
        free=calendar.free_minutes(now) if series.first_day <= first else {},
        blocked=calendar.blocked_days(),
        infusions=tuple(calendar.person.infusions),
        preferences=Preferences.from_dict(series.preferences),
        home=location.slug,
        previous=previous,
        authorisations=list_remaining_authorisations(series.id, numbers),
        prices=read_slot_prices(calendar, series.id, len(numbers), rates, now),
        rates=rates,
    )
    return request, calendar


def _end(phases: Sequence[Phase], indexes: Sequence[int], start: date) -> date:
    """Return the last local day of a plan that begins at `start`, at the slowest ideal pace."""
    return start + sum((timedelta(days=phases[i].gap.ideal_max_days) for i in indexes), timedelta())


def propose_plans(series: InfusionSeries, now: datetime, pins: Pins = NO_PINS) -> PlanProposal:
    """Return the best plan for a series and named alternatives, each checked.

    First of all comes the best one with the slots of `pins`, if there is such. What is proposed can be
    booked: the planner asks the rules that booking asks. Raises `UnknownSlug`.
    """
    request, calendar, plan = plan_series(series, now)
    plans: tuple[ProposedPlan, ...] = ()
    if plan.best is not None:
        named_plans = list_named_plans(plan.request, plan.best, pins)
        plans = tuple(_proposed(plan, calendar, named_plan, now) for named_plan in named_plans)
    obstacles: Mapping[Obstacle, Sequence[date]] = {}
    if plan.refusal is not None and plan.clearance is Clearance.CLEARED:
        obstacles = _obstacles(request, calendar, now, plan.refusal)
    count = len(request.numbers)
    return PlanProposal(
        plans, calendar.home, count, plan.refusal, obstacles, plan.clearance,
        calendar.person.clearance_basis.valid_until,
    )  # fmt: skip


def plan_series(
    series: InfusionSeries, now: datetime
) -> tuple[PlanRequest, SeriesCalendar, BookablePlan]:
    """Return the best plan, later where sooner there is none that leaves running series their times."""
    request, calendar = build_plan_request(series, now)
    plan = plan_until_uncleared(request, calendar)
    if plan.clearance is not Clearance.CLEARED:
        return request, calendar, plan
    if plan.best is None or count_displaced(request, plan.best):
        request, calendar = build_plan_request(series, now, delay=LONGEST_DELAY)
        plan = plan_until_uncleared(request, calendar)
    return request, calendar, plan


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
    return ProposedPlan(
        named, sessions, obstacles, (first_days[0] - first_days[-1]).days,
        count_displaced(plan.request, named.plan),
    )  # fmt: skip


def require_plan_checked(request: PlanRequest, sessions: Sequence[PlannedSession]) -> None:
    """Raise `PlanCheckFailed` when the independent checker finds a broken rule."""
    if violations := check_plan(request, sessions):
        raise PlanCheckFailed(
            ", ".join(f"{violation.number}: {violation.rule}" for violation in violations)
        )
