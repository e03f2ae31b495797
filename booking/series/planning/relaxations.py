"""When nothing fits: the rule that binds, and the smallest relaxation with which a plan exists."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum

from booking.series.planning.days import DayBounds
from booking.series.planning.grid import PlanGrid
from booking.series.planning.patterns import EVERY_WEEKDAY
from booking.series.planning.planner import PlanSearch
from booking.series.planning.requests import DaySlots, PlanInfeasible, PlanRequest, PlanSlot
from booking.series.preferences import EVERY_DAY, TimeWindow
from booking.series.rules import GRID, Gap, Phase

MAX_GAP_CHANGE = 30  # days
LAST_MINUTE = 24 * 60 - 1
MAX_MORE_SESSIONS = 60
FREED = 1 << 42  # points of a slot to be freed: more than any plan without


class BindingRule(StrEnum):
    """A rule that leaves a session without a place."""

    ONLY_WEEKDAYS = "only_weekdays"
    ONLY_TIMES = "only_times"
    GAP_TOO_LONG = "gap_too_long"  # nothing free before the most days a gap may have
    GAP_TOO_SHORT = "gap_too_short"
    AUTHORISED_COUNT = "authorised_count"
    AUTHORISED_UNTIL = "authorised_until"
    BLOCKED = "blocked"  # the patient can't be treated; `reason` says why
    NOT_FREE = "not_free"  # neither chair nor nurse; only time made free helps


@dataclass(frozen=True, slots=True)
class Relaxation:
    """How little one rule has to give way: weekdays more (Monday is 0), minutes, days, or sessions more.

    `phase` names the phase whose gap it is, `reason` what blocks, `days` the days on which time is to be
    freed, or the day until which something is authorised.
    """

    rule: BindingRule
    amount: int
    weekdays: tuple[int, ...] = ()
    phase: str = ""
    reason: str = ""
    days: tuple[date, ...] = ()


def find_relaxations(request: PlanRequest, number: int) -> list[Relaxation]:
    """Return each single relaxation with which every session has a place.

    Wishes come first, then what a payer or a practitioner may extend, and time made free last; of each rule
    the smallest. Where no single one helps all, those that help the sessions up to `number`, which has no
    place.
    """
    first = replace(request, numbers=request.numbers[: request.numbers.index(number) + 1])
    return list_relaxations(request) or list_relaxations(first)


def list_relaxations(request: PlanRequest) -> list[Relaxation]:
    """Return each single relaxation that is enough for all sessions of a request, in the same order."""
    searches = (
        _more_weekdays,
        _more_minutes,
        _more_authorised,
        _longer_or_shorter_gap,
        _unblocked,
        _time_freed,
    )
    return [relaxation for search in searches for relaxation in search(request)]


def has_plan(request: PlanRequest) -> bool:
    """Tell whether there is any plan for a request; patterns and prices don't matter."""
    return DayBounds(PlanGrid(request), [EVERY_WEEKDAY]).earliest is not None


def _smallest(amounts: range, relaxed: Callable[[int], PlanRequest]) -> int | None:
    """Return the smallest amount that makes a plan, where more is never worse; None if none does."""
    if not amounts or not has_plan(relaxed(amounts[-1])):
        return None
    low, high = 0, len(amounts) - 1
    while low < high:
        middle = (low + high) // 2
        if has_plan(relaxed(amounts[middle])):
            high = middle
        else:
            low = middle + 1
    return amounts[high]


def _with_only(request: PlanRequest, window: TimeWindow) -> PlanRequest:
    return replace(request, preferences=replace(request.preferences, only=window))


def _more_weekdays(request: PlanRequest) -> Iterator[Relaxation]:
    only = request.preferences.only
    further = sorted(EVERY_DAY - only.weekdays)
    choices = [(day,) for day in further] + ([tuple(further)] if len(further) > 1 else [])
    for days in choices:
        window = replace(only, weekdays=only.weekdays | set(days))
        if has_plan(_with_only(request, window)):
            yield Relaxation(BindingRule.ONLY_WEEKDAYS, len(days), weekdays=days)
            return


def _more_minutes(request: PlanRequest) -> Iterator[Relaxation]:
    only = request.preferences.only
    first, last = only.minutes
    most = max(first, LAST_MINUTE - last)

    def widened(minutes: int) -> PlanRequest:
        earliest, latest = max(0, first - minutes), min(LAST_MINUTE, last + minutes)
        window = replace(only, earliest=_time(earliest), latest=_time(latest))
        return _with_only(request, window)

    minutes = _smallest(range(GRID, most + GRID, GRID), widened)
    if minutes is not None:
        yield Relaxation(BindingRule.ONLY_TIMES, minutes)


