"""A day is closed in a real browser: whom it hits, the plan, the board, and a patient who takes the time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking import clock
from booking.outages.making_plans import plan_waiting_cases
from booking.staff.password_changes import set_password
from tests.browser import ON_A_PHONE_AND_A_DESK, OpenPage, axe_violations, overflows
from tests.builders import PHOENIX, Clinic, a_booking, a_clinic, local
from tests.desk.signed_in import PASSWORD
from tests.outages.cases import SECONDS, affected_patients
from tests.second_engine import ibm_violations
from tests.server import Server, app_beside

DAYS_AHEAD = 3


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as made:
        yield made


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """A clinic with two bookings in three days, and a practitioner who can sign in."""
    made, now = a_clinic(), clock.now()
    set_password(made.practitioner.email, PASSWORD, now)
    for hour in (10, 12):
        a_booking(local(hour, day=now.astimezone(PHOENIX).date() + timedelta(days=DAYS_AHEAD)), now)
    return made


def look_at(page: Page) -> None:
    """Every page is accessible and fits the screen."""
    assert axe_violations(page) + ibm_violations(page) == []
    assert not overflows(page)


@ON_A_PHONE_AND_A_DESK
def test_a_day_is_closed_and_the_board_followed(
    clinic: Clinic, server: Server, open_page: OpenPage, width: int
) -> None:
    page = open_page(width, javascript=True)
    page.goto(f"{server.url}/desk/closures")
    page.get_by_label("E-mail").fill(clinic.practitioner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    look_at(page)
    page.get_by_role("link", name="Close…").click()
    look_at(page)
    day = clock.now().astimezone(PHOENIX).date() + timedelta(days=DAYS_AHEAD)
    page.get_by_role("group", name="From").get_by_label("Day").fill(day.isoformat())
    page.get_by_label("Why (staff alone read this)").fill("Pipe burst")
    page.get_by_role("button", name="Show whom it hits").click()
    expect(page.get_by_text("2 visits can't take place as booked.")).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("New times are being looked for.")).to_be_visible()
    look_at(page)
    plan_waiting_cases(clock.now(), SECONDS)
    expect(page.get_by_text("2 visits get new times")).to_be_visible()  # shown by itself
    look_at(page)
    page.get_by_role("button", name="Use the plan shown below").click()
    expect(page.get_by_role("heading", name="Asked, waiting for an answer")).to_be_visible()
    look_at(page)
    board = page.url
    answer_as_patient(page, server)
    page.goto(board)
    expect(page.get_by_text("Took the time")).to_be_visible()
    look_at(page)


def answer_as_patient(page: Page, server: Server) -> None:
    """Take the held time by the link of the text."""
    page.goto(f"{server.url}/c/{affected_patients()[0].token}")
    look_at(page)
    page.get_by_role("button", name="Take this time").click()
    expect(page.get_by_role("heading", name="Your visit is moved")).to_be_visible()
    look_at(page)
