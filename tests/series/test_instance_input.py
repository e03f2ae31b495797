"""What `flask series solve` reads, and refuses in one line that names the place."""

import json
from contextlib import suppress
from datetime import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.series.instance_requests import InvalidInstance, parse_instance
from booking.series.instances import solve_instance
from booking.series.preferences import TimeWindow
from tests.series.test_instances import AUTHORISED, PHASE, instance


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
