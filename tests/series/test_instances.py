"""`flask series solve`: JSON in, plans and a certificate out; what can't be read is one line and status 2."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.certificate import check_answer
from bench.generated import FOLDER, an_instance
from bench.instance_rules import InstanceRules, Wrong
from booking import create_offline_app
from booking.series.instances import solve_instance
from booking.series.planning.binding_rules import BindingRule

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


OWN_FIELDS: list[dict[str, Any]] = [
    {"rates": {"gap_days": 1}},
    {"rates": {"time_change": 0, "away": 3_000, "exceptions": 10**12, "lateness_days": 7}},
    {"authorisations": [AUTHORISED | {"last_day": "2026-12-15"}]},
    {"authorisations": [
        {"sessions": 3, "first_day": "2026-12-03", "last_day": "2026-12-14"},
        {"sessions": 2, "first_day": "2026-12-16", "last_day": "2026-12-31"},
    ]},
    {"phases": [PHASE, PHASE | {"name": "Ongoing", "sessions": None, "gap": [1, 1, 4, 5]}]},
]  # fmt: skip


@pytest.mark.parametrize("changes", OWN_FIELDS)
def test_whatever_an_instance_says_its_answer_is_proven(changes: dict[str, Any]) -> None:
    data = instance(rather={"weekdays": [1, 4]}, other_infusions=["2026-11-30"], **changes)
    days = [f"2027-0{n // 28 + 1}-{n % 28 + 1:02}T10:30" for n in range(56)]
    data["free"]["scottsdale"] = days
    answer = solve_instance(json.dumps(data))
    check_answer(InstanceRules(data), answer)
    answer["certificate"]["earliest_start"] = "2026-11-30"
    with pytest.raises(Wrong, match="earliest"):
        check_answer(InstanceRules(data), answer)


def test_the_checker_counts_what_is_authorised() -> None:
    windows = [AUTHORISED, {"sessions": 2, "first_day": "2026-11-01", "last_day": "2026-11-30"}]
    data = instance(authorisations=windows)
    answer = solve_instance(json.dumps(data))
    check_answer(InstanceRules(data), answer)
    fewer = data | {"authorisations": [windows[1], AUTHORISED | {"sessions": 3}]}
    with pytest.raises(Wrong, match="session 1 is not free"):
        check_answer(InstanceRules(fewer), answer)


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


def test_a_plan_of_every_day_is_named_in_the_singular() -> None:
    daily = solve(phases=[PHASE | {"gap": [1, 1, 1, 1]}])["plans"][0]["name"]
    assert daily.endswith("early morning, all 1 day apart")


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
        ({"only": {"weekdays": [1]}}, "only_weekdays", {"amount": 1, "weekdays": [4]}),
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
