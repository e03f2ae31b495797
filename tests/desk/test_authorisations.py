"""The desk records what a payer authorised, and what counts no longer."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from booking.series.authorisation_records import list_authorisations
from booking.series.models import InfusionSeries
from tests.builders import TOMORROW, Clinic
from tests.series.prescribed import a_booked_series

TYPED = {
    "reference": "PA 4711",
    "sessions": "12",
    "first_day": TOMORROW.isoformat(),
    "last_day": (TOMORROW + timedelta(days=90)).isoformat(),
}


def page_of(series: InfusionSeries) -> str:
    return f"/desk/series/{series.id}/authorisations"


def test_it_is_recorded_shown_and_ended(clinic: Clinic, desk: FlaskClient) -> None:
    series = a_booked_series(clinic)
    assert page_of(series) in desk.get(f"/desk/patients/{series.patient_id}").text
    assert desk.post(page_of(series), data=TYPED).location == page_of(series)
    page = desk.get(page_of(series)).text
    assert "PA 4711" in page
    assert "<td>12</td><td>6</td>" in page
    (record,) = list_authorisations(series.id)
    assert desk.post(f"{page_of(series)}/{record.id}/end").status_code == 302
    assert list_authorisations(series.id) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": ""}, {"reference": "x" * 61}, {"sessions": "0"}, {"sessions": "many"},
        {"sessions": "61"}, {"sessions": "9" * 400}, {"first_day": ""}, {"last_day": "2026-01-01"},
        {"last_day": "9999-12-31"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_kept(
    clinic: Clinic, desk: FlaskClient, wrong: dict[str, str]
) -> None:
    series = a_booked_series(clinic)
    answer = desk.post(page_of(series), data=TYPED | wrong)
    assert answer.status_code == 422
    assert list_authorisations(series.id) == []


def test_two_at_one_time_are_refused(clinic: Clinic, desk: FlaskClient) -> None:
    series = a_booked_series(clinic)
    desk.post(page_of(series), data=TYPED)
    assert "Two at most" in desk.post(page_of(series), data=TYPED | {"reference": "B"}).text
    assert len(list_authorisations(series.id)) == 1


def test_another_series_authorisation_is_not_ended(clinic: Clinic, desk: FlaskClient) -> None:
    series = a_booked_series(clinic)
    desk.post(page_of(series), data=TYPED)
    (record,) = list_authorisations(series.id)
    assert (
        desk.post(f"/desk/series/{series.id + 1}/authorisations/{record.id}/end").status_code == 404
    )
