"""Planning the next sessions of a series that goes on: within its end and its pauses, at its usual times."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from booking.db.versions import column_values
from booking.screening.rules import Clearance
from booking.series.authorisation_records import list_authorisations_left
from booking.series.bookable_plans import plan_until_uncleared
from booking.series.booking import book_sessions, get_or_create_session
from booking.series.models import InfusionSeries
from booking.series.pause_queries import find_undecided_pause, list_paused_days
from booking.series.phase_revisions import without_end
from booking.series.planning.held_slots import LOST, PAUSED, block_days
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import PlanInfeasible, PlannedSession, PlanRequest, PlanSlot
from booking.series.proposals import (
    build_plan_request,
    require_plan_checked,
)
from booking.series.queries import get_phases
from booking.series.revisions import is_rolling
from booking.series.rules import Phase, last_session_number
from booking.series.series_calendars import SeriesCalendar
from booking.series.usual_slots import (
    MissedSlot,
    keep_usual_slots,
    list_missed_slots,
)

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AheadOrder:
    """What is to be planned: from session `first_number` on, after `previous`, from `first_day` on.

    `ahead` sessions of the open-ended phase stand already; none is past `last_number`. `usual` is where
    sessions go where they can; `lost_days` did not suit. With `resumes` the pause to decide on is over then.
    `other_days` are those of all other sessions that will stand, where not those that do now: a payer's count
    is one for all of them.
    """

    first_number: int
    previous: PlanSlot | None
    ahead: int = 0
    usual: Sequence[PlanSlot] = ()
    first_day: date | None = None
    lost_days: Collection[date] = ()
    last_number: int | None = None
    resumes: bool = False
    other_days: Collection[date] | None = None


@dataclass(frozen=True, slots=True)
class AheadPlan:
    """The sessions that can be booked next, why one is not at its usual time, and what hinders the next.

    With `reaches_end` the series' own last day lies before that one. A pause that nobody has decided on is no
    refusal: it waits.
    """

    request: PlanRequest
    calendar: SeriesCalendar
    sessions: tuple[PlannedSession, ...] = ()
    missed_slots: Mapping[int, MissedSlot] = field(default_factory=dict)
    refusal: PlanInfeasible | None = None
    clearance: Clearance = Clearance.CLEARED
    reaches_end: bool = False


def with_phases(
    series: InfusionSeries, phases: Sequence[Phase], *, first_day: date | None = None
) -> InfusionSeries:
    """Return a series as it would be with other phases, from a day on, to plan with; it is never kept."""
    values = {**column_values(series), "phases": [phase.to_dict() for phase in phases]}
    return InfusionSeries(**values | {"first_day": first_day or series.first_day})


def plan_ahead(series: InfusionSeries, order: AheadOrder, now: datetime) -> AheadPlan:
    """Return a plan of the next sessions of a series; books nothing. Raises `UnknownSlug`."""
    limit = _find_last_day(series, order)
    is_its_end = limit is not None and limit == series.last_day
    request, calendar = build_limited_request(series, order, now)
    if not request.numbers or request.day_count < 1:
        nothing = replace(request, numbers=())
        return AheadPlan(nothing, calendar, reaches_end=is_its_end and bool(request.numbers))
    plan = plan_until_uncleared(keep_usual_slots(request, order.usual), calendar)
    planned, refusal = plan.best.sessions if plan.best else (), plan.refusal
    is_cleared = plan.clearance is Clearance.CLEARED
    if refusal is not None and is_cleared:
        planned = refusal.placed
    is_limited = (
        limit is not None and is_cleared and refusal is not None and refusal.latest >= limit
    )
    if limit is not None and _is_hurried(request, planned, limit):
        planned, is_limited = _without_hurried(request, planned, limit), True
    result = with_planned(request, calendar, planned, order.usual, now)
    return replace(
        result,
        refusal=None if is_limited else refusal,
        clearance=plan.clearance,
        reaches_end=is_limited and is_its_end,
    )


def _is_hurried(request: PlanRequest, planned: tuple[PlannedSession, ...], limit: date) -> bool:
    return len(_without_hurried(request, planned, limit)) < len(planned)


def _without_hurried(
    request: PlanRequest, planned: tuple[PlannedSession, ...], limit: date
) -> tuple[PlannedSession, ...]:
    """Leave out the last sessions if they would come after `limit` at the ideal pace: none is squeezed in."""
    previous_day = request.previous.day if request.previous else None
    for index, session in enumerate(planned):
        ideal = timedelta(days=request.phases[session.phase].gap.ideal_min_days)
        if previous_day is not None and previous_day + ideal > limit:
            return planned[:index]
        previous_day = session.day
    return planned


def plan_between(
    series: InfusionSeries, order: AheadOrder, until: PlanSlot, count: int, now: datetime
) -> AheadPlan | None:
    """Return a plan of `count` sessions between `order.previous` and what stands at `until`, if any.

    Both gaps at the ends are kept.
    """
    request, calendar = build_limited_request(series, order, now)
    request = _ending_at(request, order.first_number, until, count + 1)
    for slots in (order.usual, ()):
        held = keep_usual_slots(request, slots)
        try:
            planned = find_plan(replace(held, held=held.held | {until})).sessions
        except (PlanInfeasible, ValueError):
            return None
        if planned[-1].slot == until:
            require_plan_checked(request, planned)
            return with_planned(request, calendar, planned[:-1], order.usual, now)
    return None


def build_limited_request(
    series: InfusionSeries, order: AheadOrder, now: datetime
) -> tuple[PlanRequest, SeriesCalendar]:
    """Return what to ask the planner within a series' end and its pauses, and the calendar behind it.

    Raises `UnknownSlug`.
    """
    last_number = order.last_number or last_session_number(get_phases(series))
    request, calendar = build_plan_request(
        _without_end(series),
        now,
        previous=order.previous,
        first_number=order.first_number,
        ahead=order.ahead,
    )
    numbers = tuple(each for each in request.numbers if not last_number or each <= last_number)
    first_day = max(request.first_day, order.first_day or request.first_day)
    last_day = min(request.last_day, _find_last_day(series, order) or request.last_day)
    paused_days = [
        day
        for day in list_paused_days(series.id, first_day, last_day)
        if not (order.resumes and order.first_day and day >= order.first_day)
    ]
    if order.other_days is not None:
        left = list_authorisations_left(series.id, order.other_days)
        request = replace(request, authorisations=left)
    request = replace(request, numbers=numbers, first_day=first_day, last_day=last_day)
    reasons = dict.fromkeys(order.lost_days, LOST) | dict.fromkeys(paused_days, PAUSED)
    return block_days(request, reasons), calendar


def _ending_at(request: PlanRequest, first_number: int, until: PlanSlot, count: int) -> PlanRequest:
    """Return a request of so many sessions that can be no later than `until`, where one stands."""
    numbers = tuple(range(first_number, first_number + count))
    phase = request.phase_index(numbers[0])
    free = {
        location: {day: minutes for day, minutes in days.items() if day < until.day}
        for location, days in request.free.get(phase, {}).items()
    }
    free.setdefault(until.location, {})[until.day] = [until.minute]
    blocked = {day: why for day, why in request.blocked.get(phase, {}).items() if day != until.day}
    return replace(
        request, numbers=numbers, last_day=until.day, free={phase: free}, blocked={phase: blocked}
    )


def with_planned(
    request: PlanRequest,
    calendar: SeriesCalendar,
    planned: tuple[PlannedSession, ...],
    usual: Sequence[PlanSlot],
    now: datetime,
) -> AheadPlan:
    """Return a plan of these sessions, with why each is not at its usual time."""
    missed_slots = list_missed_slots(
        request, planned, usual, lambda phase, day: calendar.find_obstacle(phase, day, now)
    )
    numbers = tuple(session.number for session in planned)
    return AheadPlan(replace(request, numbers=numbers), calendar, planned, missed_slots)


def book_plan_ahead(series: InfusionSeries, ahead: AheadPlan, now: datetime, actor: str) -> None:
    """Book a plan, and keep why a session is not at its usual time; in the caller's transaction."""
    require_plan_checked(ahead.request, ahead.sessions)
    book_sessions(series, ahead.calendar, ahead.sessions, now, actor)
    for number, missed_slot in ahead.missed_slots.items():
        phase = ahead.request.phase_index(number)
        session = get_or_create_session(series, number, phase)
        session.missed_slot = missed_slot.to_dict()


def _without_end(series: InfusionSeries) -> InfusionSeries:
    """Return a series to plan with: one that got its end later is still booked some weeks ahead at a time."""
    phases = get_phases(series)
    if phases[-1].sessions is None or not is_rolling(series):
        return series
    return with_phases(series, without_end(phases))


def _find_last_day(series: InfusionSeries, order: AheadOrder) -> date | None:
    """Return the local day after which nothing is booked: the series' end, or a pause not decided on."""
    pause = None if order.resumes else find_undecided_pause(series.id)
    days = [series.last_day, pause.first_day - A_DAY if pause else None]
    return min((day for day in days if day is not None), default=None)
