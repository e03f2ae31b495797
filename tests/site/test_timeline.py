"""All visits by the link of one: after the birth date, for a while, and never by guessing."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from booking.appointments import attendance, operations
from booking.appointments.models import Appointment
from booking.appointments.rules import Outcome
from booking.db.transactions import transaction
from booking.extensions import db
from booking.patients.models import Patient
from booking.series.models import InfusionSeries
from booking.series.pause_rules import PauseDays
from booking.series.pauses import pause_series
from booking.series.revisions import revise_phases
from booking.site.birth_proof import PROOF_LASTS
from booking.web import limits
from booking.web.formats import format_day
from tests.browser import axe_violations, overflows
from tests.builders import NOW, Clinic, a_booking, a_clinic, local
from tests.second_engine import ibm_violations
from tests.series.prescribed import RECOMMENDED, a_booked_series
from tests.series.prescribed import appointments as series_appointments
from tests.site.steps import BIRTH
from tests.web.test_every_page import HOST, serve_from

OTHER_DAY = {**BIRTH, "birth_day": "28"}


@pytest.fixture
def sessions(clinic: Clinic) -> list[Appointment]:
    return series_appointments(a_booked_series(clinic))


def give(
    client: FlaskClient, appointment: Appointment, birth: dict[str, str] = BIRTH
) -> TestResponse:
    return client.post(f"/a/{appointment.token}/visits", data=birth)


def show(client: FlaskClient, appointment: Appointment) -> str:
    return client.get(f"/a/{appointment.token}/visits").text


def words(page: str) -> list[str]:
    """Return what each step of the timeline says, and how many days it is later."""
    entries = re.findall(r'<li class="step step-(\w+)">(.*?)</li>', page, re.DOTALL)
    steps = [(state, text) for state, text in entries if state not in ("phase", "review")]
    gaps = [re.search(r"(\d+) days? later", text) for _, text in steps]
    return [
        f"{state} {gap[1] if gap else '-'}" for (state, _), gap in zip(steps, gaps, strict=True)
    ]


def test_before_the_birth_date_nothing_of_other_appointments_is_shown(
    client: FlaskClient, sessions: list[Appointment]
) -> None:
    for path in ("", "/visits", "/move", "/cancel"):
        page = client.get(f"/a/{sessions[0].token}{path}").text
        assert not any(other.token in page for other in sessions[1:])
        assert "plan" not in page.lower()


def test_after_it_the_series_is_a_list_with_states_and_gaps(
    client: FlaskClient, clinic: Clinic, sessions: list[Appointment]
) -> None:
    first, *_, unplaced, last = sessions
    doctor = f"staff:{clinic.practitioner.id}"
    attendance.check_in(first.id, first.starts_at, doctor)
    attendance.fulfil(first.id, Outcome.TREATED, first.starts_at, doctor)
    operations.cancel(last.id, NOW, "online", by_patient=True)
    operations.cancel(unplaced.id, NOW, doctor, by_patient=False, reason="no nurse")
    assert give(client, first).location == f"/a/{first.token}/visits"
    page = show(client, first)
    days = [appointment.local_date for appointment in sessions]
    gaps = [(later - earlier).days for earlier, later in pairwise(days[:4])]
    assert words(page) == [
        "done -",
        *(f"coming {gap}" for gap in gaps),
        "unplaced -",
        "cancelled -",
    ]
    assert all(appointment.token in page for appointment in sessions[1:4])
    assert "<title>Your visits</title>" in page


def test_how_often_and_what_was_changed_stand_among_the_appointments_and_not_why(
    client: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    twice, weekly = RECOMMENDED
    longer = (twice, replace(weekly, sessions=1), replace(weekly, recovery=45))
    with transaction():
        row = db.session.get_one(InfusionSeries, series.id)
        revise_phases(row, longer, 8, clinic.practitioner.id, "Dizzy after it", NOW)
    first = series_appointments(series)[0]
    give(client, first)
    page = show(client, first)
    assert page.count("About twice a week</strong>") == 1
    assert page.count("About once a week</strong>") == 1
    assert "Your plan was changed on Monday, November 30." in page
    assert "Then we look together at how it goes." in page
    assert "Dizzy" not in page


def test_a_pause_is_said_and_what_it_cancelled_is_neither_missed_nor_lost(
    client: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    weekly = series_appointments(series)[6:]
    days = PauseDays(weekly[1].local_date, weekly[2].local_date)
    pause_series(series.id, days, clinic.practitioner.id, NOW, reason="Not well")
    first = series_appointments(series)[0]
    give(client, first)
    page = show(client, first)
    first_day, last_day = (format_day(each.local_date) for each in weekly[1:3])
    assert f"Your plan rests from {first_day} to {last_day}." in page
    assert [word.split()[0] for word in words(page)] == [*["coming"] * 7, "rest", "coming"]
    assert page.count('class="mark-missed') == 1  # in the legend
    assert 'class="mark-cancelled' not in page
    assert "Not well" not in page


def test_what_waits_for_the_end_of_a_pause_is_not_promised_a_time(
    client: FlaskClient, clinic: Clinic
) -> None:
    series = a_booked_series(clinic, RECOMMENDED)
    first, second, third, *_ = series_appointments(series)
    days = PauseDays(second.local_date, third.local_date)
    pause_series(series.id, days, clinic.practitioner.id, NOW, reason="Not well")
    give(client, first)
    page = show(client, first)
    assert page.count("Your plan rests. We tell you when it goes on.") == 2
    assert "We look for a time and tell you." not in page
    assert page.index("Your plan rests from") < page.index("Your plan rests. We tell")


def test_appointments_without_a_series_are_listed_with_their_links(
    client: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    give(client, appointment)
    page = show(client, appointment)
    assert words(page) == ["coming -"]
    assert f"/a/{appointment.token}" in page


def test_the_proof_is_this_links_alone_and_ends(
    client: FlaskClient, sessions: list[Appointment]
) -> None:
    stranger = a_booking(local(10))
    give(client, sessions[0])
    assert "Your plan" in show(client, sessions[0])
    assert "date of birth" in show(client, stranger)
    with time_machine.travel(NOW + PROOF_LASTS + timedelta(seconds=1), tick=False):
        assert "Your plan" not in show(client, sessions[0])


def test_a_wrong_date_shows_nothing_and_says_so(
    client: FlaskClient, sessions: list[Appointment]
) -> None:
    response = give(client, sessions[0], OTHER_DAY)
    assert response.status_code == 422
    assert "This is not the date of birth that we have" in response.text
    assert 'value="28"' in response.text
    assert "Your plan" not in show(client, sessions[0])


def test_guessing_ends_soon_from_whatever_address(app: Flask, sessions: list[Appointment]) -> None:
    app.config["LIMITS_STORAGE_URL"] = "database://"
    limits.init_app(app)
    statuses = []
    for number in range(7):
        client = app.test_client()
        response = client.post(
            f"/a/{sessions[0].token}/visits",
            data=OTHER_DAY,
            environ_base={"REMOTE_ADDR": f"192.0.2.{number + 1}"},
        )
        statuses.append(response.status_code)
    assert statuses == [422] * 5 + [429] * 2


def test_opening_it_writes_nothing_and_the_cookie_holds_no_token(
    client: FlaskClient, sessions: list[Appointment]
) -> None:
    client.get(f"/a/{sessions[0].token}/visits")
    give(client, sessions[0])
    with client.session_transaction() as session:
        assert sessions[0].token not in str(dict(session))


def test_the_timeline_is_accessible_and_fits(sqlite_app: Flask, page: Page) -> None:
    client = sqlite_app.test_client()
    with time_machine.travel(NOW, tick=False):
        session = series_appointments(a_booked_series(a_clinic()))[0]
        assert db.session.get_one(Patient, session.patient_id).birth_date.year == 1980
        give(client, session)
    serve_from(client, page)
    page.goto(f"{HOST}/a/{session.token}/visits")
    assert page.locator(".timeline .step:not(.step-phase, .step-review)").count() == 6
    assert axe_violations(page) + ibm_violations(page) == []
    assert not overflows(page)
