"""A practitioner at the desk in a real browser: sign in, decide, prescribe, plan, book."""

import re
from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking import clock
from booking.appointments.booking import book_slot
from booking.db.transactions import transaction
from booking.extensions import db
from booking.series.models import ScheduleTemplate
from booking.series.rules import Gap, Phase
from booking.series.templates import Template
from booking.staff.password_changes import set_password
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.browser import (
    DESK,
    ON_A_PHONE_AND_A_DESK,
    PHONE,
    TABLET,
    OpenPage,
    axe_violations,
    low_contrasts,
    overflowing_widths,
)
from tests.builders import (
    PHOENIX,
    Clinic,
    a_booking,
    a_clinic,
    a_contact,
    a_request,
    answers,
    local,
)
from tests.desk.signed_in import PASSWORD
from tests.second_engine import ibm_violations
from tests.server import Server, app_beside

PHASES = (
    Phase("Twice a week", 6, Gap(2, 3, 4, 5), 15, 45, 30),
    Phase("Weekly", None, Gap(5, 7, 7, 9), 15, 45, 30, review_every=4),
)


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as made:
        yield made


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    """A clinic with a booking tomorrow, a template, a task, and a practitioner who can sign in."""
    now = clock.now()
    made = a_clinic(opens=time(8), closes=time(18))
    set_password(made.practitioner.email, PASSWORD, now)
    tomorrow = now.astimezone(PHOENIX).date() + timedelta(days=1)
    contact = a_contact(given_name="Ana", family_name="Ruiz")
    appointment = a_booking(
        local(10, day=tomorrow), now, contact=contact, answers=answers(pregnancy=True)
    )
    template = Template("recommended", {"en": "Recommended"}, 1, "Dr. Test", PHASES)
    with transaction():
        db.session.add(
            ScheduleTemplate(
                slug=template.slug, version=1, digest="0" * 64, approved_by="Dr. Test",
                data=template.to_dict(), position=1, created_at=now,
            )
        )  # fmt: skip
    tasks.open_task(
        TaskKind.CHANGE_WANTED, Owner.FRONT_DESK, "appointment", appointment.id, now, now
    )
    return made


def look_at(page: Page) -> None:
    """Every page is accessible and fits the screen; the desk's, a tablet's and what is between, too."""
    assert axe_violations(page) + ibm_violations(page) == []
    width = (page.viewport_size or {})["width"]
    widths = (PHONE,) if width == PHONE else (700, TABLET, 1000, DESK)
    assert overflowing_widths(page, widths) == []


def sign_in(page: Page, clinic: Clinic) -> None:
    """Sign in as the practitioner, on the page that asks for it."""
    page.get_by_label("E-mail").fill(clinic.practitioner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


@ON_A_PHONE_AND_A_DESK
def test_a_series_is_prescribed_planned_and_booked(
    clinic: Clinic, server: Server, open_page: OpenPage, width: int
) -> None:
    page = open_page(width, javascript=True)
    page.goto(f"{server.url}/desk/")
    look_at(page)
    sign_in(page, clinic)
    look_at(page)

    page.get_by_role("link", name="Next day").click()
    look_at(page)
    page.get_by_role("link", name="Move… Ana Ruiz").click()
    look_at(page)
    page.get_by_role("link", name="Back to the visit").click()
    look_at(page)
    page.get_by_role("link", name="Cancel… Ana Ruiz").click()
    look_at(page)
    page.get_by_label("The patient", exact=True).check()
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_role("button", name="Undo the cancellation")).to_be_in_viewport()
    look_at(page)
    page.get_by_role("button", name="Undo the cancellation").click()
    expect(page.get_by_text("Undone: the cancellation.")).to_be_visible()

    page.goto(f"{server.url}/desk/tasks")
    look_at(page)
    page.goto(f"{server.url}/desk/patients")
    page.get_by_label("Name, phone, e-mail or birth date", exact=True).fill("ruiz")
    page.get_by_role("button", name="Search").click()
    look_at(page)
    page.get_by_role("link", name="Ruiz, Ana").click()
    look_at(page)

    page.get_by_role("button", name="clear the flag").click()
    page.get_by_label("Suitable", exact=True).check()
    page.get_by_role("button", name="Record the finding").click()
    expect(page.get_by_text("Cleared for infusions.")).to_be_visible()
    page.get_by_role("link", name="Prescribe a series").click()
    look_at(page)
    page.get_by_role("link", name="Use this template Recommended").click()
    look_at(page)
    for day in ("Tuesday", "Wednesday", "Friday"):
        page.get_by_label(day).uncheck()
    page.get_by_role("button", name="Make the plan").click()
    expect(page.get_by_label("Mondays and Thursdays", exact=False).first).to_be_checked()
    assert page.get_by_role("radio").count() >= 3
    look_at(page)
    choose_another_time(page)
    page.get_by_role("button", name="Book the whole series").click()
    expect(page.get_by_text("The whole series is booked.")).to_be_visible()
    booked = re.compile(r"0 done, \d+ booked, 0 missed, 0 without a time")
    expect(page.get_by_text(booked)).to_be_visible()
    look_at(page)
    change_the_series(page)


