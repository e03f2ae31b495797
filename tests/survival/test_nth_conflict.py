"""Whatever statement of a booking, a move or a plan PostgreSQL refuses, nobody meets an error page of ours.

A deadlock and a serialization failure are tried again inside, a lost connection is met anew or answered
503; what was answered is what is there, and pressed again it is done once. Each statement and each commit
in turn: `CONFLICT_STEP=1 make test TESTS=tests/survival/test_nth_conflict.py`; a run of all tests some.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count, islice

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.extensions import db
from tests.builders import Clinic
from tests.desk.conftest import clinic, clock, practitioner
from tests.desk.page_forms import send
from tests.desk.scenarios import SCENARIOS
from tests.interchange.asking import body, post
from tests.survival.injected_errors import FailingStep, Failure, failing
from tests.table_rows import Content, read_content, replace_content

__all__ = ["clinic", "clock", "practitioner"]
STEP = int(os.environ.get("CONFLICT_STEP", "25"))
DESK = (
    "desk.book_appointment",
    "desk.move_appointment",
    "desk.cancel_appointment",
    "desk.book_plan",
)
Act = Callable[[], TestResponse]


def act_by_api(app: Flask) -> Act:
    client = app.test_client()
    return lambda: post(client, body())


def act_at_desk(endpoint: str, clinic: Clinic, practitioner: FlaskClient) -> Act:
    scenario = SCENARIOS[endpoint](clinic, practitioner)
    form = scenario.form(practitioner)
    return lambda: send(practitioner, form, scenario.typed)


def cases() -> Iterator[FailingStep]:
    """Yield each step with each failure, in order."""
    return (FailingStep(failure, at) for at in count(1) for failure in Failure)


def sizes(content: Content) -> dict[str, int]:
    """Return how many rows each table has, but for the trail: it keeps that a page was asked for."""
    return {name: len(rows) for name, rows in content.rows.items() if name != "audit_entry"}


@pytest.fixture(params=["api", *DESK])
def act(
    request: pytest.FixtureRequest, app: Flask, clinic: Clinic, practitioner: FlaskClient
) -> Act:
    if request.param == "api":
        return act_by_api(app)
    return act_at_desk(request.param, clinic, practitioner)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whatever_statement_fails_it_is_done_whole_once_or_not_at_all(
    act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_content()
    assert act().status_code in (201, 302)
    done, tried = read_content(), 0
    for step in islice(cases(), 0, None, STEP):
        assert replace_content(read_content(), before)
        with failing(step, monkeypatch):
            answer = act()
        check_answer(answer, step, before, done)
        again = act()
        assert again.status_code in (201, 302), step
        assert sizes(read_content()) == sizes(done), step
        tried += step.count >= step.at
        if step.count < step.at:
            break
    assert tried > 2


def check_answer(answer: TestResponse, step: FailingStep, before: Content, done: Content) -> None:
    """What was answered must be what is there: all of it, or nothing."""
    db.session.rollback()
    there = sizes(read_content())
    assert there in (sizes(before), sizes(done)), step
    if answer.status_code in (201, 302):
        assert there == sizes(done), step
        return
    assert (answer.status_code, step.failure) == (503, Failure.CONNECTION_LOST), step
    assert "Retry-After" in answer.headers
    assert there == sizes(before) or "Nothing was changed" not in answer.text, step


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_taken_time_is_refused_whichever_statement_loses_its_connection(
    app: Flask, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    assert post(client, body()).status_code == 201
    for at in count(1):
        step = FailingStep(Failure.CONNECTION_LOST, at)
        with failing(step, monkeypatch):
            answer = post(client, body(patient__family_name="Other"), key="key-2")
        assert (answer.status_code, bool(answer.json["alternatives"])) == (409, True), step
        if step.count < at:
            break
