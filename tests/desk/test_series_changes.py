"""Pausing, going on, changing how often, and setting an end at the desk: shown first, then done as shown."""

import re
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.series.models import InfusionSeries
from booking.series.pause_queries import find_undecided_pause
from booking.series.progress import SeriesStatus
from booking.series.queries import get_phases, get_series
from booking.series.revisions import list_revisions
from booking.tasks.models import TaskKind
from tests.builders import Clinic, a_closure
from tests.desk.change_scenarios import CHANGE_SCENARIOS, REASON
from tests.desk.page_forms import send
from tests.desk.scenario import Prepare
from tests.series.prescribed import RECOMMENDED, SIX, a_booked_series, appointments, tasks_of

FATE = re.compile(r'class="fate fate-(\w+)"')


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    return a_booked_series(clinic, RECOMMENDED)


def weekly(series: InfusionSeries) -> list[Appointment]:
    return appointments(series)[6:]


def fates(text: str) -> list[str]:
    """Return what a page says becomes of each visit to come, in its order."""
    return FATE.findall(text)


def standing(series: InfusionSeries) -> set[int]:
    return {each.id for each in appointments(series) if each.status is Status.BOOKED}


def test_a_pause_shows_what_it_cancels_before_it_is_ordered(
    practitioner: FlaskClient, series: InfusionSeries
) -> None:
    page, before = f"/desk/series/{series.id}/pause", standing(series)
    assert fates(practitioner.get(page).text) == []
    days = {"first_day": weekly(series)[1].local_date, "last_day": weekly(series)[2].local_date}
    shown = practitioner.get(page, query_string=days).text
    assert fates(shown) == ["stays", "cancelled", "cancelled", "stays"]
    assert "more than the series allows" in shown
    assert standing(series) == before
    answer = practitioner.post(page, data={**days, **REASON})
    assert answer.status_code == 302
    assert before - standing(series) == {each.id for each in weekly(series)[1:3]}
    assert len(tasks_of(TaskKind.DECIDE_PAUSED)) == 1


def test_the_task_leads_to_the_decision(practitioner: FlaskClient, series: InfusionSeries) -> None:
    days = {"first_day": weekly(series)[1].local_date, "last_day": ""}
    practitioner.post(f"/desk/series/{series.id}/pause", data={**days, **REASON})
    page = f"/desk/series/{series.id}/go-on"
    assert page in practitioner.get("/desk/tasks").text
    on_file = practitioner.get(f"/desk/patients/{series.patient_id}").text
    assert "until further notice" in on_file
    assert page in on_file
    course = practitioner.get(f"/desk/series/{series.id}").text
    assert page in course
    assert ">Rests</span>" in course
    for decision in ("go_on", "repeat-0", "end"):
        assert f'value="{decision}"' in practitioner.get(page).text or decision == "repeat-0"


def test_what_a_decision_makes_of_the_appointments_is_shown_and_done(
    practitioner: FlaskClient, series: InfusionSeries
) -> None:
    days = {"first_day": weekly(series)[1].local_date, "last_day": ""}
    practitioner.post(f"/desk/series/{series.id}/pause", data={**days, **REASON})
    page = f"/desk/series/{series.id}/go-on"
    chosen = {"decision": "go_on", "first_day": weekly(series)[3].local_date}
    shown = practitioner.get(page, query_string=chosen).text
    assert "new" in fates(shown)
    plan = unescape(re.findall(r'name="plan" value="([^"]*)"', shown)[0])
    answer = practitioner.post(page, data={**chosen, "plan": plan, **REASON})
    assert answer.status_code == 302
    assert find_undecided_pause(series.id) is None
    assert len(standing(series)) == 7 + fates(shown).count("new")


def test_a_series_is_ended_where_it_rested(
    practitioner: FlaskClient, series: InfusionSeries
) -> None:
    days = {"first_day": weekly(series)[1].local_date, "last_day": ""}
    practitioner.post(f"/desk/series/{series.id}/pause", data={**days, **REASON})
    chosen = {"decision": "end", "first_day": weekly(series)[3].local_date}
    practitioner.post(f"/desk/series/{series.id}/go-on", data={**chosen, **REASON})
    assert get_series(series.id).status is SeriesStatus.STOPPED


