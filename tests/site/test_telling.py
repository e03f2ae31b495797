"""By the link of one appointment: a note to the clinic, and that one comes late."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from booking.appointments.announcements import MAX_NOTES_A_DAY, lateness_by_appointment
from booking.appointments.models import Appointment, PatientNote
from booking.extensions import db
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, Clinic, a_booking, local
from tests.desk.signed_in import sign_in
from tests.site.steps import count, key_in

BUS = "I come by bus <b>and</b> may need a chair."
MORNING = local(8)  # of the day of the appointment


@pytest.fixture
def appointment(clinic: Clinic) -> Appointment:
    return a_booking(local(10))


def write(client: FlaskClient, appointment: Appointment, body: str, key: str = "") -> TestResponse:
    path = f"/a/{appointment.token}/note"
    return client.post(path, data={"key": key or key_in(client.get(path).text), "body": body})


def say_late(client: FlaskClient, appointment: Appointment, minutes: object) -> TestResponse:
    return client.post(f"/a/{appointment.token}/late", data={"minutes": minutes})


def open_tasks() -> list[tuple[TaskKind, str]]:
    tasks = db.session.scalars(select(Task).where(Task.subject_kind == "patient_note"))
    return [(task.kind, task.subject_kind) for task in tasks]


def test_a_note_is_kept_and_given_to_a_person(
    client: FlaskClient, appointment: Appointment
) -> None:
    response = write(client, appointment, f"  {BUS}\n")
    assert response.location == f"/a/{appointment.token}/note/sent"
    assert "Somebody at the clinic reads it by" in client.get(response.location).text
    assert db.session.scalars(select(PatientNote)).one().body == BUS
    assert open_tasks() == [(TaskKind.READ_TEXT, "patient_note")]


def test_invariant_5_pressed_twice_it_is_told_once(
    client: FlaskClient, appointment: Appointment
) -> None:
    first, again = (write(client, appointment, BUS, "one key") for _ in range(2))
    assert (again.status_code, again.location) == (302, first.location)
    assert (count(PatientNote), len(open_tasks())) == (1, 1)


def test_the_desk_reads_it_where_it_belongs_and_among_its_tasks(
    app: Flask, client: FlaskClient, clinic: Clinic, appointment: Appointment
) -> None:
    write(client, appointment, BUS)
    desk = sign_in(app, clinic.front_desk)
    words = "I come by bus &lt;b&gt;and&lt;/b&gt; may need a chair."
    for path in (f"/desk/visits/{appointment.id}", "/desk/tasks"):
        assert words in desk.get(path).text
    assert "1 note" in desk.get("/desk/day/ahwatukee/2026-12-01").text


@pytest.mark.parametrize("length", [1, 100])
def test_crisis_words_lead_to_help_and_tell_a_person_at_once(
    client: FlaskClient, appointment: Appointment, length: int
) -> None:
    response = write(client, appointment, "I want to kill myself. " * length)
    assert response.location == "/book/help"
    task = db.session.scalars(select(Task)).one()
    assert (task.kind, task.due_at) == (TaskKind.CRISIS, NOW + timedelta(minutes=15))
    assert count(PatientNote) == 1


def test_a_wish_for_another_time_is_a_task_of_that_kind(
    client: FlaskClient, appointment: Appointment
) -> None:
    write(client, appointment, "I need to reschedule")
    assert open_tasks() == [(TaskKind.CHANGE_WANTED, "patient_note")]


@pytest.mark.parametrize("body", ["", "   ", "x" * 501])
def test_what_is_empty_or_long_is_said_and_kept_in_the_form(
    client: FlaskClient, appointment: Appointment, body: str
) -> None:
    page = write(client, appointment, body)
    assert page.status_code == 422
    assert "<title>Error: " in page.text
    assert f">{body.strip()}</textarea>" in page.text
    assert count(PatientNote) == 0


def test_beyond_a_few_notes_a_day_they_are_asked_to_call_unless_in_danger(
    client: FlaskClient, appointment: Appointment
) -> None:
    for number in range(MAX_NOTES_A_DAY):
        assert write(client, appointment, f"note {number}").status_code == 302
    refused = write(client, appointment, "one more")
    assert (refused.status_code, "Please call us" in refused.text) == (429, True)
    assert write(client, appointment, "I want to die").location == "/book/help"
    assert count(PatientNote) == MAX_NOTES_A_DAY + 1


def test_lateness_is_said_on_the_day_and_seen_at_the_desk(
    app: Flask, client: FlaskClient, clinic: Clinic, appointment: Appointment
) -> None:
    own = f"/a/{appointment.token}"
    with time_machine.travel(MORNING, tick=False):
        assert "Running late?" in client.get(own).text
        for minutes in (15, 10):
            assert say_late(client, appointment, minutes).location == own
        assert "you come about 10 minutes late" in client.get(own).text
        desk = sign_in(app, clinic.front_desk)
        assert "10 min late" in desk.get("/desk/day/ahwatukee/2026-12-01").text


def test_who_comes_very_late_is_asked_to_call(
    client: FlaskClient, appointment: Appointment
) -> None:
    with time_machine.travel(MORNING, tick=False):
        page = client.get(say_late(client, appointment, 20).location).text
        assert "Please call us" in page
        assert 'href="tel:+16025550100"' in page
    assert lateness_by_appointment([appointment.id]) == {appointment.id: 20}


@pytest.mark.parametrize(
    ("at", "minutes", "status"),
    [
        (NOW, 10, 409),
        (local(10) + timedelta(minutes=45), 10, 409),
        (MORNING, 7, 302),
        (MORNING, "", 302),
        (MORNING, "1e9", 302),
    ],
)
def test_on_another_day_or_with_other_minutes_nothing_is_kept(
    client: FlaskClient, appointment: Appointment, at: object, minutes: object, status: int
) -> None:
    with time_machine.travel(at, tick=False):  # type: ignore[arg-type]  # a datetime
        assert say_late(client, appointment, minutes).status_code == status
    assert lateness_by_appointment([appointment.id]) == {}
    assert "Running late?" not in client.get(f"/a/{appointment.token}").text
