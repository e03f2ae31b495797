"""Alternatives worth showing: truly different, each with a reason to be shown and a name that is true.

The next best plans by cost alone are shifts by a quarter of an hour. So the planner is asked again for what
somebody would want instead: what was asked for whatever it costs, the soonest start, other weekdays, another
part of the day, one location only. What differs in name, start or location is shown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum

from booking.calendars.local_days import PartOfDay, part_of_day
from booking.series.planning.costs import MAX_RATE
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import Plan, PlanInfeasible, PlannedSession, PlanRequest
from booking.series.preferences import TimeWindow

MAX_EXCEPTIONS = 3  # at most one session in so many may stand on a day its plan's name doesn't say
OUTWEIGHING = 400  # times the price of a day off an ideal gap: more than any plan has
BEFORE_START, ASKED_FOR, NOT_FREE, GAP = "before_start", "asked_for", "not_free", "gap"
HALF_WEEK = 3  # days between the day of a pattern that is missed and the session in its place
PARTS = {
    PartOfDay.MORNING: (time(0), time(11, 59)),
    PartOfDay.AFTERNOON: (time(12), time(16, 59)),
    PartOfDay.EVENING: (time(17), time(23, 59)),
}


class PlanAim(StrEnum):
    """What a plan is the best for."""

    BEST = "best"
    CHOSEN = "chosen"  # somebody chose slots for some of its sessions
    AS_ASKED = "as_asked"  # the days and times rather had, whatever that costs
    SOONEST = "soonest"
    OTHER_WEEKDAYS = "other_weekdays"
    OTHER_TIME = "other_time"
    ONE_LOCATION = "one_location"


@dataclass(frozen=True, slots=True)
class PlanException:
    """A session off its plan's weekdays: the day that was missed, and why as a code.

    `reason` is that of a blocked day, `BEFORE_START` of the plan, `NOT_FREE`; `ASKED_FOR` where the session's
    own day was, and the missed one not; or `GAP` where the gaps forbade it.
    """

    session: PlannedSession
    missed_day: date
    reason: str


@dataclass(frozen=True, slots=True)
class NamedPlan:
    """A plan, what it is the best for, and what it can be called by: weekdays (Monday is 0) and times.

    `minutes` are its earliest and its latest start in a day; `exceptions` its sessions on other weekdays.
    """

    plan: Plan
    aim: PlanAim
    weekdays: tuple[int, ...]
    minutes: tuple[int, int]
    exceptions: tuple[PlanException, ...]

    @property
    def part(self) -> PartOfDay | None:
        """The part of the day in which all sessions start; None where they start in several."""
        first, last = map(part_of_day, self.minutes)
        return first if first is last else None


def name_plan(request: PlanRequest, plan: Plan, aim: PlanAim = PlanAim.BEST) -> NamedPlan:
    """Name a plan by the weekdays it keeps to, or by all it has if it keeps to none; and by its times."""
    weekdays = {session.day.weekday() for session in plan.sessions}
    usual_days = tuple(sorted(weekdays & set(plan.weekdays) or weekdays))
    minutes = [session.minute for session in plan.sessions]
    exceptions = tuple(
        _exception(request, plan, session)
        for session in plan.sessions
        if session.day.weekday() not in usual_days
    )
    return NamedPlan(plan, aim, usual_days, (min(minutes), max(minutes)), exceptions)


def list_alternatives(search: PlanSearch, best: Plan, count: int = 4) -> tuple[NamedPlan, ...]:
    """Return up to `count` plans that differ from `best` and from each other.

    What was asked for comes first, if the best plan is not that; then the soonest start, and the others by
    what they cost.
    """
    request = search.request
    first_plans: list[NamedPlan] = [name_plan(request, best)]
    others: list[NamedPlan] = []
    for plan in _asked_again(search, best):
        if plan.aim is PlanAim.AS_ASKED or all(
            _differs(plan, other) for other in [*first_plans, *others]
        ):
            (first_plans if plan.aim in (PlanAim.AS_ASKED, PlanAim.SOONEST) else others).append(
                plan
            )
    others.sort(key=lambda named: named.plan.cost.points(request.rates))
    return tuple([*first_plans[1:], *others][:count])


def _differs(plan: NamedPlan, other: NamedPlan) -> bool:
    """Tell whether two plans have different sessions, and different names, first days or locations."""
    return plan.plan.sessions != other.plan.sessions and _identity(plan) != _identity(other)


def _identity(named: NamedPlan) -> object:
    sessions = named.plan.sessions
    locations = {session.slot.location for session in sessions}
    first = sessions[0].day if named.aim is PlanAim.SOONEST else None
    return named.weekdays, named.part, frozenset(locations), first


def _asked_again(search: PlanSearch, best: Plan) -> Iterator[NamedPlan]:
    """Yield what the planner answers when something else matters most; what has no plan is left out."""
    request = search.request
    if best.cost.unwanted:
        as_asked = _plan_with(search, PlanAim.AS_ASKED, _weighing(request, "unwanted"))
        yield from (each for each in as_asked if each.plan.cost.unwanted < best.cost.unwanted)
    if best.cost.start_delay_days:
        soonest = _plan_with(search, PlanAim.SOONEST, _weighing(request, "start_delay_days"))
        yield from (each for each in soonest if _starts_sooner(each.plan, best))
    yield from _on_other_weekdays(search, best)
    for part in PARTS:
        yield from _in_part(search, part)
    if len(search.grid.locations) > 1:
        for slug in search.grid.locations:
            yield from _plan_with(search, PlanAim.ONE_LOCATION, _only_at(request, slug))


def _plan_with(
    search: PlanSearch, aim: PlanAim, request: PlanRequest | None
) -> Iterator[NamedPlan]:
    """Yield the best plan of a changed request, priced as the request itself prices it."""
    if request is None:
        return
    try:
        sessions = PlanSearch(request).find_best().sessions
    except PlanInfeasible:
        return
    named = name_plan(search.request, search.price(sessions), aim)
    if aim in (PlanAim.AS_ASKED, PlanAim.SOONEST) or _has_true_name(named):
        yield named


def _on_other_weekdays(search: PlanSearch, best: Plan) -> Iterator[NamedPlan]:
    for pattern, weekdays in enumerate(search.patterns):
        if weekdays != best.weekdays:
            plan = search.find_best_of(pattern)
            named = name_plan(search.request, plan, PlanAim.OTHER_WEEKDAYS)
            if _has_true_name(named):
                yield named


def _in_part(search: PlanSearch, part: PartOfDay) -> Iterator[NamedPlan]:
    first, last = PARTS[part]
    only = search.request.preferences.only
    earliest, latest = max(first, only.earliest), min(last, only.latest)
    if earliest <= latest:
        window = TimeWindow(only.weekdays, earliest, latest)
        preferences = replace(search.request.preferences, only=window)
        request = replace(search.request, preferences=preferences)
        yield from _plan_with(search, PlanAim.OTHER_TIME, request)


def _weighing(request: PlanRequest, count: str) -> PlanRequest:
    """Return the request with one count before all gaps."""
    rate = min(MAX_RATE, max(1, request.rates.gap_days) * OUTWEIGHING)
    return replace(request, rates=replace(request.rates, **{count: rate}))


def _only_at(request: PlanRequest, slug: str) -> PlanRequest:
    free = {phase: {slug: places.get(slug, {})} for phase, places in request.free.items()}
    return replace(request, free=free)


def _starts_sooner(plan: Plan, best: Plan) -> bool:
    return plan.sessions[0].day < best.sessions[0].day


def _has_true_name(named: NamedPlan) -> bool:
    """Tell whether a plan's sessions are on all of its weekdays, and on few others."""
    sessions = named.plan.sessions
    is_complete = named.weekdays == named.plan.weekdays or len(sessions) < len(named.plan.weekdays)
    return is_complete and len(named.exceptions) * MAX_EXCEPTIONS <= len(sessions)


