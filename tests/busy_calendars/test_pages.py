"""A practitioner gives the address of their own calendar, or a manager does; nobody sees it again."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.busy_calendars.operations import claim_due_calendar, keep_failure, remove_calendar
from booking.busy_calendars.rules import ReadFailure
from booking.db.transactions import transaction
from booking.extensions import db
from booking.staff.interrupted_forms import InterruptedForm
from booking.staff.models import BusyCalendar, Staff
from tests.builders import NOW, Clinic, a_booking, local
from tests.busy_calendars.conftest import read
from tests.busy_calendars.elsewhere import Elsewhere
from tests.busy_calendars.files import a_file, an_event
from tests.desk.page_forms import form_on, send
from tests.desk.signed_in import sign_in
from tests.staff.managers import a_manager, actions, confirm, confirmed_browser

OWN = "/desk/account/calendar"
SECRET = "https://calendar.example/private-0123456789/basic.ics"
TYPED = {"calendar_address": SECRET}


@pytest.fixture
def practitioner(sqlite_app: Flask, clinic: Clinic) -> FlaskClient:
    return confirmed_browser(sqlite_app, clinic.practitioner)


def addresses() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(BusyCalendar.address)))


def test_the_address_is_kept_and_never_shown_again(practitioner: FlaskClient) -> None:
    before = addresses()
    answer = send(practitioner, form_on(practitioner, OWN, OWN), TYPED)
    assert answer.location == OWN
    assert addresses() != before
    assert actions()[-1] == "set_own_calendar"
    for page in (OWN, "/desk/account"):
        text = practitioner.get(page).text
        assert ("calendar.example/…" in text, "private-0123456789" in text) == (True, False)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter the link."),
        ("http://calendar.example/a.ics", "begins with https://"),
        ("https://user:word@calendar.example/", "without a user and password"),
        ("https://", "no link to a calendar"),
    ],
)
def test_invariant_15_what_is_no_link_is_said_and_kept_in_the_form(
    practitioner: FlaskClient, typed: str, words: str
) -> None:
    before = addresses()
    refused = send(practitioner, form_on(practitioner, OWN, OWN), {"calendar_address": typed})
    assert (refused.status_code, words in refused.text, f'value="{typed}"' in refused.text) == (
        422, True, True,
    )  # fmt: skip
    assert addresses() == before


def test_invariant_15_an_outdated_form_changes_nothing(practitioner: FlaskClient) -> None:
    outdated = form_on(practitioner, OWN, OWN)
    forget = form_on(practitioner, OWN, f"{OWN}/remove")
    assert send(practitioner, forget, {}).location == OWN
    answer = send(practitioner, outdated, TYPED)
    assert (answer.status_code, addresses()) == (422, [])


def test_what_an_ended_sign_in_interrupts_keeps_no_address(
    sqlite_app: Flask, practitioner: FlaskClient
) -> None:
    form = form_on(practitioner, OWN, OWN)
    stranger = sqlite_app.test_client()
    send(stranger, form, TYPED)
    assert SECRET not in str(db.session.scalars(select(InterruptedForm.fields)).all())


def test_a_manager_sees_to_it_and_finds_conflicts_by_their_times(
    sqlite_app: Flask, clinic: Clinic, elsewhere: Elsewhere
) -> None:
    booked = a_booking(local(10))
    elsewhere.body = a_file(an_event("01T1000", "01T1100"))
    read()
    manager = confirmed_browser(sqlite_app, a_manager())
    page = f"/desk/people/{clinic.practitioner.id}/calendar"
    assert "Change the calendar…" in manager.get(f"/desk/people/{clinic.practitioner.id}").text
    text = manager.get(page).text
    assert "1 visit is booked while it says busy" in text
    assert f"/desk/visits/{booked.id}" in text
    assert "Dentist" not in text
    assert send(manager, form_on(manager, page, f"{page}/remove"), {}).location == page
    assert addresses() == []


def test_the_front_desk_asks_and_has_no_link(
    sqlite_app: Flask, clinic: Clinic, elsewhere: Elsewhere
) -> None:
    booked = a_booking(local(10))
    elsewhere.body = a_file(an_event("01T1000", "01T1100"))
    read()
    desk = sign_in(sqlite_app, clinic.front_desk)
    text = desk.get("/desk/tasks").text
    assert "own calendar says busy then" in text
    assert f"/desk/visits/{booked.id}/move" in text
    assert desk.get(OWN).status_code == 403


def test_the_desks_calendar_shows_busy_and_nothing_else(
    sqlite_app: Flask, clinic: Clinic, elsewhere: Elsewhere
) -> None:
    elsewhere.body = a_file(an_event("01T1000", "01T1100"))
    read()
    desk = sign_in(sqlite_app, clinic.front_desk)
    shown = desk.get("/desk/calendar/ahwatukee/2026-12-01/day").get_json()
    (block,) = [each for each in shown["closed"] if each["text"] == "Busy by their own calendar"]
    assert (block["start"], block["end"]) == ("2026-12-01T10:00", "2026-12-01T11:00")
    assert "Dentist" not in str(shown)
    page = "/desk/day/ahwatukee/2026-12-01"
    hatched = desk.get(page).text.count('<td class="closed">')
    remove_calendar(clinic.practitioner.id, NOW, "staff:1")
    assert hatched - desk.get(page).text.count('<td class="closed">') == 4  # quarters of an hour


def test_each_failure_is_said_with_since_when(practitioner: FlaskClient) -> None:
    due = claim_due_calendar(NOW)
    assert due is not None
    texts = set()
    for reason in ReadFailure:
        keep_failure(due, reason, NOW)
        text = practitioner.get(OWN).text
        assert "read since Monday, November 30" in text
        texts.add(text[text.index("It can't be read") : text.index("Last read")])
    assert len(texts) == len(ReadFailure)


def test_what_was_never_read_is_not_said_to_hold(
    practitioner: FlaskClient, elsewhere: Elsewhere
) -> None:
    elsewhere.body = b"<html></html>"
    read()
    assert "No busy time of it is known yet" in practitioner.get(OWN).text
    for elsewhere.body in (a_file(an_event("01T1000", "01T1100")), b"<html></html>"):
        with transaction():
            db.session.execute(update(BusyCalendar).values(next_read_at=NOW))
        read()
    assert "The busy times of before still hold." in practitioner.get(OWN).text


def test_nobody_elses_calendar_is_read_than_practitioners(
    sqlite_app: Flask, clinic: Clinic
) -> None:
    manager = confirm(confirmed_browser(sqlite_app, a_manager()))
    assert manager.get(f"/desk/people/{clinic.front_desk.id}/calendar").status_code == 404
    with transaction():
        db.session.execute(
            update(Staff).where(Staff.id == clinic.practitioner.id).values(active=False)
        )
    assert manager.get(f"/desk/people/{clinic.practitioner.id}/calendar").status_code == 404
