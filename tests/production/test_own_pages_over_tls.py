"""What patients send from their own pages, over TLS behind nginx, on a phone without JavaScript."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from booking import clock
from booking.appointments.announcements import lateness_by_appointment
from booking.appointments.models import Appointment, PatientNote
from booking.appointments.readiness import Readiness, readiness_by_appointment
from booking.appointments.rules import new_token
from booking.db.transactions import transaction
from booking.extensions import db
from booking.mood import operations as mood
from booking.mood.models import MoodForm
from booking.mood.queries import find_schedule
from booking.waitlist.models import WaitlistEntry
from booking.waitlist.rules import EntryStatus
from tests.browser import OpenPage
from tests.builders import BORN, Clinic, a_booking, a_clinic, a_contact
from tests.proxy import Proxy
from tests.series.prescribed import a_booked_series


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(javascript=False, ignore_https_errors=True)


@pytest.fixture
def appointment(app: Flask) -> Appointment:
    """A visit that is today whenever the test runs: at a place where it is late in the morning now."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    behind = (now.astimezone(UTC).hour - 10) % 24  # hours; POSIX counts them westwards
    zone = f"Etc/GMT+{behind}" if behind <= 12 else f"Etc/GMT-{24 - behind}"
    a_clinic(slug=f"morning-{now:%H}", zone=zone)
    contact = a_contact(phone="+16025550123", email="person@example.com")
    made = a_booking(now + timedelta(hours=3), now, contact=contact, location=f"morning-{now:%H}")
    with transaction():
        db.session.get_one(Appointment, made.id).is_infusion = True  # asked whether they are ready
    return made


def own(proxy: Proxy, appointment: Appointment, path: str = "") -> str:
    return f"{proxy.url}/a/{appointment.token}{path}"


def test_a_note_lateness_and_readiness_arrive(
    proxy: Proxy, appointment: Appointment, page: Page
) -> None:
    page.goto(own(proxy, appointment))
    page.get_by_role("button", name="10 minutes", exact=True).click()
    expect(page.get_by_text("about 10 minutes late")).to_be_visible()
    page.get_by_role("link", name="Are you ready for your visit?").click()
    for answers in (("No", "Yes", "Yes"), ("Yes", "Yes", "Yes")):
        for number, answer in enumerate(answers):
            page.get_by_label(answer, exact=True).nth(number).check()
        page.get_by_role("button", name="Send", exact=True).click()
        page.get_by_role("link", name="Answer again").click()
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_text("You told us that you are ready.")).to_be_visible()
    page.get_by_role("link", name="Tell us something about this visit").click()
    page.get_by_label("Your note").fill("I come by bus.")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your note")
    db.session.rollback()
    assert lateness_by_appointment([appointment.id]) == {appointment.id: 10}
    assert readiness_by_appointment([appointment.id]) == {
        appointment.id: Readiness(has_ride=True, is_fasting=True, is_well=True)
    }
    assert db.session.scalars(db.select(PatientNote.body)).all() == ["I come by bus."]


def test_the_waitlist_is_joined_changed_and_left(
    app: Flask, clinic: Clinic, proxy: Proxy, page: Page
) -> None:
    now = clock.now()
    day = now.date() + timedelta(days=8)
    contact = a_contact(phone="+16025550124", email="other@example.com")
    booked = a_booking(
        datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=17), now, contact=contact
    )
    page.goto(own(proxy, booked, "/waitlist"))
    for _ in range(2):
        page.get_by_label("Monday").uncheck()
        page.get_by_role("button", name="Put me on the list").or_(
            page.get_by_role("button", name="Keep these changes")
        ).click()
    db.session.rollback()
    entry = db.session.scalars(db.select(WaitlistEntry)).one()
    assert entry.wish["weekdays"] == [1, 2, 3, 4, 5, 6]
    page.get_by_role("button", name="Take me off the list").click()
    expect(page.get_by_role("link", name="Tell me if something sooner opens")).to_be_visible()
    db.session.refresh(entry)
    assert entry.status is EntryStatus.LEFT


def an_open_form(clinic: Clinic) -> MoodForm:
    series, now = a_booked_series(clinic), clock.now()
    mood.start_mood_schedule(series.id, 7, clinic.practitioner.id, now)
    schedule = find_schedule(series.id)
    assert schedule
    with transaction():
        form = MoodForm(
            schedule_id=schedule.id, series_id=series.id, token=new_token(), due_on=now.date(),
            asked_at=now, expires_at=now + timedelta(days=7),
        )  # fmt: skip
        db.session.add(form)
    return form


def test_a_form_is_proven_and_answered(
    app: Flask, clinic: Clinic, proxy: Proxy, page: Page
) -> None:
    form = an_open_form(clinic)
    page.goto(f"{proxy.url}/q/{form.token}")
    for label, number in (("Month", BORN.month), ("Day", BORN.day), ("Year", BORN.year)):
        page.get_by_label(label).fill(str(number))
    page.get_by_role("button", name="Continue").click()
    for several in page.get_by_label("Several days").all()[:8]:
        several.check()
    page.get_by_label("Not at all").last.check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert all(cookie["secure"] for cookie in page.context.cookies())
    db.session.refresh(form)
    assert form.score == 8