def _exception(request: PlanRequest, plan: Plan, session: PlannedSession) -> PlanException:
    missed_day = min(_pattern_days(plan, session.day), key=lambda day: abs(day - session.day))
    free = request.free.get(session.phase, {}).values()
    if reason := request.blocked.get(session.phase, {}).get(missed_day):
        return PlanException(session, missed_day, reason)
    if missed_day < request.first_day:
        return PlanException(session, missed_day, BEFORE_START)
    if not any(_is_wanted(request, missed_day, days.get(missed_day, ())) for days in free):
        return PlanException(session, missed_day, NOT_FREE)
    rather = request.preferences.rather.weekdays
    is_wish = session.day.weekday() in rather and missed_day.weekday() not in rather
    return PlanException(session, missed_day, ASKED_FOR if is_wish else GAP)


def _pattern_days(plan: Plan, day: date) -> list[date]:
    """Return the days of the plan's weekdays around a day, those of no session first of all."""
    around = [day + timedelta(days=n) for n in range(-HALF_WEEK, HALF_WEEK + 1)]
    days = [each for each in around if each.weekday() in plan.weekdays]
    used = {session.day for session in plan.sessions}
    return [each for each in days if each not in used] or days or [day]


def _is_wanted(request: PlanRequest, day: date, minutes: Sequence[int]) -> bool:
    only = request.preferences.only
    return any(only.allows(day.weekday(), minute) for minute in minutes)
