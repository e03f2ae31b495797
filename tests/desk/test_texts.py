"""Texts as conversations: who writes, what is unread, and an answer that goes once or not at all."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.extensions import db
from booking.messaging import conversations, opt_outs
from booking.messaging.conversations import count_unread_conversations, find_text
from booking.messaging.models import Message
from booking.reminders.inbound import receive_reply
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, Task, TaskKind
from tests.builders import NOW, Clinic, a_patient
from tests.desk.text_scenarios import PHONE, QUESTION, a_text

ANSWER = {"body": "Yes, behind the house."}


def replies() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == "reply")))


def test_a_shared_number_is_one_conversation_of_all_whom_it_reaches(desk: FlaskClient) -> None:
    for name in ("Ana", "Leo"):
        a_patient(given_name=name, family_name="Ruiz", phone=PHONE)
    text_id = a_text()
    assert "Ana Ruiz, Leo Ruiz" in desk.get("/desk/texts").text
    text = desk.get(f"/desk/texts/{text_id}").text
    assert "2 people share this number" in text
    assert QUESTION in text


def test_a_text_is_unread_until_somebody_opens_it_and_a_look_changes_nothing(
    desk: FlaskClient, clinic: Clinic
) -> None:
    text_id = a_text()
    for page in ("/desk/texts", f"/desk/texts/{text_id}"):
        desk.get(page)
    assert count_unread_conversations() == 1
    assert 'id="text-count"><span class="count count-late">1<' in desk.get("/desk/alerts").text
    assert desk.post(f"/desk/texts/{text_id}/open").status_code == 302
    text = find_text(text_id)
    assert text is not None
    assert text.read_by_id == clinic.front_desk.id
    assert count_unread_conversations() == 0


def test_what_the_program_dealt_with_is_unread_by_nobody(desk: FlaskClient) -> None:
    receive_reply("SM1", PHONE, "+16025550100", "START", NOW)
    assert count_unread_conversations() == 0


@pytest.mark.parametrize(
    ("body", "media_count", "note"),
    [
        ("", 1, "[a picture or file, not kept here: ask]"),
        ("this rash", 2, "this rash\n[2 pictures or files, not kept here: ask]"),
        (" ", 0, "[no words]"),
    ],
)
def test_what_came_without_words_is_not_shown_as_nothing(
    desk: FlaskClient, body: str, media_count: int, note: str
) -> None:
    receive_reply("SM1", PHONE, "+16025550100", body, NOW, media_count)
    (text_id,) = conversations.list_text_ids(PHONE)
    for page in ("/desk/texts", f"/desk/texts/{text_id}", "/desk/tasks"):
        assert note in desk.get(page).text


def test_an_answer_goes_into_the_outbox_and_closes_the_task(
    desk: FlaskClient, clinic: Clinic
) -> None:
    text_id = a_text()
    desk.post(f"/desk/texts/{text_id}/reply", data=ANSWER)
    (reply,) = replies()
    assert (reply.recipient, reply.body, reply.immediate) == (PHONE, ANSWER["body"], True)
    (task,) = db.session.scalars(select(Task).where(Task.kind == TaskKind.READ_TEXT))
    assert task.done_by_id == clinic.front_desk.id
    assert "We wrote" in desk.get(f"/desk/texts/{text_id}").text


def test_an_answer_leaves_a_crisis_open_and_takes_it_on(desk: FlaskClient, clinic: Clinic) -> None:
    text_id = a_text("I want to kill myself")
    desk.post(f"/desk/texts/{text_id}/reply", data=ANSWER)
    (task,) = tasks.list_open_tasks(TaskKind.CRISIS)
    assert task.assigned_to_id == clinic.front_desk.id


@pytest.mark.parametrize("problem", ["said STOP", "safe to text", "no texts to numbers"])
def test_no_answer_goes_where_none_may(desk: FlaskClient, problem: str) -> None:
    phone = "+442079460123" if "numbers" in problem else PHONE
    patient = a_patient(phone=phone)
    text_id = a_text(phone=phone)
    if "STOP" in problem:
        opt_outs.record_opt_out(phone, opt_outs.INBOUND, NOW)
    if "safe" in problem:
        patient.safe_to_text = False
        db.session.commit()
    response = desk.post(f"/desk/texts/{text_id}/reply", data=ANSWER)
    assert response.status_code == 422
    assert problem in response.text
    assert replies() == []


def test_a_number_that_texts_again_waits_on_top(desk: FlaskClient) -> None:
    first = a_text("First", "SM1", "+16025550143")
    desk.post(f"/desk/texts/{first}/open")
    a_text("Second", "SM2", "+16025550144")
    text = desk.get("/desk/texts").text
    assert text.index("Second") < text.index("First")


def test_a_task_is_taken_given_to_a_colleague_and_given_back(
    desk: FlaskClient, clinic: Clinic
) -> None:
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", a_patient().id, NOW, NOW)
    (task,) = tasks.list_open_tasks()
    page, colleague = f"/desk/tasks/{task.id}/assign", clinic.practitioner
    for typed, assignee_id in (
        ({"assignee": "me"}, clinic.front_desk.id),
        ({"assignee": "colleague", "colleague": str(colleague.id)}, colleague.id),
        ({"assignee": "nobody"}, None),
    ):
        assert desk.post(page, data=typed).status_code == 302
        assert db.session.get_one(Task, task.id).assigned_to_id == assignee_id


def test_a_practitioners_task_is_given_to_practitioners_only(
    desk: FlaskClient, clinic: Clinic
) -> None:
    tasks.open_task(TaskKind.CALL_FIRST, Owner.PRACTITIONER, "patient", a_patient().id, NOW, NOW)
    (task,) = tasks.list_open_tasks()
    typed = {"assignee": "colleague", "colleague": str(clinic.front_desk.id)}
    assert desk.post(f"/desk/tasks/{task.id}/assign", data=typed).status_code == 422
    assert db.session.get_one(Task, task.id).assigned_to_id is None


def test_overdue_tasks_come_first_then_groups_with_what_is_left_of_opening(
    desk: FlaskClient,
) -> None:
    patient = a_patient().id
    soon, late = NOW + timedelta(hours=26), NOW - timedelta(hours=1)
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", patient, soon, NOW)
    tasks.open_task(TaskKind.MEND_CONTACT, Owner.FRONT_DESK, "patient", patient, late, NOW)
    text = desk.get("/desk/tasks").text
    assert text.index("Overdue <span") < text.index("Mend a number") < text.index("Calls <span")
    assert "of opening left" in text
