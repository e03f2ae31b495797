"""A series' own phases at the desk: edited, shown with what becomes of the visits, changed with a reason."""

import pytest
from flask.testing import FlaskClient

from booking.series.models import InfusionSeries
from booking.series.queries import get_phases
from booking.series.revisions import list_revisions
from tests.builders import Clinic
from tests.desk.change_scenarios import change_phases
from tests.desk.page_forms import form_on, send
from tests.series.prescribed import RECOMMENDED, SIX, a_booked_series

LONGER = {
    "phases-0-name": "Twice a week", "phases-0-sessions": "4", "phases-0-min_days": "2",
    "phases-0-ideal_min_days": "3", "phases-0-ideal_max_days": "4", "phases-0-max_days": "5",
    "phases-0-setup": "15", "phases-0-infusion": "45", "phases-0-recovery": "45",
}  # fmt: skip


def page_of(series: InfusionSeries) -> str:
    return f"/desk/series/{series.id}/phases"


def test_it_begins_with_what_is_left_from_the_next_session_on(
    practitioner: FlaskClient, desk: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    page = page_of(series)
    assert page in practitioner.get(f"/desk/patients/{series.patient_id}").text
    text = practitioner.get(page).text
    assert 'name="phases-0-sessions" value="6"' in text
    assert 'name="phases-1-sessions" value=""' in text
    text = practitioner.get(f"{page}?first_number=5").text
    assert 'name="phases-0-sessions" value="2"' in text
    assert desk.get(page).status_code == 403
    assert practitioner.get("/desk/series/99/phases").status_code == 404


def test_what_it_changes_is_shown_and_nothing_changes_yet(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic)
    form = form_on(practitioner, f"{page_of(series)}?first_number=5", page_of(series))
    answer = send(practitioner, form, {**LONGER, "step": "preview"})
    assert answer.status_code == 200
    for expected in (
        "Twice a week: 2 sessions → 4 sessions", "15 + 45 + 30 minutes → 15 + 45 + 45 minutes",
        "1 h 30 min → 1 h 45 min", "fate-new", "Change it so",
    ):  # fmt: skip
        assert expected in answer.text
    assert get_phases(series) == SIX
    assert list_revisions(series.id) == []


def test_it_is_changed_as_it_was_shown_and_told_on_the_patients_page(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    scenario = change_phases(clinic, practitioner)
    answer = send(practitioner, scenario.form(practitioner), scenario.typed)
    assert answer.status_code == 302
    assert "The phases are changed from session 5 on." in practitioner.get(answer.location).text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"plan": "k1"}, "Something was booked meanwhile."),
        ({"reason": ""}, "Enter a reason."),
        ({"phases-0-sessions": "0"}, "Enter a whole number from 1 to 60."),
        ({"phases-0-sessions": "9" * 400}, "Enter a whole number from 1 to 60."),
        ({"phases-0-recovery": "30", "plan": ""}, "These are the phases that it has."),
        ({"phases-0-max_days": "1"}, "The four numbers must rise"),
    ],
)
def test_what_is_wrong_or_was_not_shown_changes_nothing(
    practitioner: FlaskClient, clinic: Clinic, typed: dict[str, str], told: str
) -> None:
    scenario = change_phases(clinic, practitioner)
    form = scenario.form(practitioner)
    answer = send(practitioner, form, {**scenario.typed, **typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Twice a week"' in answer.text


def test_phases_are_added_and_moved_before_anything_is_shown(
    practitioner: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic)
    form = form_on(practitioner, f"{page_of(series)}?first_number=7", page_of(series))
    text = send(practitioner, form, {"step": "add"}).text
    assert 'name="phases-0-sessions" value="4"' in text
    assert 'name="first_number" value="7"' in text
    weekly = {**LONGER, "phases-0-name": "Weekly", "phases-0-recovery": "30"}
    numbers = {"min_days": "5", "ideal_min_days": "7", "ideal_max_days": "7", "max_days": "9"}
    weekly |= {f"phases-0-{name}": text for name, text in numbers.items()}
    text = send(practitioner, form, {**weekly, "step": "preview"}).text
    assert "Added: Weekly (4 sessions, 7 days apart (5–9 allowed)" in text
