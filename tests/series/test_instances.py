"""`flask series solve`: JSON in, plans and a certificate out; what can't be read is one line and status 2."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.certificate import check_answer
from bench.generated import FOLDER, an_instance
from bench.instance_rules import InstanceRules, Wrong
from booking import create_offline_app
from booking.series.instance_requests import InvalidInstance, parse_instance
from booking.series.instances import solve_instance
from booking.series.planning.binding_rules import BindingRule
from booking.series.preferences import TimeWindow

OPTIMA = json.loads((FOLDER / "optima.json").read_text())
PROVEN = sorted(OPTIMA)[::3]  # `make bench BENCH=planner` proves them all
PHASE: dict[str, Any] = {
    "name": "First weeks",
    "sessions": 4,
    "gap": [2, 3, 4, 5],
    "minutes": [15, 45, 30],
}

AUTHORISED = {"sessions": 4, "first_day": "2026-12-01", "last_day": "2026-12-31"}


def instance(**changes: Any) -> dict[str, Any]:
    """Return an instance with one start at nine on each weekday of December 2026."""
    days = [f"2026-12-{day:02}T09:00" for day in range(1, 32) if day % 7 not in (5, 6)]
    return {
        "time_zone": "America/Phoenix",
        "first_day": "2026-12-01",
        "phases": [PHASE],
        "free": {"ahwatukee": days},
    } | changes


def solve(**changes: Any) -> dict[str, Any]:
    return solve_instance(json.dumps(instance(**changes)))


def starts(answer: dict[str, Any]) -> list[str]:
    return [session["start"] for session in answer["plans"][0]["sessions"]]


@pytest.mark.parametrize("name", sorted(OPTIMA))
def test_each_instance_is_solved_to_its_optimum_and_proven(name: str) -> None:
    data = json.loads((FOLDER / name).read_text())
    answer = solve_instance(json.dumps(data))
    if OPTIMA[name] is None:
        assert answer["plans"] == []
        assert answer["blocked"]["relaxation"]
        return
    cost = answer["plans"][0]["cost"]
    assert {"points": cost["points"], "gap_days": cost["gap_days"]} == OPTIMA[name]
    if name in PROVEN:
        check_answer(InstanceRules(data), answer)


def damaged(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the answer with a wrong plan, a wrong sum, a potential too high, and a pattern left out."""
    for damage in range(4):
        copy = json.loads(json.dumps(answer))
        certificate = copy["certificate"]
        if damage == 0:
            copy["plans"][0]["sessions"] = copy["plans"][-1]["sessions"]
        elif damage == 1:
            certificate["points"] += 1
        elif damage == 2:
            certificate["patterns"][0]["remaining"][0] = {}
        else:
            certificate["patterns"].pop()
        yield copy


def test_the_checker_refuses_what_is_not_proven() -> None:
    data = instance(rather={"weekdays": [0, 3]})
    answer = solve_instance(json.dumps(data))
    check_answer(InstanceRules(data), answer)
    certificate = answer["certificate"]
    for wrong in damaged(answer):
        if wrong["certificate"] == certificate and wrong["plans"] == answer["plans"]:
            continue
        with pytest.raises(Wrong):
            check_answer(InstanceRules(data), wrong)


def test_the_best_plan_comes_first_with_a_name_and_what_it_costs() -> None:
    best = solve()["plans"][0]
    assert best["name"] == "Tue and Fri early morning, all 3 or 4 days apart"
    assert best["cost"]["gap_days"] == best["cost"]["start_delay_days"] == 0
    assert best["sessions"][0] == {"location": "ahwatukee", "start": "2026-12-01T09:00"}


def test_only_is_a_rule_and_rather_a_wish() -> None:
    by_wish = solve(rather={"weekdays": [0, 3]})
    assert {start[:10] for start in starts(by_wish)} == {
        *("2026-12-03", "2026-12-07", "2026-12-10", "2026-12-14")
    }
    assert solve(only={"weekdays": [5]})["plans"] == []
    assert solve(rather={"weekdays": [5]})["plans"][0]["cost"]["unwanted"] == 4


