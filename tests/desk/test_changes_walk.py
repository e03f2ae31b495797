"""A practitioner changes a series that goes on, in a real browser: how often, a pause, its end."""

import re
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking import clock
from booking.adaptive import operations as adaptive
from booking.mood import operations as mood
from booking.series import operations as series_operations
from booking.series.models import InfusionSeries
from booking.series.preferences import Preferences
from booking.series.proposals import propose_plans
from booking.staff.password_changes import set_password
from tests.adaptive.scores import RULE, answer
from tests.browser import ON_A_PHONE_AND_A_DESK, OpenPage
from tests.builders import PHOENIX, Clinic, a_clinic, a_patient
from tests.desk.signed_in import PASSWORD
from tests.desk.test_walk import look_at, sign_in
from tests.series.prescribed import RECOMMENDED, a_template, appointments, starts
from tests.server import Server, app_beside


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as made:
        yield made


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    made = a_clinic(opens=time(8), closes=time(18))
    set_password(made.practitioner.email, PASSWORD, clock.now())
    return made


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    """Six visits twice a week, then weekly ones, from tomorrow on; a rule proposes another spacing."""
    now, by = clock.now(), clinic.practitioner.id
    tomorrow = now.astimezone(PHOENIX).date() + timedelta(days=1)
    prescribed = series_operations.prescribe_series(
        a_patient(clinic),
        a_template().id,
        RECOMMENDED,
        Preferences(),
        "ahwatukee",
        tomorrow,
        by,
        now,
    )
    booked = series_operations.book_plan(
        prescribed.id, starts(propose_plans(prescribed, now)), now, f"staff:{by}"
    )
    since = now - timedelta(days=4)
    mood.start_mood_schedule(booked.id, 7, by, since)
    adaptive.set_rule(booked.id, RULE, by, since, reason="Stable")
    answer(booked, 18, 5, 4, since=since)
    return booked


def choose_day(page: Page, label: str, day: date) -> None:
    page.get_by_label(label).fill(day.isoformat())
    page.get_by_role("button", name="Show what it changes").click()
    look_at(page)


@ON_A_PHONE_AND_A_DESK
def test_a_series_is_changed_as_it_was_shown(
    clinic: Clinic, series: InfusionSeries, server: Server, open_page: OpenPage, width: int
) -> None:
    weekly = [each.local_date for each in appointments(series)[6:]]
    page = open_page(width, javascript=True)
    page.goto(f"{server.url}/desk/patients/{series.patient_id}")
    sign_in(page, clinic)
    page.goto(f"{server.url}/desk/patients/{series.patient_id}")
    decline_spacing(page, weekly)
    page.goto(f"{server.url}/desk/patients/{series.patient_id}")

    change_its_phases(page)
    page.get_by_role("link", name="Change how often…").click()
    page.get_by_label("How often", exact=True).select_option("14")
    choose_day(page, "From which day on", weekly[0])
    expect(page.get_by_text("cancelled", exact=True)).to_have_count((len(weekly) + 1) // 2)
    page.get_by_role("button", name="Change it so").click()
    expect(page.get_by_text("Enter a reason.")).to_be_visible()
    page.get_by_label("Reason").fill("Well for a month")
    page.get_by_role("button", name="Change it so").click()
    expect(page.get_by_text("From now on the series is every two weeks.")).to_be_visible()

    page.get_by_role("link", name="Pause…").click()
    choose_day(page, "First day of the pause", weekly[1])
    page.get_by_label("Reason").fill("Travels")
    page.get_by_role("button", name="Pause the series").click()
    expect(page.get_by_text(re.compile(r"until further notice \(.+\): Travels"))).to_be_visible()
    look_at(page)

    page.get_by_role("link", name="Decide how it goes on").click()
    page.get_by_label("Go on where it was").check()
    choose_day(page, "From which day", weekly[3])
    page.get_by_label("Reason").fill("Back again")
    page.get_by_role("button", name="Let it go on so").click()
    expect(page.get_by_text("it went on where it was: Back again")).to_be_visible()

    page.get_by_role("link", name="Set an end…").click()
    page.get_by_label("After a number of sessions more").check()
    page.get_by_label("Sessions more", exact=True).fill("8")
    page.get_by_role("button", name="Show what it changes").click()
    page.get_by_label("Reason").fill("Enough by then")
    page.get_by_role("button", name="Set it so").click()
    expect(page.get_by_text("The end of the series is set.")).to_be_visible()


def decline_spacing(page: Page, weekly: list[date]) -> None:
    """Look at what scores lead to beside what is booked, leave it, and look at the rule."""
    page.get_by_role("link", name="Spacing by scores").click()
    expect(page.get_by_text("Proposed: every two weeks instead of every week")).to_be_visible()
    choose_day(page, "From which day on", weekly[0])
    page.get_by_label("Reason").fill("Two good weeks are not enough")
    page.get_by_role("button", name="Leave the spacing as it is").click()
    expect(page.get_by_text("Nothing is proposed now.")).to_be_visible()
    page.get_by_role("link", name="Change the rule").click()
    look_at(page)


def change_its_phases(page: Page) -> None:
    """Give the weekly visits more minutes from the ninth session on, with the effect shown before."""
    page.get_by_role("link", name="Change its phases…").click()
    page.get_by_label("From which session on").select_option("9")
    page.get_by_role("button", name="Show its phases").click()
    page.get_by_label("Recovery").fill("40")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 h 30 min → 1 h 40 min").first).to_be_visible()
    look_at(page)
    page.get_by_label("Reason").fill("Dizzy after the last two")
    page.get_by_role("button", name="Change it so").click()
    expect(page.get_by_text("The phases are changed from session 9 on.")).to_be_visible()
