"""The forms of what payers authorise, and what is typed there."""

from datetime import date

from flask.testing import FlaskClient

from booking.series.authorisation_records import (
    record_authorisation as record_series_authorisation,
)
from booking.series.authorisations import AuthorisedSessions
from tests.builders import NOW, Clinic
from tests.desk.scenario import Prepare, Scenario
from tests.series.prescribed import a_booked_series


def record_authorisation(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/series/{a_booked_series(clinic).id}/authorisations"
    typed = {
        "reference": "A-1",
        "sessions": "12",
        "first_day": "2026-12-01",
        "last_day": "2027-03-01",
    }
    return Scenario(page, page, typed)


def end_authorisation(clinic: Clinic, browser: FlaskClient) -> Scenario:
    scenario = record_authorisation(clinic, browser)
    authorised = AuthorisedSessions(12, date(2026, 12, 1), date(2027, 3, 1))
    series_id = int(scenario.page.split("/")[3])
    record = record_series_authorisation(series_id, authorised, "A-1", clinic.practitioner.id, NOW)
    return Scenario(scenario.page, f"{scenario.page}/{record.id}/end")


AUTHORISATION_SCENARIOS: tuple[Prepare, ...] = (record_authorisation, end_authorisation)