def test_other_infusions_keep_their_distance() -> None:
    assert starts(solve())[0] == "2026-12-01T09:00"
    assert starts(solve(other_infusions=["2026-11-30"]))[0] == "2026-12-03T09:00"


@pytest.mark.parametrize(
    ("changes", "rule", "relaxation"),
    [
        ({"only": {"weekdays": [1]}}, "only_weekdays", {"amount": 1, "weekdays": [3]}),
        ({"only": {"from": "10:00", "to": "12:00"}}, "only_times", {"amount": 60}),
        (
            {"free": {"a": [f"2026-12-{day:02}T09:00" for day in (1, 7, 13, 19)]}},
            "gap_too_long",
            {"amount": 1, "phase": "First weeks"},
        ),
        (
            {"free": {"a": [f"2026-12-{day:02}T09:00" for day in (1, 4, 8)]}},
            "not_free",
            {"amount": 1, "days": ["2026-12-11"]},
        ),
        (
            {"free": {}},
            "not_free",
            {"amount": 4, "days": ["2026-12-01", "2026-12-04", "2026-12-08", "2026-12-11"]},
        ),
        (
            {
                "authorisations": [
                    {"sessions": 3, "first_day": "2026-12-01", "last_day": "2026-12-31"}
                ]
            },
            "authorised_count",
            {"amount": 1},
        ),
        (
            {
                "authorisations": [
                    {"sessions": 9, "first_day": "2026-12-01", "last_day": "2026-12-05"}
                ]
            },
            "authorised_until",
            {"amount": 4, "days": ["2026-12-09"]},
        ),
    ],
)
def test_when_nothing_fits_the_rule_and_the_smallest_relaxation_are_named(
    changes: dict[str, Any], rule: str, relaxation: dict[str, Any]
) -> None:
    answer = solve(**changes)
    blocked = answer["blocked"]
    assert (answer["plans"], blocked["rule"]) == ([], BindingRule(rule))
    assert blocked["relaxation"] == {"rule": rule} | relaxation


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"first_day": 20261201}, "first_day"),
        ({"first_day": "soon"}, "first_day"),
        ({"first_day": "9999-12-31"}, "first_day"),
        ({"first_day": "0001-01-01"}, "first_day"),
        ({"phases": []}, "phases"),
        ({"phases": [PHASE | {"gap": [3, 2, 4, 5]}]}, "phases.0.gap"),
        ({"phases": [PHASE | {"minutes": [15, 45]}]}, "phases.0.minutes"),
        ({"free": {"a": ["2026-12-01T09:02"]}}, "free.a.0"),
        ({"free": {"a": ["2026-12-01T09:00Z"]}}, "free.a.0"),
        ({"free": {"a": ["2199-12-01T09:00"]}}, "free"),
        ({"only": {"weekdays": [7]}}, "only.weekdays"),
        ({"only": {"weekdays": [[]]}}, "only.weekdays"),
        ({"only": {"weekdays": [True]}}, "only.weekdays"),
        ({"only": {"weekdays": [False]}}, "only.weekdays"),
        ({"only": {"weekdays": [0.0]}}, "only.weekdays"),
        ({"only": {"weekdays": "0"}}, "only.weekdays"),
        ({"only": {"weekdays": {}}}, "only.weekdays"),
        ({"only": {"from": "09:00-07:00"}}, "only.from"),
        ({"only": {"from": "09:00:30"}}, "only.from"),
        ({"only": {"from": "0900"}}, "only.from"),
        ({"only": {"from": 9}}, "only.from"),
        ({"only": {"from": None}}, "only.from"),
        ({"only": {"to": "24:00"}}, "only.to"),
        ({"rather": {"to": "٠٩:٠٠"}}, "rather.to"),
        ({"rather": {"after": "09:00"}}, "rather.after"),
        ({"rather": {"from": "12:00", "to": "09:00"}}, "rather.to"),
        ({"phases": [{"session": 2} | PHASE]}, "phases.0.session"),
        ({"phases": [PHASE | {"recovery": 30}]}, "phases.0.recovery"),
        ({"phases": [PHASE | {"review_every": 3}]}, "phases.0.review_every"),
        ({"phases": [{k: v for k, v in PHASE.items() if k != "sessions"}]}, "phases.0.sessions"),
        ({"phases": [PHASE | {"sessions": None}, PHASE | {"name": "Second"}]}, "phases"),
        ({"phases": [PHASE | {"sessions": True}]}, "phases.0.sessions"),
        ({"phases": [PHASE | {"name": " "}]}, "phases.0.name"),
        ({"phases": [PHASE | {"name": 5}]}, "phases.0.name"),
        ({"phases": [PHASE, PHASE]}, "phases.1.name"),
        ({"first_day": "1804636800"}, "first_day"),
        ({"first_day": "20261201"}, "first_day"),
        ({"other_infusions": ["9999-12-31"]}, "other_infusions.0"),
        ({"other_infusions": ["0001-01-01"]}, "other_infusions.0"),
        ({"free": {"a": ["9999-12-31T23:00"]}}, "free.a.0"),
        ({"authorisations": [AUTHORISED | {"session": 2}]}, "authorisations.0.session"),
        (
            {"authorisations": [AUTHORISED | {"last_day": "9999-12-31"}]},
            "authorisations.0.last_day",
        ),
        ({"authorisations": [AUTHORISED | {"sessions": -1}]}, "authorisations.0"),
        ({"rates": {"gap_days": True}}, "rates.gap_days"),
        ({"rates": {"gap_days": -1}}, "rates.gap_days"),
        ({"rates": {"speed": 1}}, "rates.speed"),
        ({"location": 5}, "location"),
        ({"location": "elsewhere"}, "location"),
        ({"extra": 1}, "extra"),
        ({"time_zone": "America/New_York", "free": {"a": ["2027-03-14T02:30"]}}, "free.a.0"),
    ],
)
def test_bad_input_is_one_line_that_names_the_place(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInstance) as refusal:
        parse_instance(json.dumps(instance(**changes)))
    assert str(refusal.value).startswith(f"{path}: ")
    assert "\n" not in str(refusal.value)


