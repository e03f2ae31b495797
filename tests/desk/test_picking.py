"""Another time for one session of a plan: what each slot costs, the plan around it, and why not another."""

import re
from datetime import date, time, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.models import InfusionSeries
from booking.series.preferences import Preferences, TimeWindow
from booking.series.proposals import propose_plans
from booking.series.queries import list_sessions
from tests.builders import NOW, TOMORROW, Clinic, a_clinic, a_closure, local
from tests.desk.page_forms import form_on, send
from tests.desk.test_why_not import answer, asked, short
from tests.series.prescribed import a_booked_series, a_series

THROUGH = re.compile(r'name="through" value="(\d+ [^"]*)"( checked)?>\s*<label[^>]*>([^<]*)')
PLAN = re.compile(r'name="plan" value="([^"]*)"')


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    return a_series(clinic)


def planned_day(series: InfusionSeries, number: int) -> date:
    return propose_plans(series, NOW).plans[0].sessions[number - 1].planned.day


def pick(series: InfusionSeries, number: int, query: str = "") -> str:
    return f"/desk/series/{series.id}/plan/sessions/{number}{query}"


def chosen(number: int, day: date, hour: int, slug: str = "ahwatukee") -> str:
    """Return a slot as an address has it."""
    return f"through={quote(f'{number} {slug} {local(hour, day=day).isoformat()}')}"


