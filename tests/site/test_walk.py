"""A patient in a real browser: at 360 pixels without JavaScript, by keyboard, and what axe says."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from booking import clock
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.calendars.local_days import PartOfDay
from booking.extensions import db
from booking.messaging.rules import Channel
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from booking.waitlist.offering import make_offer
from booking.waitlist.rules import FreeTime
from tests.browser import DESK, PHONE, OpenPage, axe_violations, low_contrasts, overflows
from tests.builders import PHOENIX, Clinic, a_booking, a_clinic, local
from tests.second_engine import ibm_violations
from tests.server import Server, app_beside


@pytest.fixture
def app(server: Server) -> Iterator[Flask]:
    """The app beside the server, on the same database."""
    with app_beside(server) as made:
        yield made


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic()


def choose_a_time(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name=re.compile("More times|Más horarios")).click()
    page.locator(".month a").nth(1).click()
    page.locator("button.slot").first.click()


def answer_no(page: Page) -> None:
    page.get_by_label(re.compile("Month|Mes")).fill("2")
    page.get_by_label(re.compile("Day|Día")).fill("29")
    page.get_by_label(re.compile("Year|Año")).fill("1980")
    for no in page.get_by_label("No", exact=True).all():
        no.check()
    for none in page.get_by_label(re.compile("None of these|Ninguna de estas")).all():
        none.check()  # where the clinic asks in a list
    go_on(page)


def tell_who(page: Page) -> None:
    page.get_by_label(re.compile("^(First name|Nombre)")).fill("Test")
    page.get_by_label(re.compile("Last name|Apellido")).fill("Person")
    page.get_by_label(re.compile("Phone number|Número de teléfono")).fill("602 555 0123")
    page.get_by_label(re.compile("E-mail|Correo")).fill("person@example.com")
    page.get_by_label(re.compile("Text me|Envíenme")).check()
    go_on(page)


def go_on(page: Page) -> None:
    """Press what sends a step, in English or Spanish."""
    page.get_by_role("button", name=re.compile("Continue|Continuar")).click()


# What the way ends with: the headings, and what is pressed on it.
ENGLISH = {
    "check": "Check and book", "book": "Book this visit", "done": "Your visit is booked",
    "page": "Your visit's page", "ask": "Cancel this visit", "cancel": "Cancel the visit",
    "cancelled": "Cancelled", "switch": "Español",
}  # fmt: skip
SPANISH = {
    "check": "Revisar y reservar", "book": "Reservar esta cita", "done": "Su cita está reservada",
    "page": "La página de su cita", "ask": "Cancelar esta cita", "cancel": "Cancelar la cita",
    "cancelled": "Cancelada", "switch": "English",
}  # fmt: skip


@pytest.mark.parametrize(
    ("database_url", "locale", "words"),
    [("sqlite", "en-US", ENGLISH), ("postgresql", "es-MX", SPANISH)],
    indirect=["database_url"],
)
def test_a_consultation_is_booked_on_a_phone_without_javascript(
    clinic: Clinic, server: Server, open_page: OpenPage, locale: str, words: dict[str, str]
) -> None:
    page = open_page(PHONE, javascript=False, locale=locale)
    choose_a_time(page, server.url)
    answer_no(page)
    tell_who(page)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(words["check"])
    expect(page.get_by_role("link", name=words["switch"])).to_be_visible()
    page.get_by_role("button", name=words["book"]).click()
    expect(heading).to_have_text(words["done"])
    appointment = db.session.scalars(select(Appointment)).one()
    expect(page.get_by_text(appointment.reference)).to_be_visible()
    page.get_by_role("link", name=words["page"]).click()
    page.get_by_role("link", name=words["ask"]).click()
    page.get_by_role("button", name=words["cancel"]).click()
    expect(page.get_by_text(words["cancelled"], exact=True)).to_be_visible()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_form_changes_its_language_without_javascript_and_enter_sends_it(
    clinic: Clinic, server: Server, plain_page: Page
) -> None:
    plain_page.goto(f"{server.url}/book/call")
    plain_page.get_by_label("Your name").fill("Test Person")
    plain_page.get_by_role("button", name="Español").click()
    expect(plain_page.get_by_label("Su nombre")).to_have_value("Test Person")
    plain_page.get_by_label("Número de teléfono").fill("602 555 0123")
    plain_page.keyboard.press("Enter")
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("Le llamaremos")


def look_at(page: Page) -> None:
    """Nothing by either engine, all readable in the dark and in forced colours, nothing scrolls sideways."""
    assert axe_violations(page) + low_contrasts(page) + ibm_violations(page) == []
    assert not overflows(page)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("width", "locale"), [(PHONE, "es-MX"), (DESK, "en-US")])
def test_axe_finds_nothing_on_any_page(
    clinic: Clinic, server: Server, open_page: OpenPage, width: int, locale: str
) -> None:
    page = open_page(width, locale=locale)
    page.goto(server.url)
    look_at(page)
    choose_a_time(page, server.url)
    look_at(page)
    go_on(page)
    look_at(page)
    answer_no(page)
    look_at(page)
    go_on(page)
    look_at(page)
    tell_who(page)
    look_at(page)
    page.locator("#book").click()
    look_at(page)
    for path in ("/book/call-first", "/book/call/noted", "/nothing"):
        page.goto(server.url + path)
        look_at(page)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_appointment_is_booked_by_keyboard_alone(
    clinic: Clinic, server: Server, page: Page
) -> None:
    choose_a_time(page, server.url)
    page.get_by_label("Month").focus()
    for typed in ("2", "29", "1980"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is the visit for?")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_time_that_has_gone_shows_the_nearest(
    clinic: Clinic, server: Server, plain_page: Page
) -> None:
    day = clock.now().astimezone(PHOENIX).date() + timedelta(days=1)
    plain_page.goto(f"{server.url}/book/time?location=ahwatukee&day={day}")
    a_booking(local(10, day=day), clock.now())
    plain_page.get_by_role("button", name=re.compile("^10:00 AM")).click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("That time was just taken")
    plain_page.locator("button.slot").first.click()
    expect(plain_page.get_by_role("heading", level=1)).to_have_text("A few safety questions")
    statuses = [v.status for v in db.session.scalars(select(Appointment))]
    assert sorted(statuses) == [Status.BOOKED, Status.PENDING]


def move_to_another_time(page: Page, look: Callable[[Page], None]) -> None:
    """From one's own page on: the last time of the second day that has any."""
    page.get_by_role("link", name="Move this visit").click()
    page.locator(".month a").nth(1).click()
    look(page)
    page.locator("a.slot").last.click()
    look(page)
    page.get_by_role("button", name="Move the visit").click()
    look(page)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_nothing_while_an_appointment_is_moved(
    clinic: Clinic, server: Server, open_page: OpenPage, width: int
) -> None:
    page, appointment = open_page(width), a_booking(now=clock.now(), starts_at=tomorrow_at_ten())
    page.goto(f"{server.url}/a/{appointment.token}")
    move_to_another_time(page, look_at)


