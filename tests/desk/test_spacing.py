"""Spacing by scores at the desk: the scores, what is proposed beside what is booked, and the decision."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from booking.adaptive.models import ProposalStatus
from booking.adaptive.queries import find_open_proposal, find_order, get_rule, list_proposals
from booking.adaptive.rules import SpacingRule
from booking.mood import operations as mood
from booking.series.models import InfusionSeries
from booking.series.queries import get_phases, get_series
from tests.builders import NOW, Clinic
from tests.desk.change_scenarios import REASON, SPACING_SCENARIOS, an_adaptive_series
from tests.desk.scenario import Prepare
from tests.desk.test_series_changes import fates, standing
from tests.series.ongoing import an_ongoing_series
from tests.series.prescribed import appointments

NUMBERS = {"steps": ["7", "28"], "good_score": "6", "good_fall": "", "worse_rise": "5", **REASON}


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    return an_adaptive_series(clinic)


def page_of(series: InfusionSeries) -> str:
    return f"/desk/series/{series.id}/spacing"


def shown(browser: FlaskClient, series: InfusionSeries) -> tuple[str, dict[str, object]]:
    """Return the page from the first weekly visit on, and what its form sends."""
    first_day = appointments(series)[6].local_date
    text = browser.get(page_of(series), query_string={"first_day": first_day}).text
    plan = unescape(re.findall(r'name="plan" value="([^"]*)"', text)[0])
    return text, {"first_day": first_day, "plan": plan, **REASON}


def test_what_is_proposed_stands_beside_what_is_booked_with_the_scores(
    practitioner: FlaskClient, series: InfusionSeries
) -> None:
    text, _ = shown(practitioner, series)
    assert "Proposed: every two weeks instead of every week" in text
    assert "The last two scores are good: 5 and 4." in text
    assert fates(text)[:4] == ["cancelled", "stays", "cancelled", "stays"]
    assert "Unchanged, every week" in text
    assert "<polyline" in text


def test_applied_it_changes_what_was_shown(
    practitioner: FlaskClient, series: InfusionSeries
) -> None:
    text, typed = shown(practitioner, series)
    answer = practitioner.post(page_of(series), data={**typed, "decision": "apply"})
    assert answer.status_code == 302
    assert get_phases(get_series(series.id))[-1].name == "Every two weeks"
    assert len(standing(series)) == 6 + fates(text).count("stays") + fates(text).count("new")
    page = practitioner.get(page_of(series)).text
    assert "Nothing is proposed now." in page
    assert "applied: Talked to the patient" in re.sub(r"\s+", " ", page)


def test_declined_it_changes_nothing(practitioner: FlaskClient, series: InfusionSeries) -> None:
    _, typed = shown(practitioner, series)
    before = standing(series)
    practitioner.post(page_of(series), data={**typed, "decision": "decline"})
    assert standing(series) == before
    assert [each.status for each in list_proposals(series.id)] == [ProposalStatus.DECLINED]


def test_a_decision_asks_for_a_reason(practitioner: FlaskClient, series: InfusionSeries) -> None:
    _, typed = shown(practitioner, series)
    answer = practitioner.post(page_of(series), data={**typed, "decision": "apply", "reason": ""})
    assert answer.status_code == 422
    assert "Enter a reason." in answer.text
    assert find_open_proposal(series.id) is not None


def test_the_task_leads_to_the_proposal(practitioner: FlaskClient, series: InfusionSeries) -> None:
    text = practitioner.get("/desk/tasks").text
    assert "Decide on a proposed spacing" in text
    assert page_of(series) in text


def test_a_rule_is_set_with_its_numbers_and_reason(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = an_ongoing_series(clinic).series
    mood.start_mood_schedule(series.id, 7, clinic.practitioner.id, NOW)
    practitioner.post(f"{page_of(series)}/rule", data=NUMBERS)
    order = find_order(series.id)
    assert order is not None
    assert get_rule(order) == SpacingRule((7, 28), 6, None, 5)
    page = unescape(practitioner.get(page_of(series)).text)
    assert "good at 6 points or less; worse at 5 above" in page
    assert REASON["reason"] in page
    practitioner.post(f"{page_of(series)}/rule/end")
    assert find_order(series.id) is None


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"steps": ["7"]}, "Choose two at least."),
        ({"steps": []}, "Choose two at least."),
        ({"good_score": "28"}, "whole number from 0 to 27"),
        ({"good_score": "9" * 400}, "whole number from 0 to 27"),
        ({"worse_rise": ""}, "Enter a number."),
        ({"good_fall": "much"}, "Enter a whole number."),
        ({"reason": " "}, "Enter a reason."),
    ],
)
def test_a_rule_that_can_not_be_is_said_at_its_field_and_keeps_what_was_typed(
    practitioner: FlaskClient, series: InfusionSeries, typed: dict[str, object], words: str
) -> None:
    order = find_order(series.id)
    answer = practitioner.post(f"{page_of(series)}/rule", data={**NUMBERS, **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert find_order(series.id) == order


def test_without_forms_there_are_no_scores_and_no_rule(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = an_ongoing_series(clinic).series
    answer = practitioner.post(f"{page_of(series)}/rule", data=NUMBERS)
    assert answer.status_code == 422
    assert "Switch it on first" in answer.text


@pytest.mark.parametrize("prepare", SPACING_SCENARIOS)
def test_the_front_desk_neither_sees_scores_nor_decides(
    clinic: Clinic, desk: FlaskClient, practitioner: FlaskClient, prepare: Prepare
) -> None:
    scenario = prepare(clinic, practitioner)
    assert desk.get(scenario.page).status_code == 403
    assert desk.post(scenario.action, data=REASON).status_code == 403
