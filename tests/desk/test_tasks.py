"""The list of tasks."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.booking import NotBooked, book_slot
from booking.appointments.callbacks import request_call_before_booking, request_callback
from booking.appointments.resource_exchange import open_missing_call_tasks
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import InboundMessage
from booking.messaging.rules import ReplyMeaning
from booking.screening import flags
from booking.screening.models import Flag
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, Task, TaskKind
from tests.builders import (
    NOW,
    TOMORROW,
    Clinic,
    a_booking,
    a_closure,
    a_contact,
    a_patient,
    a_request,
    answers,
    local,
)

PHONE = "+16025550142"


def a_text(body: str = "Running late") -> InboundMessage:
    with transaction():
        text = InboundMessage(
            provider_id="SM1", sender=PHONE, recipient="+16025550100", body=body, received_at=NOW,
            meaning=ReplyMeaning.UNCLEAR,
        )  # fmt: skip
        db.session.add(text)
    return text


def test_a_task_due_in_a_week_waits_folded(desk: FlaskClient) -> None:
    patient = a_patient(family_name="Later")
    due_at = NOW + timedelta(weeks=1)
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", patient.id, due_at, NOW)
    text = desk.get("/desk/tasks").text
    now, coming = text.split("1 more, due in a week or later")
    assert "Nothing to do now." in now
    assert "Test Later" not in now
    assert "Test Later" in coming


def test_a_call_request_shows_whom_to_call_and_about_what(desk: FlaskClient) -> None:
    location = availability.current_catalogue().locations["ahwatukee"]
    request_call_before_booking(
        "Robin Example", PHONE, NOW, location=location, wanted_start=local(10)
    )
    text = desk.get("/desk/tasks").text
    for shown in (
        "Call before booking",
        "Robin Example",
        f"tel:{PHONE}",
        "Tuesday, December 1, 10:00 AM",
    ):
        assert shown in text


def test_what_may_not_have_arrived_is_told_from_what_could_not(desk: FlaskClient) -> None:
    kind, owner, due_at = TaskKind.MEND_CONTACT, Owner.FRONT_DESK, NOW + timedelta(hours=4)
    words = "A message may not have arrived"
    tasks.open_task(kind, owner, "patient", a_patient().id, due_at, NOW, unknown=False)
    assert words not in desk.get("/desk/tasks").text
    tasks.open_task(kind, owner, "patient", a_patient().id, due_at, NOW, unknown=True)
    assert words in desk.get("/desk/tasks").text


def test_what_is_overdue_is_marked(desk: FlaskClient) -> None:
    request_callback("Pat Example", PHONE, NOW)
    assert "Overdue" not in desk.get("/desk/tasks").text
    request_callback("Kim Example", PHONE, NOW - timedelta(days=2))
    assert "Overdue" in desk.get("/desk/tasks").text


def test_a_task_about_an_appointment_leads_to_it(desk: FlaskClient) -> None:
    appointment = a_booking(contact=a_contact(given_name="Ana", family_name="Ruiz"))
    tasks.open_task(
        TaskKind.CHANGE_WANTED, Owner.FRONT_DESK, "appointment", appointment.id, NOW, NOW
    )
    text = desk.get("/desk/tasks").text
    assert f'href="/desk/visits/{appointment.id}"' in text
    assert "Ana Ruiz" in text


def test_a_text_is_shown_with_everyone_the_number_reaches(
    desk: FlaskClient, clinic: Clinic
) -> None:
    a_patient(given_name="Ana", family_name="Ruiz", phone=PHONE)
    a_patient(given_name="Leo", family_name="Ruiz", phone=PHONE)
    tasks.open_task(TaskKind.READ_TEXT, Owner.FRONT_DESK, "inbound", a_text().id, NOW, NOW)
    text = desk.get("/desk/tasks").text
    assert "Ana Ruiz, Leo Ruiz" in text
    assert "Running late" in text


def test_what_someone_wrote_is_shown_as_text_only(desk: FlaskClient) -> None:
    text = a_text("<script>alert(1)</script>")
    tasks.open_task(TaskKind.READ_TEXT, Owner.FRONT_DESK, "inbound", text.id, NOW, NOW)
    assert "<script>alert" not in desk.get("/desk/tasks").text


@pytest.mark.parametrize("kind", ["appointment", "session", "series", "patient", "message", "else"])
def test_a_task_about_what_is_gone_is_still_shown(desk: FlaskClient, kind: str) -> None:
    tasks.open_task(TaskKind.PLACE_SESSION, Owner.FRONT_DESK, kind, 99, NOW, NOW)
    assert "Find a time for a session" in desk.get("/desk/tasks").text


def test_tasks_can_be_narrowed_to_their_owner(desk: FlaskClient) -> None:
    request_callback("Pat Example", PHONE, NOW)
    request_call_before_booking("Robin Example", PHONE, NOW)
    text = desk.get("/desk/tasks?owner=practitioner").text
    assert "Robin Example" in text
    assert "Pat Example" not in text


def test_a_task_is_done_with_a_note(desk: FlaskClient, clinic: Clinic) -> None:
    request_callback("Pat Example", PHONE, NOW)
    (task,) = tasks.list_open_tasks()
    response = desk.post(f"/desk/tasks/{task.id}/done", data={"note": "Booked for Friday"})
    assert response.status_code == 302
    done = db.session.scalars(select(Task)).one()
    assert (done.done_by_id, done.note) == (clinic.front_desk.id, "Booked for Friday")
    assert "Nothing to do." in desk.get("/desk/tasks").text


def test_a_task_is_not_done_without_a_note(desk: FlaskClient) -> None:
    request_callback("Pat Example", PHONE, NOW)
    (task,) = tasks.list_open_tasks()
    response = desk.post(f"/desk/tasks/{task.id}/done", data={"note": "  "})
    assert response.status_code == 422
    assert "what came of it" in response.text
    assert len(tasks.list_open_tasks()) == 1


def test_a_task_that_is_not_there_is_not_found(desk: FlaskClient) -> None:
    assert desk.post("/desk/tasks/99/done", data={"note": "x"}).status_code == 404


def test_a_flag_of_someone_without_a_record_is_cleared_by_a_practitioner(
    desk: FlaskClient, practitioner: FlaskClient, clinic: Clinic
) -> None:
    stopped = a_request(answers=answers(psychosis=True))
    assert isinstance(book_slot(stopped, NOW), NotBooked)
    flag = db.session.scalars(select(Flag)).one()
    assert "Psychosis, ever?" in practitioner.get("/desk/flags").text
    page = desk.get("/desk/flags").text
    assert ("Flag: practitioner decides" in page, "Psychosis" in page) == (True, False)
    path = f"/desk/flags/{flag.id}/clear"
    assert desk.post(path).status_code == 403
    assert practitioner.post(path).location == "/desk/flags"
    assert "None." in practitioner.get("/desk/flags").text
    assert not flags.requires_call_first(
        stopped.details.contact, stopped.details.answers.birth_date
    )


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "12345",
        "EXAMPLE",
        "Your Bank",
        "+",
        "٠١٢٣",
        "\u202e+1602",
        "x" * 32,
        "<b>",
        "+16025550142",
    ],
)
@pytest.mark.parametrize("path", ["/desk/tasks", "/desk/alerts"])
def test_a_text_from_any_sender_is_shown_as_it_is(
    desk: FlaskClient, sender: str, path: str
) -> None:
    text = a_text("Where are you? " + "long " * 500)
    with transaction():
        db.session.get_one(InboundMessage, text.id).sender = sender
    tasks.open_task(TaskKind.CRISIS, Owner.FRONT_DESK, "inbound", text.id, NOW, NOW)
    response = desk.get(path)
    assert response.status_code == 200
    assert "Where are you?" in response.text
    is_number = sender.startswith("+1602")
    assert ("tel:" in response.text) == (is_number and path == "/desk/tasks")


def test_an_appointment_that_cannot_take_place_says_why_and_links_to_moving(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    a_closure(clinic.location, TOMORROW)
    open_missing_call_tasks(NOW)
    text = desk.get("/desk/tasks").text
    assert "The location is closed then." in text
    assert f"/desk/visits/{appointment.id}/move" in text


def test_the_day_marks_an_appointment_that_cannot_take_place(
    desk: FlaskClient, clinic: Clinic
) -> None:
    appointment = a_booking(local(10))
    assert "take place" not in desk.get(f"/desk/day/ahwatukee/{TOMORROW}").text
    a_closure(clinic.location, TOMORROW)
    # The list, room and practitioner
    assert desk.get(f"/desk/day/ahwatukee/{TOMORROW}").text.count("t take place") == 3
    assert "The location is closed then." in desk.get(f"/desk/visits/{appointment.id}").text
