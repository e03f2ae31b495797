"""The forms by which a series that goes on is changed, each on the page that shows what comes of it."""

from urllib.parse import urlencode

from flask.testing import FlaskClient

from booking.series import pauses
from booking.series.pause_rules import PauseDays
from tests.builders import NOW, Clinic
from tests.desk.scenario import Prepare, Scenario
from tests.series.prescribed import RECOMMENDED, a_booked_series, appointments

REASON = {"reason": "Talked to the patient"}


def change_page(series_id: int, name: str, **chosen: object) -> Scenario:
    """Return a page on which a change was chosen and is shown, and its form."""
    page = f"/desk/series/{series_id}/{name}"
    return Scenario(f"{page}?{urlencode(chosen)}", page, REASON)


def pause_series(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic, RECOMMENDED)
    first_day = appointments(series)[6].local_date
    return change_page(series.id, "pause", first_day=first_day, last_day="")


def resume_series(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic, RECOMMENDED)
    first_day = appointments(series)[6].local_date
    pauses.pause_series(
        series.id, PauseDays(first_day, None), clinic.practitioner.id, NOW, reason="Travels"
    )
    later = appointments(series)[8].local_date
    return change_page(series.id, "go-on", decision="go_on", first_day=later)


def change_frequency(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic, RECOMMENDED)
    first_day = appointments(series)[6].local_date
    return change_page(series.id, "frequency", days=14, first_day=first_day)


def end_series_after(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic, RECOMMENDED)
    return change_page(series.id, "end", when="sessions", sessions=7, last_day="")


CHANGE_SCENARIOS: tuple[Prepare, ...] = (
    *(pause_series, resume_series, change_frequency, end_series_after),
)
