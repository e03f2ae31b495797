"""The forms by which a series that goes on is changed, each on the page that shows what comes of it."""

from dataclasses import replace
from urllib.parse import urlencode

from flask.testing import FlaskClient

from booking.mood import operations as mood
from booking.series import pauses, personal_changes
from booking.series.models import InfusionSeries
from booking.series.pause_rules import PauseDays
from tests.adaptive.scores import answer, set_rule
from tests.builders import NOW, Clinic
from tests.desk.scenario import Prepare, Scenario
from tests.series.ongoing import an_ongoing_series
from tests.series.prescribed import RECOMMENDED, SIX, a_booked_series, appointments

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


def an_adaptive_series(clinic: Clinic) -> InfusionSeries:
    """Return a series whose scores have led to a proposal by a rule."""
    ongoing = an_ongoing_series(clinic)
    mood.start_mood_schedule(ongoing.series.id, 7, clinic.practitioner.id, NOW)
    set_rule(ongoing)
    answer(ongoing.series, 18, 5, 4)
    return ongoing.series


def set_spacing_rule(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/series/{an_adaptive_series(clinic).id}/spacing/rule"
    typed = {"steps": ["7", "14"], "good_score": "6", "good_fall": "", "worse_rise": "5", **REASON}
    return Scenario(page, page, typed)


def end_spacing_rule(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/series/{an_adaptive_series(clinic).id}/spacing/rule"
    return Scenario(page, f"{page}/end")


def decide_spacing(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/series/{an_adaptive_series(clinic).id}/spacing"
    return Scenario(page, page, {"decision": "apply", **REASON})


def change_phases(clinic: Clinic, _browser: FlaskClient) -> Scenario:
    series = a_booked_series(clinic)
    rest = (replace(SIX[0], sessions=2, recovery=45),)
    key = personal_changes.preview_phases(series, 5, rest, NOW).key
    page = f"/desk/series/{series.id}/phases"
    numbers = (
        *(("name", "Twice a week"), ("sessions", "2"), ("min_days", "2")),
        *(("ideal_min_days", "3"), ("ideal_max_days", "4"), ("max_days", "5")),
        *(("setup", "15"), ("infusion", "45"), ("recovery", "45")),
    )
    typed = {f"phases-0-{name}": text for name, text in numbers}
    order = {"step": "apply", "first_number": "5", "plan": key}
    return Scenario(f"{page}?first_number=5", page, {**REASON, **order, **typed})


CHANGE_SCENARIOS: tuple[Prepare, ...] = (
    *(pause_series, resume_series, change_frequency, end_series_after, change_phases),
)
SPACING_SCENARIOS: tuple[Prepare, ...] = (set_spacing_rule, end_spacing_rule, decide_spacing)