def choose_another_time(page: Page) -> None:
    """Give one session of the plan another time, by the keyboard, and let the others be planned around it."""
    page.get_by_role("link", name="Another time… for session 3").press("Enter")
    expect(page.get_by_role("listitem").filter(has_text="best").first).to_be_visible()
    look_at(page)
    assert low_contrasts(page) == []
    page.get_by_label("Time", exact=True).fill("03:00")
    page.get_by_role("button", name="Why not then?").press("Enter")
    expect(page.get_by_text("rules stand against 3:00 AM")).to_be_visible()
    look_at(page)
    page.get_by_role("radio", checked=True).press("ArrowDown")
    page.get_by_role("button", name="Plan the others around it").press("Enter")
    expect(page.get_by_text("1 time was chosen")).to_be_visible()
    look_at(page)


def change_the_series(page: Page) -> None:
    """Cancel a session for the clinic, find it another time, and stop the series."""
    page.get_by_role("table", name="Sessions of this series").get_by_role("link").first.click()
    look_at(page)
    page.get_by_role("link", name="Cancel…").click()
    page.get_by_label("The clinic").check()
    page.get_by_label("reason").fill("Fewer chairs that day")
    page.get_by_role("button", name="Cancel the visit").click()
    page.get_by_role("link", name="Ruiz, Ana").first.click()
    page.get_by_role("link", name="Find a time for session 1").click()
    look_at(page)
    page.get_by_label("Time", exact=True).fill("12:07")
    page.get_by_role("button", name="Why not then?").click()
    expect(page.get_by_text("the nearest times are 12:00 PM and 12:15 PM")).to_be_visible()
    look_at(page)
    page.go_back()
    page.go_back()
    page.get_by_role("link", name="Book: Consultation").click()
    look_at(page)
    page.go_back()
    page.get_by_role("link", name="Stop the series…").click()
    look_at(page)
    page.get_by_label("Reason").fill("Moved away")
    page.get_by_role("button", name="Stop the series").click()
    expect(page.get_by_text("The series is stopped.")).to_be_visible()


@ON_A_PHONE_AND_A_DESK
def test_a_new_caller_is_booked(
    clinic: Clinic, server: Server, open_page: OpenPage, width: int
) -> None:
    page = open_page(width, javascript=True)
    page.goto(f"{server.url}/desk/patients")
    sign_in(page, clinic)
    page.get_by_role("link", name="New patient").click()
    page.get_by_role("button", name="Go on to the time").click()
    look_at(page)
    page.get_by_label("First name").fill("Nico")
    page.get_by_label("Last name").fill("Vega")
    page.get_by_role("main").get_by_label("Birth date").fill("03/27/1984")
    page.get_by_label("Phone number").fill("602 555 0144")
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Go on to the time").click()
    look_at(page)
    page.get_by_role("link", name="In a crisis").click()
    look_at(page)
    page.go_back()
    page.locator(".day-strip a").nth(1).click()
    page.get_by_label("11:00 AM").check()
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_text("Ask every question")).to_be_visible()
    look_at(page)
    for no in page.get_by_label("No", exact=True).all():
        no.check()
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_text("Booked.")).to_be_visible()
    expect(page.get_by_role("link", name="Vega, Nico")).to_be_visible()


@ON_A_PHONE_AND_A_DESK
def test_a_flag_of_someone_without_a_record_is_cleared(
    clinic: Clinic, server: Server, open_page: OpenPage, width: int
) -> None:
    tomorrow = clock.now().astimezone(PHOENIX).date() + timedelta(days=1)
    book_slot(a_request(local(12, day=tomorrow), answers=answers(psychosis=True)), clock.now())
    page = open_page(width, javascript=True)
    page.goto(f"{server.url}/desk/flags")
    sign_in(page, clinic)
    look_at(page)
    page.get_by_role("button", name="clear the flag").click()
    expect(page.get_by_text("Flag cleared.")).to_be_visible()