def test_every_second_appointment_stays_beside_those_that_are_cancelled(
    practitioner: FlaskClient, series: InfusionSeries
) -> None:
    page = f"/desk/series/{series.id}/frequency"
    chosen = {"days": 14, "first_day": weekly(series)[0].local_date}
    shown = practitioner.get(page, query_string=chosen).text
    assert fates(shown) == ["cancelled", "stays", "cancelled", "stays", "new", "new"]
    assert "14 days later" in shown
    plan = unescape(re.findall(r'name="plan" value="([^"]*)"', shown)[0])
    answer = practitioner.post(page, data={**chosen, "plan": plan, **REASON})
    assert answer.status_code == 302
    assert get_phases(get_series(series.id))[-1].name == "Every two weeks"
    (revision,) = list_revisions(series.id)
    assert revision.reason == REASON["reason"]


def test_what_was_booked_meanwhile_is_shown_and_not_done(
    clinic: Clinic, practitioner: FlaskClient, series: InfusionSeries
) -> None:
    page, before = f"/desk/series/{series.id}/frequency", standing(series)
    chosen = {"days": 14, "first_day": weekly(series)[0].local_date}
    shown = practitioner.get(page, query_string=chosen).text
    plan = unescape(re.findall(r'name="plan" value="([^"]*)"', shown)[0])
    last_new = re.findall(r"n(\d{4}-\d\d-\d\d)T", plan)[-1]
    a_closure(clinic.location, date.fromisoformat(last_new))
    answer = practitioner.post(page, data={**chosen, "plan": plan, **REASON})
    assert answer.status_code == 422
    assert "booked meanwhile" in answer.text
    assert REASON["reason"] in answer.text
    assert standing(series) == before


def test_an_end_shows_what_it_cancels(practitioner: FlaskClient, series: InfusionSeries) -> None:
    page = f"/desk/series/{series.id}/end"
    chosen = {"when": "sessions", "sessions": "8", "last_day": ""}
    assert fates(practitioner.get(page, query_string=chosen).text) == [
        "stays",
        "cancelled",
        "cancelled",
    ]
    practitioner.post(page, data={**chosen, **REASON})
    assert len(standing(series)) == 8
    assert practitioner.get(page, query_string={"when": "never"}).status_code == 200


@pytest.mark.parametrize(
    ("name", "chosen", "words"),
    [
        ("pause", {"first_day": "2020-01-01", "last_day": ""}, "today or a later day"),
        ("pause", {"first_day": "2027-01-05", "last_day": "2027-01-04"}, "This day can"),
        ("pause", {"first_day": "tomorrow", "last_day": ""}, "Enter a day."),
        ("frequency", {"days": "10", "first_day": "2026-12-20"}, "Choose from what is offered"),
        ("frequency", {"days": "14", "first_day": "2028-01-01"}, "This day can"),
        ("end", {"when": "day", "last_day": "", "sessions": ""}, "Enter it"),
        ("end", {"when": "sessions", "last_day": "", "sessions": "0"}, "whole number from"),
        ("end", {"when": "sessions", "last_day": "", "sessions": "9" * 400}, "whole number from"),
        ("end", {"when": "never", "last_day": "", "sessions": ""}, "no end that could"),
    ],
)
def test_what_can_not_be_is_said_and_keeps_what_was_typed(
    practitioner: FlaskClient,
    series: InfusionSeries,
    name: str,
    chosen: dict[str, str],
    words: str,
) -> None:
    page, before = f"/desk/series/{series.id}/{name}", standing(series)
    text = unescape(practitioner.get(page, query_string=chosen).text)
    assert words in text
    answer = practitioner.post(page, data={**chosen, **REASON})
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert standing(series) == before


@pytest.mark.parametrize("prepare", CHANGE_SCENARIOS)
def test_a_change_asks_for_a_reason(
    clinic: Clinic, practitioner: FlaskClient, prepare: Prepare
) -> None:
    scenario = prepare(clinic, practitioner)
    form = scenario.form(practitioner)
    answer = send(practitioner, form, {**scenario.typed, "reason": ""})
    assert answer.status_code == 422
    assert "Enter a reason." in answer.text


@pytest.mark.parametrize("prepare", CHANGE_SCENARIOS)
def test_the_front_desk_changes_no_series(
    clinic: Clinic, desk: FlaskClient, practitioner: FlaskClient, prepare: Prepare
) -> None:
    scenario = prepare(clinic, practitioner)
    assert desk.get(scenario.page).status_code == 403
    assert desk.post(scenario.action, data=REASON).status_code == 403


def test_a_series_without_an_open_end_has_no_frequency_to_choose(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic, SIX)
    answer = practitioner.get(f"/desk/series/{series.id}/frequency")
    assert answer.status_code == 302
    assert "/frequency" not in practitioner.get(f"/desk/patients/{series.patient_id}").text