def test_every_slot_says_what_it_costs_by_colour_word_and_number(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    text = unescape(desk.get(pick(series, 3)).text)
    assert 'class="cost cost-best">best</span>' in text
    assert re.search(r'class="cost cost-near">near(: (1 day|([2-9]|\d\d+) days))?</span>', text)
    assert re.search(r'class="cost cost-gap">gaps: \d+ days?</span>', text)
    offered = THROUGH.findall(text)
    (now,) = [value for value, is_checked, _ in offered if is_checked]
    day = planned_day(series, 3)
    assert now.startswith(f"3 ahwatukee {day}")
    assert f"In the plan now: {day:%A, %B} {day.day}" in text


def test_the_other_sessions_are_planned_around_a_chosen_time(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    day = planned_day(series, 3) + timedelta(days=1)
    page = f"/desk/series/{series.id}/plan?{chosen(3, day, 14)}"
    text = unescape(desk.get(page).text)
    assert "1 time was chosen, and the others are planned around it." in text
    assert "As chosen" in text
    key = PLAN.findall(text)[0]
    assert f"ahwatukee {local(14, day=day).isoformat()}" in key.split(",")[2]
    form = form_on(desk, page, f"/desk/series/{series.id}/plan")
    response = send(desk, form, {"plan": key})
    assert "The whole series is booked." in desk.get(response.location).text
    booked = list_sessions(series.id)[2].appointment
    assert booked is not None
    assert booked.starts_at == local(14, day=day)


def test_one_choice_is_kept_while_another_is_made(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    day = planned_day(series, 2)
    query = f"?{chosen(2, day, 15)}"
    text = unescape(desk.get(pick(series, 4, query)).text)
    kept = f"2 ahwatukee {local(15, day=day).isoformat()}"
    assert f'<input type="hidden" name="through" value="{kept}">' in text
    both = f"{query}&{chosen(4, planned_day(series, 4), 15)}"
    plan = desk.get(f"/desk/series/{series.id}/plan{both}").text
    assert "2 times were chosen" in plan


def test_a_chosen_time_that_is_not_possible_is_said_so(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    page = f"/desk/series/{series.id}/plan?{chosen(3, TOMORROW, 9)}"
    text = desk.get(page).text
    assert "A time that was chosen is no longer possible" in text
    assert "Best fit" in text
    assert desk.get(pick(series, 2, f"?{chosen(3, TOMORROW, 9)}")).status_code == 302


def test_nothing_stands_against_a_day_around_which_the_others_can_be(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    day = planned_day(series, 2) + timedelta(days=6)  # a day more than the gap may have
    text = answer(desk, asked(pick(series, 3), day, "10:00"))
    assert "Nothing stands against 10:00 AM" in text
    assert "Choose among the times of that day" in text


def test_why_not_is_asked_of_a_session_of_the_plan(
    clinic: Clinic, desk: FlaskClient, series: InfusionSeries
) -> None:
    day = planned_day(series, 2) + timedelta(days=1)
    a_closure(clinic.location, day)
    text = answer(desk, asked(pick(series, 3), day, "10:00"))
    before = planned_day(series, 2)
    assert "The location is closed on that day: Closed." in text
    assert f"From session 2 ({short(before)}) to session 3" in text
    assert "A practitioner may allow it" not in text


@pytest.mark.parametrize(
    "query",
    [
        "through=",
        "through=3",
        "through=x+ahwatukee+2026-12-03T09:00:00-07:00",
        "through=3+nowhere+2026-12-03T09:00:00-07:00",
        "through=3+ahwatukee+noon",
        "through=3+ahwatukee+2026-12-03T09:00:00",
        "through=99999999999999999999+ahwatukee+2026-12-03T09:00:00-07:00",
    ],
)
def test_a_choice_that_makes_no_sense_is_none(
    desk: FlaskClient, series: InfusionSeries, query: str
) -> None:
    response = desk.get(f"/desk/series/{series.id}/plan?{query}")
    assert response.status_code == 200
    assert "Best fit" in response.text
    assert desk.get(pick(series, 3, f"?{query}")).status_code == 200


def test_what_is_not_of_a_plan_leads_to_the_plan(desk: FlaskClient, clinic: Clinic) -> None:
    booked = a_booked_series(clinic)
    response = desk.get(pick(booked, 1))
    assert response.location == f"/desk/series/{booked.id}/plan"
    assert desk.get("/desk/series/99/plan/sessions/1").status_code == 404


def test_a_session_can_be_at_either_location_the_patient_goes_to(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    a_clinic(slug="scottsdale")
    prefer(series, Preferences(locations=("scottsdale",)))
    text = unescape(desk.get(pick(series, 3, "?location=scottsdale")).text)
    offered = [value for value, _, _ in THROUGH.findall(text)]
    assert offered
    assert all(value.startswith("3 scottsdale ") for value in offered)


def prefer(series: InfusionSeries, preferences: Preferences) -> None:
    with transaction():
        row = db.session.get_one(InfusionSeries, series.id)
        row.preferences = preferences.to_dict()


def enough(desk: FlaskClient, series: InfusionSeries) -> str:
    """Return the changes of which each would give a series without a plan one."""
    text = unescape(desk.get(f"/desk/series/{series.id}/plan").text)
    assert "Each of these would be enough" in text
    return text[text.index('id="enough"') :]


def test_a_series_without_a_plan_says_with_how_little_it_had_one(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    a_clinic(slug="scottsdale")
    prefer(series, Preferences(only=TimeWindow(frozenset({0, 1}))))  # never two days apart
    changes = enough(desk, series)
    assert "Fridays, too" in changes
    assert "Gaps of up to 7 days instead of 5 (Twice a week)" in changes
    assert "At Scottsdale Clinic, too" not in changes
    page = desk.get(f"/desk/series/{series.id}/plan").text
    assert "Asked for were Mondays and Tuesdays alone." in page
    assert "Session 2 has no place" in page


def test_what_was_rather_had_and_no_plan_has_says_with_how_little_it_could_be(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    prefer(series, Preferences(rather=TimeWindow(frozenset({0, 1}))))
    text = unescape(desk.get(f"/desk/series/{series.id}/plan").text)
    wishes = text[text.index('id="wishes"') : text.index("Choose a plan")]
    assert "Asked for were Mondays and Tuesdays alone. Each of these would be enough:" in wishes
    assert "Fridays, too" in wishes
    assert "not as asked for" in text


def test_plans_that_have_all_that_was_asked_for_say_so(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    prefer(series, Preferences(rather=TimeWindow(frozenset({0, 3}))))
    text = desk.get(f"/desk/series/{series.id}/plan").text
    assert "all as asked for" in text
    assert 'id="wishes"' not in text


def test_plans_say_where_they_are_and_how_much_later_they_start(
    desk: FlaskClient, clinic: Clinic, series: InfusionSeries
) -> None:
    a_clinic(slug="scottsdale")
    for number in range(90):
        a_closure(clinic.location, TOMORROW + timedelta(days=number))
    prefer(series, Preferences(locations=("scottsdale",)))
    text = unescape(desk.get(f"/desk/series/{series.id}/plan").text)
    assert "all at Scottsdale Clinic" in text
    assert re.search(r"starts \d+ days? later", text)


def test_where_no_single_change_is_enough_those_that_are_together_are_named(
    desk: FlaskClient, series: InfusionSeries
) -> None:
    phases = [{**phase, "gap": [2, 2, 2, 2]} for phase in series.phases]
    with transaction():
        db.session.get_one(InfusionSeries, series.id).phases = phases
    prefer(series, Preferences(only=TimeWindow(frozenset({0, 1}), time(17), time(18))))
    text = unescape(desk.get(f"/desk/series/{series.id}/plan").text)
    assert "There is no plan that keeps the rules" in text
    assert "Each of these would be enough" not in text
    assert "It takes all of these together" in text


def test_another_location_may_be_enough(
    desk: FlaskClient, clinic: Clinic, series: InfusionSeries
) -> None:
    a_clinic(slug="scottsdale")
    for number in range(90):
        a_closure(clinic.location, TOMORROW + timedelta(days=number + 4))
    changes = enough(desk, series)
    assert "At Scottsdale Clinic, too" in changes
    assert "A chair and a nurse free on" in changes


def test_a_day_says_what_its_best_time_gives_up(desk: FlaskClient, series: InfusionSeries) -> None:
    best = planned_day(series, 3)
    text = unescape(desk.get(pick(series, 3, f"?date={best}")).text)
    assert "Best on this day: 9:00 AM. No plan is better." in " ".join(text.split())
    sooner = best - timedelta(days=2)
    text = unescape(desk.get(pick(series, 3, f"?date={sooner}&from={sooner}")).text)
    assert re.search(r"Compared with the best plan: \d+ days? more off the ideal gaps", text)