def _longer_or_shorter_gap(request: PlanRequest) -> Iterator[Relaxation]:
    changes = range(1, MAX_GAP_CHANGE + 1)
    for index in _phases(request):
        phase = request.phases[index]
        for rule, change in (
            (BindingRule.GAP_TOO_LONG, _longer),
            (BindingRule.GAP_TOO_SHORT, _shorter),
        ):
            days = _smallest(changes, lambda by, i=index, c=change: _with_gap(request, i, c, by))  # type: ignore[misc]
            if days is not None:
                yield Relaxation(rule, days, phase=phase.name)


def _with_gap(
    request: PlanRequest, index: int, change: Callable[[Gap, int], Gap], days: int
) -> PlanRequest:
    phases: list[Phase] = list(request.phases)
    phases[index] = replace(phases[index], gap=change(phases[index].gap, days))
    return replace(request, phases=tuple(phases))


def _longer(gap: Gap, days: int) -> Gap:
    return replace(gap, max_days=min(366, gap.max_days + days))


def _shorter(gap: Gap, days: int) -> Gap:
    return replace(gap, min_days=max(1, gap.min_days - days))


def _more_authorised(request: PlanRequest) -> Iterator[Relaxation]:
    if not request.authorisations:
        return
    *earlier, last = request.authorisations

    def with_last(sessions: int, until: date) -> PlanRequest:
        extended = replace(last, sessions=last.sessions + sessions, last_day=until)
        return replace(request, authorisations=(*earlier, extended))

    more = _smallest(range(1, MAX_MORE_SESSIONS + 1), lambda n: with_last(n, last.last_day))
    if more is not None:
        yield Relaxation(BindingRule.AUTHORISED_COUNT, more)
    days = range(1, max(1, (request.last_day - last.last_day).days + 1))
    longer = _smallest(days, lambda n: with_last(0, last.last_day + timedelta(days=n)))
    if longer is not None:
        until = last.last_day + timedelta(days=longer)
        yield Relaxation(BindingRule.AUTHORISED_UNTIL, longer, days=(until,))


def _unblocked(request: PlanRequest) -> Iterator[Relaxation]:
    reasons = sorted({why for days in request.blocked.values() for why in days.values()})
    for reason in reasons:
        blocked = {
            phase: {day: why for day, why in days.items() if why != reason}
            for phase, days in request.blocked.items()
        }
        if has_plan(replace(request, blocked=blocked)):
            yield Relaxation(BindingRule.BLOCKED, 1, reason=reason)


def _time_freed(request: PlanRequest) -> Iterator[Relaxation]:
    """Yield the fewest days on which time has to be freed, and which: a plan with priced slots finds them."""
    location = request.home or next(iter(_locations(request)), "")
    only, busy_days = request.preferences.only, _busy_days(request)
    freed = {PlanSlot(location, day, only.minutes[0]) for day in busy_days}
    free = {
        phase: {**places, location: _with_slots(places.get(location, {}), freed)}
        for phase, places in ((index, request.free.get(index, {})) for index in _phases(request))
    }
    prices = {**request.prices, **dict.fromkeys(freed, FREED)}
    try:
        plan = PlanSearch(replace(request, free=free, prices=prices)).find_best()
    except PlanInfeasible:
        return
    days = tuple(session.day for session in plan.sessions if session.slot in freed)
    yield Relaxation(BindingRule.NOT_FREE, len(days), days=days)


def _locations(request: PlanRequest) -> list[str]:
    return sorted({slug for places in request.free.values() for slug in places})


def _phases(request: PlanRequest) -> list[int]:
    return sorted({request.phase_index(number) for number in request.numbers})


def _busy_days(request: PlanRequest) -> list[date]:
    """Return the days asked for on which nothing is free in some phase."""
    days = (request.first_day + timedelta(days=n) for n in range(request.day_count))
    weekdays = request.preferences.only.weekdays
    return [
        day
        for day in days
        if day.weekday() in weekdays and any(_is_busy(request, i, day) for i in _phases(request))
    ]


def _is_busy(request: PlanRequest, phase: int, day: date) -> bool:
    only = request.preferences.only
    places = request.free.get(phase, {}).values()
    return not any(only.allows(day.weekday(), m) for days in places for m in days.get(day, ()))


def _with_slots(days: DaySlots, slots: Iterable[PlanSlot]) -> dict[date, list[int]]:
    own = {day: list(minutes) for day, minutes in days.items()}
    for slot in slots:
        own[slot.day] = [*own.get(slot.day, []), slot.minute]
    return own


def _time(minute: int) -> time:
    return time(*divmod(minute, 60))
