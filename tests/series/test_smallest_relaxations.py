"""No relaxation is smaller than the one named: each that the docs name is tried, by plain enumeration."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from bench.instance_rules import InstanceRules
from booking.series.instances import solve_instance
from tests.examples import examples
from tests.series.test_relaxed_instances import relax

FIRST = date(2027, 3, 1)  # a Monday
GAPS = ([1, 1, 1, 1], [3, 3, 3, 3], [2, 3, 4, 5], [1, 2, 2, 3])
WIDEST = 14  # days: no gap of these instances has to change by more
MORE_SESSIONS = 4
Instance = dict[str, Any]
Relaxation = dict[str, Any]


def on(days: Iterable[int], hour: str = "09:00") -> list[str]:
    return [f"{FIRST + timedelta(days=day)}T{hour}" for day in days]


def an_instance(gap: list[int], days: Iterable[int], sessions: int, **more: Any) -> Instance:
    phase = {"name": "A", "sessions": sessions, "gap": gap, "minutes": [15, 45, 30]}
    return {
        "time_zone": "America/Phoenix",
        "first_day": str(FIRST),
        "phases": [phase],
        "free": {"a": on(days)},
        **more,
    }


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """Draw a small instance: few sessions and days, and mostly some rule against them."""
    days = st.sets(st.integers(0, 12), min_size=1, max_size=6)
    counts = [draw(st.integers(1, 3)), draw(st.integers(0, 1))]
    phases = [
        {"name": name, "sessions": count, "gap": [*draw(st.sampled_from(GAPS))]}
        for name, count in zip("AB", counts, strict=True)
        if count
    ]
    free = [*on(draw(days)), *on(draw(days), "10:30")]
    infusions = draw(st.lists(st.integers(0, 16), max_size=2))
    instance: Instance = {
        "time_zone": "America/Phoenix",
        "first_day": str(FIRST),
        "phases": [{**phase, "minutes": [15, 45, 30]} for phase in phases],
        "free": {"a": free},
        "other_infusions": [str(FIRST + timedelta(days=day)) for day in infusions],
        "only": {
            "weekdays": sorted(draw(st.sets(st.integers(0, 6), min_size=1))),
            "from": draw(st.sampled_from(("08:00", "09:28"))),
            "to": draw(st.sampled_from(("10:29", "18:00"))),
        },
    }
    if draw(st.booleans()):
        until = str(FIRST + timedelta(days=draw(st.integers(0, 12))))
        covered = {"sessions": draw(st.integers(1, 4)), "last_day": until}
        instance["authorisations"] = [{"first_day": str(FIRST), **covered}]
    return instance


def has_plan(instance: Instance) -> bool:
    """Tell whether there is a plan: by going through the days of every one, with rules stated elsewhere."""
    rules = InstanceRules(instance)
    free = [{slot.day for slot in slots} for slots in rules.slots]
    return any(is_authorised(instance, days) for days in every_way(rules, free, ()))


def every_way(
    rules: InstanceRules, free: list[set[date]], days: tuple[date, ...]
) -> Iterator[tuple[date, ...]]:
    number = len(days)
    if number == len(free):
        yield days
        return
    gaps = rules.gaps(number) if days else ()
    following = {days[-1] + timedelta(days=gap) for gap in gaps} if days else free[0]
    for day in following & free[number]:
        yield from every_way(rules, free, (*days, day))


def is_authorised(instance: Instance, days: tuple[date, ...]) -> bool:
    return all(
        len(days) <= each["sessions"] and str(days[-1]) <= each["last_day"]
        for each in instance.get("authorisations", ())
    )


def named(rule: str, amount: int, **more: Any) -> Relaxation:
    return {"rule": rule, "amount": amount, **more}


def more_weekdays(instance: Instance) -> Iterator[Relaxation]:
    further = [*({*range(7)} - {*instance.get("only", {}).get("weekdays", range(7))})]
    for count in range(1, len(further) + 1):
        for days in combinations(further, count):
            yield named("only_weekdays", count, weekdays=[*days])


def more_minutes(instance: Instance) -> Iterator[Relaxation]:
    bounds = (
        [minute_of(instance["only"][name]) for name in ("from", "to")] if "only" in instance else []
    )
    starts = {minute_of(at[11:]) for at in instance["free"]["a"]}
    for minutes in sorted({abs(bound - start) for bound in bounds for start in starts} - {0}):
        yield named("only_times", minutes)


def minute_of(clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return hour * 60 + minute


def other_gaps(rule: str, phase: str) -> Callable[[Instance], Iterator[Relaxation]]:
    def amounts(instance: Instance) -> Iterator[Relaxation]:
        if phase in {each["name"] for each in instance["phases"]}:
            yield from (named(rule, days, phase=phase) for days in range(1, WIDEST + 1))

    return amounts


def more_authorised(instance: Instance) -> Iterator[Relaxation]:
    if "authorisations" in instance:
        yield from (named("authorised_count", more) for more in range(1, MORE_SESSIONS + 1))


def longer_authorised(instance: Instance) -> Iterator[Relaxation]:
    for each in instance.get("authorisations", ()):
        last = date.fromisoformat(each["last_day"])
        for days in range(1, WIDEST + 1):
            yield named("authorised_until", days, days=[str(last + timedelta(days=days))])


def no_other_infusions(instance: Instance) -> Iterator[Relaxation]:
    if instance.get("other_infusions"):
        yield named("blocked", 1, reason="infusion_near")


def freed_days(instance: Instance) -> Iterator[Relaxation]:
    asked_for = instance.get("only", {}).get("weekdays", range(7))
    ideal = sum(phase["gap"][2] * phase["sessions"] for phase in instance["phases"])
    last = max([at[:10] for at in instance["free"]["a"]] + [str(FIRST + timedelta(days=ideal))])
    days = [FIRST + timedelta(days=n) for n in range((date.fromisoformat(last) - FIRST).days + 1)]
    allowed = [day for day in days if day.weekday() in asked_for]
    for count in range(1, sum(phase["sessions"] for phase in instance["phases"]) + 1):
        for freed in combinations(allowed, count):
            yield named("not_free", count, days=[*map(str, freed)])


TRIED: dict[tuple[str, str], Callable[[Instance], Iterator[Relaxation]]] = {
    ("only_weekdays", ""): more_weekdays,
    ("only_times", ""): more_minutes,
    ("authorised_count", ""): more_authorised,
    ("authorised_until", ""): longer_authorised,
    ("blocked", ""): no_other_infusions,
    ("not_free", ""): freed_days,
    **{
        (rule, phase): other_gaps(rule, phase)
        for rule in ("gap_too_long", "gap_too_short")
        for phase in "AB"
    },
}


def smallest(instance: Instance, relaxations: Iterable[Relaxation]) -> int | None:
    enough = (each["amount"] for each in relaxations if has_plan(relax(instance, each)))
    return next(enough, None)


@examples(60)
@given(instances())
def test_no_smaller_relaxation_of_any_rule_makes_a_plan(instance: Instance) -> None:
    blocked = solve_instance(json.dumps(instance)).get("blocked")
    assert (blocked is None) is has_plan(instance)
    assume(blocked is not None)
    single = [] if blocked["together"] else [blocked["relaxation"], *blocked["others"]]
    stated = {(each["rule"], each.get("phase", "")): each["amount"] for each in single if each}
    for rule, tried in TRIED.items():
        amount = smallest(instance, tried(instance))
        if rule[0] == "not_free" and rule in stated:
            assert stated[rule] == amount
        elif rule[0] != "not_free":
            assert stated.get(rule) == amount, rule
        event(f"{rule[0]} {amount}")


@pytest.mark.parametrize(
    ("instance", "relaxation"),
    [
        (
            an_instance([1, 1, 1, 1], (0, 1, 2, 7), 3, only={"weekdays": [0]}),
            named("only_weekdays", 2, weekdays=[1, 2]),
        ),
        (
            an_instance([3, 3, 3, 3], (0, 1, 3), 2, other_infusions=["2027-03-06"]),
            named("gap_too_short", 1, phase="A"),
        ),
        (
            an_instance([2, 3, 4, 5], range(40), 6, only={"weekdays": [0]}),
            named("only_weekdays", 1, weekdays=[3]),
        ),
        (
            an_instance([1, 1, 1, 1], (0, 1), 2, only={"from": "08:00", "to": "08:58"}),
            named("only_times", 2),
        ),
        (
            an_instance(
                [1, 5, 5, 9], (0, 1, 2), 3, only={"weekdays": [0]}, rates={"gap_days": 10**12}
            ),
            named("only_weekdays", 2, weekdays=[1, 2]),
        ),
    ],
)
def test_of_the_smallest_relaxations_the_one_with_the_best_plan_is_named(
    instance: Instance, relaxation: Relaxation
) -> None:
    assert solve_instance(json.dumps(instance))["blocked"]["relaxation"] == relaxation


def test_as_few_days_as_can_be_are_freed_whatever_a_gap_costs() -> None:
    gap = [1, 9, 9, 9]
    rates = {"gap_days": 10**12}
    blocked = solve_instance(json.dumps(an_instance(gap, (0, 1, 2), 4, rates=rates)))["blocked"]
    freed = [
        each for each in (blocked["relaxation"], *blocked["others"]) if each["rule"] == "not_free"
    ]
    assert [each["amount"] for each in freed] == [1]
