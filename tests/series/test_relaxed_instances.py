"""What is named as enough is enough: applied to an instance without a plan, there is one."""

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, cast

from hypothesis import assume, given
from hypothesis import strategies as st

from booking.series.instances import solve_instance
from tests.examples import examples

FIRST = date(2026, 12, 1)
GAPS = ([2, 3, 4, 5], [2, 2, 3, 4], [3, 3, 3, 4], [1, 1, 2, 3])
HOURS = ("09:00", "10:30", "16:00")
DAYS = st.integers(0, 45).map(lambda days: str(FIRST + timedelta(days)))
Instance = dict[str, Any]


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """Draw an instance with several rules that may leave no plan."""
    phases: list[dict[str, Any]] = [
        {"name": "A", "sessions": draw(st.integers(2, 6)), "gap": draw(st.sampled_from(GAPS))},
        {"name": "B", "sessions": draw(st.integers(1, 2)), "gap": [5, 7, 7, 9]},
    ]
    starts = st.sets(st.tuples(DAYS, st.sampled_from(HOURS)), min_size=5, max_size=60)
    instance: Instance = {
        "time_zone": "America/Phoenix",
        "first_day": str(FIRST),
        "phases": [
            {**phase, "gap": list(phase["gap"]), "minutes": [15, 45, 30]} for phase in phases
        ],
        "free": {"a": sorted(f"{day}T{hour}" for day, hour in draw(starts))},
        "other_infusions": draw(st.lists(DAYS, max_size=3)),
        "only": {
            "weekdays": sorted(draw(st.sets(st.integers(0, 6), min_size=1))),
            "from": draw(st.sampled_from(("08:00", "10:00"))),
            "to": draw(st.sampled_from(("12:00", "18:00"))),
        },
    }
    if draw(st.booleans()):
        covered = {"sessions": draw(st.integers(1, 8)), "last_day": draw(DAYS)}
        instance["authorisations"] = [{"first_day": str(FIRST), **covered}]
    return instance


def widened(clock: str, minutes: int) -> str:
    hour, minute = map(int, clock.split(":"))
    at = min(24 * 60 - 1, max(0, hour * 60 + minute + minutes))
    return f"{at // 60:02}:{at % 60:02}"


def relax(instance: Instance, relaxation: dict[str, Any]) -> Instance:
    """Return the instance with one relaxation, as the words of docs/series-instances.md have it."""
    relaxed = deepcopy(instance)
    RELAX[relaxation["rule"]](relaxed, relaxation)
    return relaxed


def add_weekdays(instance: Instance, relaxation: dict[str, Any]) -> None:
    instance["only"]["weekdays"] += relaxation["weekdays"]


def widen_times(instance: Instance, relaxation: dict[str, Any]) -> None:
    only, minutes = instance["only"], relaxation["amount"]
    only["from"], only["to"] = widened(only["from"], -minutes), widened(only["to"], minutes)


def lengthen_gap(instance: Instance, relaxation: dict[str, Any]) -> None:
    gap_of(instance, relaxation)[3] += relaxation["amount"]


def shorten_gap(instance: Instance, relaxation: dict[str, Any]) -> None:
    gap = gap_of(instance, relaxation)
    gap[0] = max(1, gap[0] - relaxation["amount"])


def gap_of(instance: Instance, relaxation: dict[str, Any]) -> list[int]:
    gaps = {phase["name"]: phase["gap"] for phase in instance["phases"]}
    return cast("list[int]", gaps[relaxation["phase"]])


def authorise_more(instance: Instance, relaxation: dict[str, Any]) -> None:
    instance["authorisations"][0]["sessions"] += relaxation["amount"]


def authorise_longer(instance: Instance, relaxation: dict[str, Any]) -> None:
    (instance["authorisations"][0]["last_day"],) = relaxation["days"]


def move_other_infusions(instance: Instance, _relaxation: dict[str, Any]) -> None:
    instance["other_infusions"] = []


def free_days(instance: Instance, relaxation: dict[str, Any]) -> None:
    at = instance["only"]["from"]
    instance["free"]["a"] += [f"{day}T{at}" for day in relaxation["days"]]


RELAX: dict[str, Callable[[Instance, dict[str, Any]], None]] = {
    "only_weekdays": add_weekdays,
    "only_times": widen_times,
    "gap_too_long": lengthen_gap,
    "gap_too_short": shorten_gap,
    "authorised_count": authorise_more,
    "authorised_until": authorise_longer,
    "blocked": move_other_infusions,
    "not_free": free_days,
}


@examples(20)
@given(instances())
def test_what_is_named_as_enough_makes_a_plan(instance: Instance) -> None:
    blocked = solve_instance(json.dumps(instance)).get("blocked")
    assume(blocked is not None)
    ways = [[blocked["relaxation"], *blocked["together"]], *([each] for each in blocked["others"])]
    for way in ways:
        relaxed = instance
        for relaxation in way:
            relaxed = relax(relaxed, relaxation)
        assert solve_instance(json.dumps(relaxed))["plans"], way
    if blocked["together"]:
        assert blocked["others"] == []
