"""Somebody with a visit, on a phone without JavaScript: a lost link, a note, all visits, cancelling."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from booking import clock
from booking.appointments.models import Appointment, PatientNote
from booking.appointments.rules import Status
from booking.extensions import db
from booking.messaging.models import Message
from booking.reminders.rules import MessageKind
from tests.builders import a_booking, a_clinic, a_contact, local
from tests.server import Server, app_beside

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PHONE = "+16025550123"


@pytest.fixture
def appointment(server: Server) -> Iterator[Appointment]:
    """A visit in a week, of who has a phone."""
    with app_beside(server):
        a_clinic()
        day = clock.local_date(clock.now(), "America/Phoenix") + timedelta(days=7)
        contact = a_contact(family_name="Person", phone=PHONE)
        yield a_booking(local(10, day=day), clock.now(), contact=contact)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def give_birth_date(page: Page) -> None:
    for label, text in (("Month", "2"), ("Day", "29"), ("Year", "1980")):
        page.get_by_label(label).fill(text)


def test_a_lost_link_is_asked_for_from_the_first_page(
    server: Server, appointment: Appointment, plain_page: Page
) -> None:
    plain_page.goto(f"{server.url}/a/lost")
    expect(heading(plain_page)).to_have_text("This link leads nowhere")
    plain_page.goto(server.url)
    plain_page.get_by_role("link", name="Send my link again").click()
    plain_page.get_by_label("Last name").fill("person")
    give_birth_date(plain_page)
    plain_page.get_by_label("Phone number or e-mail").fill("(602) 555-0123")
    plain_page.get_by_role("button", name="Send my link").click()
    expect(heading(plain_page)).to_have_text("Look at your messages")
    db.session.rollback()
    messages = db.session.scalars(db.select(Message).filter_by(kind=MessageKind.LINKS.value)).all()
    assert all(appointment.token in message.body for message in messages)
    assert {message.recipient for message in messages} >= {PHONE}


def test_the_own_page_leads_to_all_that_can_be_done(
    server: Server, appointment: Appointment, plain_page: Page
) -> None:
    plain_page.goto(f"{server.url}/a/{appointment.token}")
    plain_page.get_by_role("link", name="Tell us something about this visit").click()
    plain_page.get_by_label("Your note").fill("I come by bus.")
    plain_page.get_by_role("button", name="Send it").click()
    expect(heading(plain_page)).to_have_text("We have your note")
    plain_page.get_by_role("link", name="Your visit's page").click()
    plain_page.get_by_role("link", name="See all your visits").click()
    give_birth_date(plain_page)
    plain_page.get_by_role("button", name="Show my visits").click()
    plain_page.get_by_role("link", name="See, move or cancel").click()
    plain_page.get_by_role("link", name="Cancel this visit").click()
    expect(plain_page.get_by_text("You can cancel until")).to_be_visible()
    plain_page.get_by_role("button", name="Cancel the visit").click()
    expect(plain_page.get_by_text("It is cancelled.")).to_be_visible()
    expect(plain_page.get_by_role("link", name="Book again")).to_be_visible()
    db.session.rollback()
    assert db.session.scalars(db.select(PatientNote)).one().body == "I come by bus."
    cancelled = db.session.get_one(Appointment, appointment.id, populate_existing=True)
    assert cancelled.status is Status.CANCELLED