def test_an_appointment_is_moved_on_a_phone_without_javascript(
    clinic: Clinic, server: Server, plain_page: Page
) -> None:
    appointment = a_booking(now=clock.now(), starts_at=tomorrow_at_ten())
    plain_page.goto(f"{server.url}/a/{appointment.token}")
    move_to_another_time(plain_page, lambda page: None)
    db.session.rollback()
    moved = db.session.get_one(Appointment, appointment.id, populate_existing=True)
    assert moved.starts_at > appointment.created_at
    assert (moved.sequence, moved.token) == (1, appointment.token)


def tomorrow_at_ten() -> datetime:
    return local(10, day=clock.local_date(clock.now(), "America/Phoenix") + timedelta(days=1))


def an_offer(clinic: Clinic) -> WaitlistOffer:
    """Return the offer of a time tomorrow to the one who waits."""
    entry, starts_at = db.session.scalars(select(WaitlistEntry)).one(), tomorrow_at_ten()
    day = starts_at.astimezone(PHOENIX).date()
    free_time = FreeTime(starts_at, clinic.location.id, day, PartOfDay.MORNING)
    assert make_offer(entry.id, free_time, clock.now(), timedelta(minutes=15), list(Channel))
    return db.session.scalars(select(WaitlistOffer)).one()


def test_a_sooner_time_is_waited_for_and_taken_on_a_phone_without_javascript(
    clinic: Clinic, server: Server, plain_page: Page
) -> None:
    appointment = a_booking(now=clock.now(), starts_at=tomorrow_at_ten() + timedelta(days=7))
    plain_page.goto(f"{server.url}/a/{appointment.token}")
    plain_page.get_by_role("link", name="Tell me if something sooner opens").click()
    plain_page.get_by_role("button", name="Put me on the list").click()
    heading = plain_page.get_by_role("heading", level=1)
    expect(heading).to_have_text("You are on the list for something sooner")
    plain_page.goto(f"{server.url}/o/{an_offer(clinic).token}")
    expect(heading).to_have_text("A sooner time is kept for you")
    plain_page.get_by_role("button", name="Take it: move my visit").click()
    expect(heading).to_have_text("Your visit is moved")
    db.session.rollback()
    moved = db.session.get_one(Appointment, appointment.id, populate_existing=True)
    assert moved.starts_at == tomorrow_at_ten()
