"""The rules of a request that can give way, one by one: by as little as makes a plan, or altogether."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from functools import partial
from itertools import combinations

from booking.series.planning.binding_rules import (
    BindingRule,
    Change,
    RelaxableRule,
    Relaxation,
    has_plan,
    used_phases,
)
from booking.series.planning.freed_time import find_fewest_days_to_free, free_every_day
from booking.series.planning.planner import find_plan
from booking.series.planning.requests import PlanRequest
from booking.series.preferences import EVERY_DAY, TimeWindow
from booking.series.rules import Gap
from booking.series.spacing import INFUSION_NEAR, is_too_near

MAX_GAP_CHANGE = 30  # days
LAST_MINUTE = 24 * 60 - 1
MAX_MORE_SESSIONS = 60


def list_relaxable_rules(request: PlanRequest) -> list[RelaxableRule]:
    """Return what may give way: wishes first, then what others may extend, and time made free last."""
    return [
        RelaxableRule(partial(_with_weekdays, days=tuple(EVERY_DAY)), _search_weekdays),
        *_more_minutes(request),
        *_more_authorised(request),
        *_other_gaps(request),
        *_unblocked(request),
        RelaxableRule(free_every_day, find_fewest_days_to_free),
    ]


def _by_amounts(
    amounts: range,
    change: Callable[[PlanRequest, int], PlanRequest],
    describe: Callable[[int], Relaxation],
) -> Iterator[RelaxableRule]:
    """Yield a rule that gives way by an amount: more never takes a plan away; nothing for no amounts."""

    def search(request: PlanRequest) -> tuple[Relaxation, Change] | None:
        amount = _smallest(amounts, lambda n: has_plan(change(request, n)))
        if amount is None:
            return None
        return describe(amount), lambda relaxed: change(relaxed, amount)

    if amounts:
        yield RelaxableRule(lambda request: change(request, amounts[-1]), search)


def _smallest(amounts: range, suffices: Callable[[int], bool]) -> int | None:
    """Return the smallest amount that is enough, where more is never worse; None if none is."""
    if not suffices(amounts[-1]):
        return None
    low, high = 0, len(amounts) - 1
    while low < high:
        middle = (low + high) // 2
        if suffices(amounts[middle]):
            high = middle
        else:
            low = middle + 1
    return amounts[high]


def _with_only(request: PlanRequest, window: TimeWindow) -> PlanRequest:
    return replace(request, preferences=replace(request.preferences, only=window))


def _with_weekdays(request: PlanRequest, days: Sequence[int]) -> PlanRequest:
    only = request.preferences.only
    return _with_only(request, replace(only, weekdays=only.weekdays | set(days)))


def _search_weekdays(request: PlanRequest) -> tuple[Relaxation, Change] | None:
    """Return the fewest weekdays that are enough; of as few, those whose best plan costs least."""
    further = sorted(EVERY_DAY - request.preferences.only.weekdays)
    if not has_plan(_with_weekdays(request, further)):
        return None
    sets = (
        [days for days in combinations(further, count) if has_plan(_with_weekdays(request, days))]
        for count in range(1, len(further) + 1)
    )
    smallest = next(filter(None, sets), [()])
    days = min(smallest, key=lambda days: _least_points(_with_weekdays(request, days)))
    relaxation = Relaxation(BindingRule.ONLY_WEEKDAYS, len(days), weekdays=days)
    return relaxation, partial(_with_weekdays, days=days)


def _least_points(request: PlanRequest) -> int:
    return find_plan(request).cost.points(request.rates)


def _more_minutes(request: PlanRequest) -> Iterator[RelaxableRule]:
    first, last = request.preferences.only.minutes
    most = max(first, LAST_MINUTE - last)

    def widen(relaxed: PlanRequest, minutes: int) -> PlanRequest:
        earliest, latest = max(0, first - minutes), min(LAST_MINUTE, last + minutes)
        only = relaxed.preferences.only
        return _with_only(relaxed, replace(only, earliest=_time(earliest), latest=_time(latest)))

    return _by_amounts(range(1, most + 1), widen, partial(Relaxation, BindingRule.ONLY_TIMES))


def _other_gaps(request: PlanRequest) -> Iterator[RelaxableRule]:
    for index in used_phases(request):
        name = request.phases[index].name
        for rule, change in (
            (BindingRule.GAP_TOO_LONG, _longer),
            (BindingRule.GAP_TOO_SHORT, _shorter),
        ):
            yield from _by_amounts(
                range(1, MAX_GAP_CHANGE + 1),
                partial(_with_gap, index=index, change=change),
                partial(Relaxation, rule, phase=name),
            )


def _with_gap(
    request: PlanRequest, days: int, *, index: int, change: Callable[[Gap, int], Gap]
) -> PlanRequest:
    phases = list(request.phases)
    phases[index] = replace(phases[index], gap=change(phases[index].gap, days))
    blocked = {**request.blocked, index: _still_blocked(request, index, phases[index].gap)}
    return replace(request, phases=tuple(phases), blocked=blocked)


def _still_blocked(request: PlanRequest, index: int, gap: Gap) -> dict[date, str]:
    """Return a phase's blocked days, but those that no other infusion is too near with this gap."""
    return {
        day: why
        for day, why in request.blocked.get(index, {}).items()
        if why != INFUSION_NEAR or is_too_near(day, gap, request.infusions)
    }


def _longer(gap: Gap, days: int) -> Gap:
    return replace(gap, max_days=min(366, gap.max_days + days))


def _shorter(gap: Gap, days: int) -> Gap:
    return replace(gap, min_days=max(1, gap.min_days - days))


def _more_authorised(request: PlanRequest) -> Iterator[RelaxableRule]:
    if not request.authorisations:
        return
    last_day = request.authorisations[-1].last_day
    yield from _by_amounts(
        range(1, MAX_MORE_SESSIONS + 1),
        partial(_with_authorised, days=0),
        partial(Relaxation, BindingRule.AUTHORISED_COUNT),
    )
    yield from _by_amounts(
        range(1, (request.last_day - last_day).days + 1),
        lambda relaxed, days: _with_authorised(relaxed, 0, days=days),
        lambda days: Relaxation(
            BindingRule.AUTHORISED_UNTIL, days, days=(last_day + timedelta(days),)
        ),
    )


def _with_authorised(request: PlanRequest, sessions: int, *, days: int) -> PlanRequest:
    *earlier, last = request.authorisations
    until = last.last_day + timedelta(days)
    extended = replace(last, sessions=last.sessions + sessions, last_day=until)
    return replace(request, authorisations=(*earlier, extended))


def _unblocked(request: PlanRequest) -> Iterator[RelaxableRule]:
    for reason in sorted({why for days in request.blocked.values() for why in days.values()}):
        yield from _by_amounts(
            range(1, 2),
            lambda relaxed, _, reason=reason: _without_blocked(relaxed, reason),  # type: ignore[misc]
            partial(Relaxation, BindingRule.BLOCKED, reason=reason),
        )


def _without_blocked(request: PlanRequest, reason: str) -> PlanRequest:
    blocked = {
        phase: {day: why for day, why in days.items() if why != reason}
        for phase, days in request.blocked.items()
    }
    return replace(request, blocked=blocked)


def _time(minute: int) -> time:
    return time(*divmod(minute, 60))
