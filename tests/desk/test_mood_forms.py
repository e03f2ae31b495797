"""A practitioner switches the form on for a series, reads what was answered, and is told of danger."""

from flask.testing import FlaskClient

from booking.mood import operations as mood
from booking.mood.queries import find_schedule
from booking.series.models import InfusionSeries
from tests.builders import Clinic
from tests.mood.asked import IN_DANGER, an_asked_series, ask, nine_on
from tests.series.prescribed import a_booked_series

HIGH = [2, 2, 2, 2, 2, 2, 2, 2, 0]


def page_of(series: InfusionSeries) -> str:
    return f"/desk/series/{series.id}/forms"


def test_it_is_switched_on_at_a_rhythm_and_off(clinic: Clinic, practitioner: FlaskClient) -> None:
    series = a_booked_series(clinic)
    assert page_of(series) in practitioner.get(f"/desk/patients/{series.patient_id}").text
    assert "Off." in practitioner.get(page_of(series)).text
    answer = practitioner.post(f"{page_of(series)}/on", data={"every_days": "14"})
    assert answer.location == page_of(series)
    assert "On: every 14 days" in practitioner.get(page_of(series)).text
    assert practitioner.post(f"{page_of(series)}/off").status_code == 302
    assert find_schedule(series.id) is None


def test_a_rhythm_that_is_not_offered_changes_nothing(
    clinic: Clinic, practitioner: FlaskClient
) -> None:
    series = a_booked_series(clinic)
    for days in ("1", "", "often"):
        answer = practitioner.post(f"{page_of(series)}/on", data={"every_days": days})
        assert answer.status_code == 422
    assert find_schedule(series.id) is None


def test_scores_are_read_by_practitioners_alone(
    clinic: Clinic, desk: FlaskClient, practitioner: FlaskClient
) -> None:
    series = an_asked_series(clinic)
    (first,) = ask(nine_on(series))
    mood.answer_form(first.token, HIGH, nine_on(series))
    ask(nine_on(series, 7))
    page = practitioner.get(page_of(series)).text
    assert "moderately severe" in page
    assert "2 2 2 2 2 2 2 2 0" in page
    assert "not yet" in page
    assert "1 form was answered: 16 of 27 points." in page
    assert desk.get(page_of(series)).status_code == 403
    assert page_of(series) not in desk.get(f"/desk/patients/{series.patient_id}").text


def test_danger_is_on_the_bar_at_once_with_a_name_and_a_number_to_call(
    clinic: Clinic, desk: FlaskClient
) -> None:
    series = an_asked_series(clinic)
    (form,) = ask(nine_on(series))
    mood.answer_form(form.token, IN_DANGER, nine_on(series))
    bar = desk.get("/desk/alerts").text
    assert "Says in a form that they think of death or of hurting themselves" in bar
    page = desk.get("/desk/tasks").text
    assert "Crisis: call now" in page
    assert f"/desk/patients/{series.patient_id}#series-{series.id}" in page
    assert 'href="tel:' in page