def test_a_window_has_each_weekday_once_and_ends_where_the_day_does() -> None:
    request = parse_instance(json.dumps(instance(only={"weekdays": [4, 0, 4], "to": "23:59"})))
    assert request.preferences.only == TimeWindow(frozenset({0, 4}), time(0), time(23, 59))


def test_an_open_ended_phase_says_so() -> None:
    request = parse_instance(json.dumps(instance(phases=[PHASE | {"sessions": None}])))
    assert len(request.numbers) > PHASE["sessions"]


@settings(max_examples=60, deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(instance())), inner),
    max_leaves=5,
), st.sampled_from(sorted({*instance(), "only", "rather", "rates", "location"})))  # fmt: skip
def test_whatever_stands_in_a_field_is_read_or_refused(value: Any, field: str) -> None:
    with suppress(InvalidInstance):
        assert solve_instance(json.dumps(instance(**{field: value})))


def test_the_command_needs_no_database_and_says_what_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "instance.json"
    file.write_text(json.dumps(instance()))
    run = create_offline_app().test_cli_runner().invoke
    done = run(args=["series", "solve", str(file)])
    assert (done.exit_code, json.loads(done.output)["certificate"]["points"] > 0) == (0, True)
    assert run(args=["series", "solve", "-"], input=json.dumps(instance())).exit_code == 0
    for content in (b"[", b"\xff", b'{"free": 1}'):
        file.write_bytes(content)
        refused = run(args=["series", "solve", str(file)])
        assert (refused.exit_code, refused.output.count("\n")) == (2, 1)
    assert run(args=["series", "solve", str(tmp_path / "none.json")]).exit_code == 2


def test_the_files_are_what_the_generator_writes() -> None:
    for seed in (2, 59):
        data = json.loads((FOLDER / f"{seed + 1:02}.json").read_text())
        assert data == an_instance(seed)
    assert len(OPTIMA) == 60
