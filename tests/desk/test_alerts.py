"""A text that may mean a life is on every page of the desk, and so is how much there is to do."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect
from sqlalchemy import select

from booking import clock as clocks
from booking.appointments.callbacks import open_crisis_task, request_callback
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import InboundMessage
from booking.messaging.rules import ReplyMeaning
from booking.reminders.operations import record_heartbeat
from booking.staff import operations as staff
from booking.staff.models import Role
from booking.staff.password_changes import set_password
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.browser import DESK, PHONE, OpenPage, axe_violations, overflows
from tests.builders import NOW, Clinic, a_booking, a_clinic, a_patient, local
from tests.desk.scenarios import SCENARIOS
from tests.desk.signed_in import PASSWORD, sign_in
from tests.server import Server
from tests.staff.first import first_staff
from tests.staff.managers import a_manager

WORDS = "I can't go on like this"


def a_crisis(words: str = WORDS, number: int = 1, **sent: str) -> int:
    """Receive a text with crisis words; return the id of the task it opened."""
    now = clocks.now()
    with transaction():
        text = InboundMessage(
            provider_id=f"SM{number}", recipient="+16025550100", received_at=now, body=words,
            meaning=ReplyMeaning.CRISIS, **{"sender": "+16025550142", **sent},
        )  # fmt: skip
        db.session.add(text)
        db.session.flush()
        tasks.open_task(TaskKind.CRISIS, Owner.PRACTITIONER, "inbound", text.id, now, now)
    return tasks.list_open_tasks(TaskKind.CRISIS)[-1].id


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("endpoint", SCENARIOS)
def test_a_crisis_is_on_every_page_with_its_words_and_age(
    app: Flask, clinic: Clinic, practitioner: FlaskClient, clock: time_machine.Traveller,
    endpoint: str,
) -> None:  # fmt: skip
    page = SCENARIOS[endpoint](clinic, practitioner).page
    a_crisis(number=99)
    clock.shift(200)
    text = practitioner.get(page).text
    assert "I can&#39;t go on like this" in text
    assert "3 min" in text


@pytest.mark.parametrize("role", Role)
def test_a_crisis_is_shown_to_everyone_who_signs_in(app: Flask, clinic: Clinic, role: Role) -> None:
    task_id = a_crisis()
    person = a_manager() if role is Role.MANAGER else first_staff(role)
    text = sign_in(app, person).get("/desk/patients").text
    assert f'href="/desk/tasks#task-{task_id}"' in text


def test_someone_in_danger_on_the_phone_is_on_the_bar_too(desk: FlaskClient) -> None:
    open_crisis_task(a_patient(given_name="Ana", family_name="Ruiz"), NOW)
    text = desk.get("/desk/patients").text
    assert "Said they are in danger" in text
    assert "Ana Ruiz" in text


def test_several_crises_are_counted_and_the_longest_waiting_come_first(
    desk: FlaskClient, clock: time_machine.Traveller
) -> None:
    for number in range(5):
        a_crisis(f"text {number}", number)
        clock.shift(60)
    text = desk.get("/desk/patients").text
    assert "5 crises: call now" in text
    assert "2 more" in text
    assert text.index("text 0") < text.index("text 1") < text.index("text 2")
    assert "text 3" not in text


def test_the_bar_goes_when_the_task_is_done(desk: FlaskClient, clinic: Clinic) -> None:
    tasks.finish_task(a_crisis(), clinic.practitioner.id, "Called", NOW, is_practitioner=True)
    assert "crisis-words" not in desk.get("/desk/patients").text


def test_a_stranger_is_told_nothing(client: FlaskClient, clinic: Clinic) -> None:
    a_crisis()
    for path in ("/desk/alerts", "/desk/sign-in"):
        assert WORDS[:5] not in client.get(path).text.replace("&#39;", "'")


def test_an_open_page_is_told_only_of_what_is_new(
    desk: FlaskClient, clock: time_machine.Traveller
) -> None:
    first = desk.get("/desk/alerts")
    etag = {"If-None-Match": first.headers["ETag"]}
    assert desk.get("/desk/alerts", headers=etag).status_code == 304
    a_crisis()
    second = desk.get("/desk/alerts", headers=etag)
    assert second.status_code == 200
    assert "go on like this" in second.text


def test_how_much_is_to_do_stands_beside_the_link(desk: FlaskClient) -> None:
    request_callback("Pat Example", "+16025550142", NOW)
    request_callback("Kim Example", "+16025550143", NOW - timedelta(days=9))
    text = " ".join(desk.get("/desk/patients").text.split())
    assert '<span class="count">2<' in text
    assert "1 overdue" in text


def test_overdue_calls_are_told_from_other_overdue_tasks_on_every_page(desk: FlaskClient) -> None:
    request_callback("Kim Example", "+16025550143", NOW - timedelta(days=9))
    tasks.open_task(TaskKind.MEND_CONTACT, Owner.FRONT_DESK, "patient", 1, NOW - timedelta(1), NOW)
    for page in ("/desk/patients", "/desk/alerts"):
        text = " ".join(desk.get(page).text.split())
        assert "1 call overdue · 1 other task overdue" in text


def test_a_silent_scheduler_is_on_every_page_until_it_works_again(
    desk: FlaskClient, clock: time_machine.Traveller
) -> None:
    words = "No texts or e-mails are going out."
    assert "The scheduler has never run." in desk.get("/desk/patients").text
    record_heartbeat("one", clocks.now())
    assert words not in desk.get("/desk/patients").text
    clock.shift(120)
    for page in ("/desk/patients", "/desk/alerts"):
        text = desk.get(page).text
        assert words in text
        assert "silent since" in text


def test_a_page_left_open_keeps_nobody_signed_in(
    desk: FlaskClient, clock: time_machine.Traveller
) -> None:
    minutes = 0
    while desk.get("/desk/alerts").status_code == 200:
        clock.shift(60)
        minutes += 1
        assert minutes < 60
    assert desk.get("/desk/patients").location.startswith("/desk/sign-in")


def test_asking_again_and_again_leaves_no_entries(desk: FlaskClient) -> None:
    a_crisis()
    before = len(db.session.scalars(select(AuditEntry.id)).all())
    desk.get("/desk/alerts")
    assert len(db.session.scalars(select(AuditEntry.id)).all()) == before


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_crisis_is_on_an_open_page_within_five_seconds(
    app: Flask, server: Server, open_page: OpenPage, width: int
) -> None:
    clinic = a_clinic()
    set_password(clinic.practitioner.email, PASSWORD, clocks.now())
    a_booking(local(10), NOW)
    page = open_page(width, javascript=True)
    page.goto(f"{server.url}/desk/patients")
    page.get_by_label("E-mail").fill(clinic.practitioner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Name, phone, e-mail or birth date", exact=True).fill("half a na")
    expect(page.locator("#crisis-bar")).to_be_hidden()
    task_id = a_crisis()
    expect(page.get_by_text("I can't go on like this")).to_be_visible(timeout=5000)
    expect(page.get_by_label("Name, phone, e-mail or birth date", exact=True)).to_have_value(
        "half a na"
    )
    assert axe_violations(page) == []
    assert not overflows(page)
    tasks.finish_task(task_id, clinic.practitioner.id, "Called", clocks.now(), is_practitioner=True)
    expect(page.locator("#crisis-bar")).to_be_hidden(timeout=5000)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_left_open_shows_no_persons_words_once_its_sign_in_has_ended(
    app: Flask, server: Server, open_page: OpenPage
) -> None:
    clinic = a_clinic()
    set_password(clinic.practitioner.email, PASSWORD, clocks.now())
    a_crisis()
    page = open_page(DESK, javascript=True)
    page.goto(f"{server.url}/desk/patients")
    page.get_by_label("E-mail").fill(clinic.practitioner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    staff.end_sessions(clinic.practitioner.id, clocks.now())
    expect(page.get_by_text("You have been signed out.")).to_be_visible(timeout=5000)
    expect(page.locator("#crisis-bar")).to_be_hidden()
    assert WORDS not in page.content()
    expect(page.locator("#task-count")).to_be_empty()
