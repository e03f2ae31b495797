"""A practitioner edits a template in a real browser, signs it, and looks at what changed."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking import clock
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.models import ScheduleTemplate
from booking.series.templates import Template
from booking.staff.password_changes import set_password
from tests.browser import ON_A_PHONE_AND_A_DESK, OpenPage
from tests.builders import Clinic, a_clinic
from tests.desk.signed_in import PASSWORD
from tests.desk.test_walk import PHASES, app, look_at, sign_in
from tests.server import Server

__all__ = ["app"]


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    clinic, now = a_clinic(), clock.now()
    set_password(clinic.practitioner.email, PASSWORD, now)
    template = Template("recommended", {"en": "Recommended"}, 1, "Dr. Test", PHASES)
    with transaction():
        db.session.add(
            ScheduleTemplate(
                slug=template.slug, version=1, digest="0" * 64, approved_by="Dr. Test",
                data=template.to_dict(), position=1, created_at=now,
            )
        )  # fmt: skip
    return clinic


@ON_A_PHONE_AND_A_DESK
def test_a_template_is_edited_and_signed(
    clinic: Clinic, server: Server, open_page: OpenPage, width: int
) -> None:
    page = open_page(width, javascript=True)
    page.goto(f"{server.url}/desk/templates")
    sign_in(page, clinic)
    page.get_by_role("link", name="Recommended").click()
    page.get_by_role("link", name="Edit into a new version").click()
    edit_the_phases(page)
    expect(page.get_by_text("Added: Every ten days (4 sessions")).to_be_visible()
    look_at(page)
    page.get_by_label("What changed, and why").fill("A softer step between")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Sign as").click()
    expect(page.get_by_text("Version 2 is signed.")).to_be_visible()
    expect(page.get_by_text("A softer step between")).to_be_visible()
    look_at(page)


def edit_the_phases(page: Page) -> None:
    """Add a phase, move it there and back, mistype a number, correct it; Enter saves."""
    page.get_by_role("button", name="Add a phase").click()
    expect(page.locator("[name=phases-1-name]")).to_be_focused()
    page.keyboard.type("Every ten days")
    page.get_by_role("button", name="Earlier phase 2").click()
    expect(page.locator("[name=phases-0-name]")).to_have_value("Every ten days")
    page.get_by_role("button", name="Later Every ten days").click()
    page.locator("[name=phases-1-max_days]").fill("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("Please look at the marked fields")
    look_at(page)
    page.locator("[name=phases-1-max_days]").fill("12")
    page.keyboard.press("Enter")
