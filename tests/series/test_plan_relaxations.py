"""Where nothing fits, each change that is named is enough, and a smaller one is not: by trying everything."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import time, timedelta

from hypothesis import assume, event, given

from booking.series.planning.binding_rules import BindingRule, Relaxation
from booking.series.planning.relaxations import list_relaxations
from booking.series.planning.relaxed_rules import LAST_MINUTE
from booking.series.planning.requests import PlanRequest
from booking.series.rules import Gap
from tests.examples import examples
from tests.series.builders import HOME, every_placement, requests

Change = Callable[[PlanRequest, Relaxation, int], PlanRequest]


def has_placement(request: PlanRequest) -> bool:
    return next(every_placement(request, len(request.numbers)), None) is not None


def with_only(request: PlanRequest, **window: object) -> PlanRequest:
    only = replace(request.preferences.only, **window)  # type: ignore[arg-type]  # by name
    return replace(request, preferences=replace(request.preferences, only=only))


def more_weekdays(request: PlanRequest, change: Relaxation, _amount: int) -> PlanRequest:
    return with_only(request, weekdays=request.preferences.only.weekdays | {*change.weekdays})


def more_minutes(request: PlanRequest, _change: Relaxation, amount: int) -> PlanRequest:
    first, last = request.preferences.only.minutes
    earliest, latest = max(0, first - amount), min(LAST_MINUTE, last + amount)
    return with_only(
        request, earliest=time(*divmod(earliest, 60)), latest=time(*divmod(latest, 60))
    )


def wider_gap(widened: Callable[[Gap, int], Gap]) -> Change:
    def changed(request: PlanRequest, change: Relaxation, amount: int) -> PlanRequest:
        phases = tuple(
            replace(each, gap=widened(each.gap, amount)) if each.name == change.phase else each
            for each in request.phases
        )
        return replace(request, phases=phases)

    return changed


def with_last_authorised(request: PlanRequest, sessions: int, days: int) -> PlanRequest:
    *earlier, last = request.authorisations
    until = last.last_day + timedelta(days=days)
    longer = replace(last, sessions=last.sessions + sessions, last_day=until)
    return replace(request, authorisations=(*earlier, longer))


def unblocked(request: PlanRequest, change: Relaxation, _amount: int) -> PlanRequest:
    blocked = {
        phase: {day: why for day, why in days.items() if why != change.reason}
        for phase, days in request.blocked.items()
    }
    return replace(request, blocked=blocked)


def freed(request: PlanRequest, change: Relaxation, _amount: int) -> PlanRequest:
    minute = request.preferences.only.minutes[0]
    slots = {day: [minute] for day in change.days}
    free = {
        phase: {**places, HOME: {**places[HOME], **slots}} for phase, places in request.free.items()
    }
    return replace(request, free=free)


CHANGES: Mapping[BindingRule, Change] = {
    BindingRule.ONLY_WEEKDAYS: more_weekdays,
    BindingRule.ONLY_TIMES: more_minutes,
    BindingRule.GAP_TOO_LONG: wider_gap(lambda gap, by: replace(gap, max_days=gap.max_days + by)),
    BindingRule.GAP_TOO_SHORT: wider_gap(
        lambda gap, by: replace(gap, min_days=max(1, gap.min_days - by))
    ),
    BindingRule.AUTHORISED_COUNT: lambda request, _change, amount: with_last_authorised(
        request, amount, 0
    ),
    BindingRule.AUTHORISED_UNTIL: lambda request, _change, amount: with_last_authorised(
        request, 0, amount
    ),
    BindingRule.BLOCKED: unblocked,
    BindingRule.NOT_FREE: freed,
}
COUNTED = {
    *(BindingRule.ONLY_TIMES, BindingRule.GAP_TOO_LONG, BindingRule.GAP_TOO_SHORT),
    *(BindingRule.AUTHORISED_COUNT, BindingRule.AUTHORISED_UNTIL),
}


@examples(60)
@given(requests())
def test_each_change_is_enough_and_a_smaller_one_is_not(request: PlanRequest) -> None:
    names = [f"Phase {number}" for number, _ in enumerate(request.phases, 1)]
    phases = tuple(
        replace(phase, name=name) for phase, name in zip(request.phases, names, strict=True)
    )
    request = replace(request, phases=phases)
    assume(not has_placement(request))
    changes = list_relaxations(request)
    for change in changes:
        event(change.rule)
        changed = CHANGES[change.rule]
        assert has_placement(changed(request, change, change.amount)), change
        if change.rule in COUNTED:
            less = change.amount - 1
            assert not less or not has_placement(changed(request, change, less)), change
    rules = [change.rule for change in changes]
    if BindingRule.ONLY_WEEKDAYS not in rules:
        assert not has_placement(with_only(request, weekdays=frozenset(range(7))))
    if BindingRule.ONLY_TIMES not in rules:
        assert not has_placement(with_only(request, earliest=time(0), latest=time(23, 59)))
