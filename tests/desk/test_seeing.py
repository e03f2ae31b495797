"""The desk's pages for those who see them otherwise: forced colours, large text, read aloud."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from booking import clock as clocks
from booking.extensions import db
from booking.staff.models import Role, Staff
from booking.staff.password_changes import set_password
from tests.browser import OpenPage, overflows
from tests.builders import Clinic, a_clinic, a_patient
from tests.desk.scenarios import SCENARIOS
from tests.desk.signed_in import PASSWORD
from tests.server import Server, app_beside

NARROW = 320
LARGE = "document.documentElement.style.fontSize = '200%'"
GROUND = "element => getComputedStyle(element).backgroundColor"
ADDED_BLOCK_EDGE = """grid => {
    const block = document.createElement("div");
    block.className = "ec-event";
    grid.append(block);
    return getComputedStyle(block).borderTopWidth;
}"""


@pytest.fixture
def beside(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as app:
        yield app


@pytest.fixture
def address(server: Server, beside: Flask) -> str:
    """The page of a patient, and a practitioner who can sign in."""
    practitioner = a_clinic().practitioner
    set_password(practitioner.email, PASSWORD, clocks.now())
    return f"{server.url}/desk/patients/{a_patient().id}"


def email_of(role: Role) -> str:
    return str(db.session.scalars(db.select(Staff.email).where(Staff.role == role)).one())


def sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#email").fill(email_of(Role.PRACTITIONER))
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(address)
    page.wait_for_load_state("load")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_in_forced_colours_the_chosen_day_is_read_in_one_colour(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(NARROW, forced_colors="active", color_scheme="dark")
    sign_in(page, f"{address}/book")
    chosen = page.locator(".day-strip [aria-current]")
    assert chosen.locator("*").count() > 0
    assert chosen.evaluate("current => [current, ...current.querySelectorAll('*')]"
                           ".map(one => getComputedStyle(one).color)") == [
        "rgb(0, 0, 0)"
    ] * (1 + chosen.locator("*").count())  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_in_forced_colours_the_calendar_shows_what_is_chosen_and_where_blocks_end(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(1280, forced_colors="active", color_scheme="dark")
    day = f"{address.partition('/patients/')[0]}/day/ahwatukee/{clocks.now().date()}"
    sign_in(page, day)
    grounds = [
        page.locator(f".calendar-choices {state} + span").first.evaluate(GROUND)
        for state in (":checked", ":not(:checked)")
    ]
    assert grounds[0] != grounds[1]
    assert page.locator(".calendar-grid").evaluate(ADDED_BLOCK_EDGE) == "1px"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_facts_are_not_cut_off_at_twice_the_text_size(address: str, open_page: OpenPage) -> None:
    page = open_page(NARROW)
    sign_in(page, address)
    page.evaluate(LARGE)
    assert not overflows(page)


def dangling(text: str) -> list[str]:
    """Return what a page's fields are said to be described by, and isn't there."""
    named = {one for ids in re.findall(r'aria-describedby="([^"]*)"', text) for one in ids.split()}
    return sorted(named - set(re.findall(r'\bid="([^"]*)"', text)))


@pytest.mark.parametrize("endpoint", SCENARIOS)
def test_what_describes_a_field_is_on_the_page(
    clinic: Clinic, practitioner: FlaskClient, endpoint: str
) -> None:
    assert dangling(practitioner.get(SCENARIOS[endpoint](clinic, practitioner).page).text) == []


def test_errors_that_describe_a_field_are_on_the_page(
    clinic: Clinic, practitioner: FlaskClient
) -> None:
    text = practitioner.post("/desk/patients/new", data={}).text
    assert 'aria-describedby=" given_name-error"' in text
    assert dangling(text) == []
