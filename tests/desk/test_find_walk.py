"""A patient is found from any page of the desk, by keyboard, while somebody types."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from booking import clock as clocks
from booking.staff.password_changes import set_password
from tests.browser import DESK, PHONE, OpenPage, axe_violations, overflows
from tests.builders import Clinic, a_clinic, a_patient
from tests.desk.signed_in import PASSWORD
from tests.server import Server, app_beside


@pytest.fixture
def clinic_beside(server: Server) -> Iterator[Clinic]:
    """A clinic in the server's database, and somebody at the desk who can sign in."""
    with app_beside(server):
        clinic = a_clinic()
        set_password(clinic.front_desk.email, PASSWORD, clocks.now())
        yield clinic


def sign_in(page: Page, server: Server, clinic: Clinic) -> None:
    page.goto(f"{server.url}/desk/tasks")
    page.locator("#email").fill(clinic.front_desk.email)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk/tasks")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_mistyped_name_leads_to_the_patient_by_keyboard_alone(
    server: Server, clinic_beside: Clinic, open_page: OpenPage, width: int
) -> None:
    patient = a_patient(given_name="María", family_name="García")
    page = open_page(width)
    sign_in(page, server, clinic_beside)
    page.keyboard.press("/")
    page.keyboard.type("gracia", delay=20)
    panel = page.locator("#find-panel")
    expect(panel.get_by_role("link", name="García, María")).to_be_visible()
    assert axe_violations(page) == []
    assert not overflows(page)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.keyboard.type("gracia")
    expect(panel).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/patients/{patient.id}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_scripts_enter_leads_to_the_list(
    server: Server, clinic_beside: Clinic, open_page: OpenPage
) -> None:
    a_patient(family_name="García")
    page = open_page(PHONE, javascript=False)
    sign_in(page, server, clinic_beside)
    page.get_by_role("searchbox").fill("gracia")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="García, Test")).to_be_visible()


def test_what_is_suggested_is_short_and_leads_to_a_new_record(desk: FlaskClient) -> None:
    for number in range(12):
        a_patient(given_name=f"Ana {number}", family_name="Quimby")
    text = desk.get("/desk/patients/suggestions?q=quim").text
    assert text.count("Quimby, Ana") == 8
    assert 'href="/desk/patients/new?q=quim"' in text
    assert "Nobody found." in desk.get("/desk/patients/suggestions?q=zzzz").text
