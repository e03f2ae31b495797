"""Dates of another age: refused with a clear message where they are typed, and no page ever breaks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pytest
from flask.testing import FlaskClient

from booking import clock
from booking.db.transactions import transaction
from booking.desk import form_versions
from booking.extensions import db
from booking.patients.models import Patient
from booking.screening.models import Suitability
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.models import InfusionSeries, ScheduleTemplate
from booking.series.queries import list_series
from booking.web import form_keys
from tests.builders import Clinic, a_booking, a_patient
from tests.desk.page_forms import PageForm, form_on, forms_on, send
from tests.desk.scenario import Scenario
from tests.desk.scenarios import SCENARIOS
from tests.desk.test_series import TYPED, patient, prescribe, template

__all__ = ["patient", "template"]  # fixtures
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EXTREMES = [
    "0000-00-00", "0001-01-01", "1899-12-31", "1999-12-31", "2026-02-30", "2200-01-02", "9999-12-31",
    "10000-01-01", "01/01/0001", "12/31/9999", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00", "2199-12-31T23:59:59-23:59", "2026-12-01T24:30:00Z",
]  # fmt: skip
# Of those that stand alone in a field: each breaks another kind of arithmetic
ALONE = ("0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")
LAST = date.max
DATE = re.compile(r"\d{4}-\d\d-\d\d(T[\d:+]+)?|\d\d/\d\d/\d{4}")
BOOKKEEPING = {"csrf_token", form_keys.FIELD, form_versions.FIELD}


@pytest.fixture
def browser(practitioner: FlaskClient) -> FlaskClient:
    """Practitioners may do all that the desk does."""
    return practitioner


def with_date(shown: object, extreme: str) -> str:
    """Return a field's text with each date in it replaced, as in a plan; without any, the extreme alone."""
    text = str(shown)
    return DATE.sub(extreme, text) if DATE.search(text) else extreme


def is_dated(shown: object) -> bool:
    """Tell whether a field holds dates, or nothing yet."""
    return shown == "" or DATE.search(str(shown)) is not None


def variants(
    form: PageForm, typed: Mapping[str, object], at_once: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Yield what was typed with extremes in all fields `at_once`, and some alone in each field with dates.

    Other fields have one extreme alone, and so have those that say what was shown: it tells of an outdated
    form whatever is in them, before anything else is read.
    """
    fields = {**form.hidden, **typed}
    read = sorted(fields.keys() - BOOKKEEPING)
    dated = [name for name in read if is_dated(fields[name])]
    for extreme in at_once if read else ():
        yield {**typed, **dict.fromkeys(read, extreme)}
    for name in dated:
        yield from ({**typed, name: with_date(fields[name], extreme)} for extreme in ALONE)
    for name in sorted(fields.keys() - {*dated, "csrf_token"}):
        yield {**typed, name: EXTREMES[-1]}


def shown_again(browser: FlaskClient, made: Scenario, form: PageForm) -> PageForm:
    """Return the form as it is shown after it was accepted, or as it was where it isn't any more."""
    shown = forms_on(browser.get(made.page).text, made.page)
    return next((other for other in shown if other.action == form.action), form)


@pytest.mark.parametrize(("number", "scenario"), list(enumerate(SCENARIOS)))
def test_no_form_breaks(clinic: Clinic, browser: FlaskClient, number: int, scenario: str) -> None:
    """All forms read dates by the same reader, so each has a third of the extremes in all its fields."""
    made, broken = SCENARIOS[scenario](clinic, browser), []
    form = made.form(browser)
    for sent in variants(form, made.typed, EXTREMES[number % 3 :: 3]):
        status = send(browser, form, sent).status_code
        broken += [sent] * (status >= 500)
        if status < 400:
            form = shown_again(browser, made, form)
    assert broken == []
    assert browser.get(made.page).status_code < 500


@pytest.mark.parametrize("extreme", EXTREMES)
def test_no_address_breaks(clinic: Clinic, browser: FlaskClient, extreme: str) -> None:
    appointment = a_booking()
    addresses = [
        "/desk/day", f"/desk/day/ahwatukee/{extreme}", "/desk/patients", "/desk/patients/new",
        f"/desk/patients/{appointment.patient_id}", f"/desk/patients/{appointment.patient_id}/book",
        f"/desk/visits/{appointment.id}", f"/desk/visits/{appointment.id}/move", "/desk/tasks",
        "/book/time", "/api/v1/slots", f"/a/{appointment.token}",
    ]  # fmt: skip
    names = ("date", "from", "q", "day", "start", "end", "location", "service")
    asked = dict.fromkeys(names, extreme)
    whole = {"service": "consultation", "location": "ahwatukee"}
    told = {
        (address, browser.get(address, query_string=query).status_code)
        for address in addresses
        for query in (asked, {**asked, **whole}, {**whole, "date": extreme, "from": extreme})
    }
    assert [one for one in told if one[1] >= 500] == []


def test_a_first_day_of_another_age_is_refused_at_its_field(
    browser: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    page = f"/desk/patients/{patient.id}/prescribe/{template.id}"
    form = form_on(browser, page, page)
    for day, problem in (
        ("9999-12-31", "Choose a day up to November 29, 2028."),
        ("2028-11-30", "Choose a day up to November 29, 2028."),
        ("2026-11-29", "Choose today or a later day."),
    ):
        response = send(browser, form, {**TYPED, "first_day": day})
        assert (response.status_code, problem in response.text, day in response.text) == (
            422,
            True,
            True,
        )
    assert list_series(patient.id) == []


def test_a_clearance_until_another_age_is_refused_at_its_field(
    browser: FlaskClient, patient: Patient
) -> None:
    page = f"/desk/patients/{patient.id}"
    form = form_on(browser, page, f"{page}/finding")
    response = send(browser, form, {"finding": "suitable", "valid_until": "9999-12-31"})
    assert response.status_code == 422
    assert "Choose a day up to November 29, 2028." in response.text


def test_rows_of_another_age_break_no_page(
    browser: FlaskClient, patient: Patient, template: ScheduleTemplate
) -> None:
    series = prescribe(browser, patient, template)
    other = a_patient()
    with transaction():
        db.session.get_one(InfusionSeries, series.id).first_day = LAST
        db.session.get_one(Patient, other.id).birth_date = LAST
        for finding in db.session.scalars(db.select(Suitability)):
            finding.valid_until = LAST
    pages = [f"/desk/series/{series.id}/plan", "/desk/day/ahwatukee/2026-12-01", "/desk/tasks"]
    pages += [
        f"/desk/patients/{one}{page}" for one in (patient.id, other.id) for page in ("", "/book")
    ]
    told = {page: browser.get(page).status_code for page in pages}
    assert set(told.values()) == {200}, told
    assert "nothing is free" in browser.get(pages[0]).text
    book_sessions_ahead(clock.now())
