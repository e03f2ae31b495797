"""A session is lost: a practitioner sees before and after side by side, and heals the series in one step."""

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking import clock
from booking.appointments import operations as appointment_operations
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries
from booking.series.preferences import Preferences
from booking.series.proposals import propose_plans
from booking.staff.password_changes import set_password
from tests.browser import ON_A_PHONE_AND_A_DESK, OpenPage
from tests.builders import PHOENIX, Clinic, a_clinic, a_patient
from tests.desk.signed_in import PASSWORD
from tests.desk.test_walk import app, look_at, sign_in
from tests.series.prescribed import RECOMMENDED, a_template, appointments, starts
from tests.server import Server

__all__ = ["app"]


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    clinic = a_clinic()
    set_password(clinic.practitioner.email, PASSWORD, clock.now())
    return clinic


def a_series_now(clinic: Clinic) -> InfusionSeries:
    """Prescribe and book a series from tomorrow on, by the clock of the server."""
    now = clock.now()
    tomorrow = now.astimezone(PHOENIX).date() + timedelta(days=1)
    patient = a_patient(clinic, given_name="Ana", family_name="Ruiz")
    series = series_operations.prescribe_series(
        patient, a_template().id, RECOMMENDED, Preferences(), "ahwatukee", tomorrow,
        clinic.practitioner.id, now,
    )  # fmt: skip
    plan = starts(propose_plans(series, now))
    return series_operations.book_plan(series.id, plan, now, "staff:1")


@ON_A_PHONE_AND_A_DESK
def test_a_lost_session_is_healed_and_days_away_are_noted(
    clinic: Clinic, server: Server, open_page: OpenPage, width: int
) -> None:
    series = a_series_now(clinic)
    third = appointments(series)[2]
    appointment_operations.cancel(third.id, clock.now(), "online", by_patient=True)
    page = open_page(width, javascript=True)
    page.goto(f"{server.url}/desk/tasks")
    sign_in(page, clinic)
    page.get_by_role("link", name="See what can be done").click()
    expect(page.get_by_role("radio", name="Make it up as soon as possible")).to_be_checked()
    expect(page.get_by_text("1 new visit · no visit moves · every gap is kept")).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Do this").click()
    expect(page.get_by_text("Done: 1 new, 0 moved.")).to_be_visible()
    go_away(page, series)


def go_away(page: Page, series: InfusionSeries) -> None:
    """Note that the patient is away for a few days, and change their visit."""
    day = appointments(series)[-2].local_date
    page.get_by_role("link", name="The patient is away").click()
    page.get_by_label("First day away").fill(day.isoformat())
    page.get_by_label("Last day away").fill((day + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_text("1 visit moves · every gap is kept")).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Note the days and change the visits").click()
    expect(page.get_by_text("Done: 0 new, 1 moved.")).to_be_visible()
