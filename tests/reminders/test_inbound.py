"""What follows from a text: 1 confirms, 2 and doubt reach a person, STOP holds, a crisis goes first."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.audit.models import AuditEntry
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.opt_outs import is_opted_out
from booking.messaging.rules import Reason, ReplyMeaning
from booking.patients.models import Patient
from booking.reminders.contexts import appointment_url
from booking.reminders.inbound import receive_reply
from booking.tasks.models import Owner, Task, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_contact, local
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import (
    NEXT_WEEK,
    PHONE,
    Tick,
    a_clinic_that_reminds,
    an_appointment,
    kinds,
    on_record,
    ticking,
)
from tests.reminders.signed import OURS

SOON = NOW + timedelta(hours=1)
REMINDED = local(14, day=NEXT_WEEK - timedelta(days=1))
NIGHT = local(3)  # three in the morning in Phoenix
AFTERNOON = "Tue, Dec 1, 1:00 PM"  # after four hours of opening


@pytest.fixture(autouse=True)
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


@pytest.fixture
def tick(clinic: Clinic) -> Tick:
    return ticking(ObedientSender())


@pytest.fixture
def appointment(tick: Tick) -> Appointment:
    """An appointment next week, of which its patient was texted."""
    made = an_appointment()
    tick(NOW)
    return made


def said(body: str, at: datetime = SOON, sid: str = "IN1", who: str = PHONE) -> ReplyMeaning | None:
    return receive_reply(sid, who, OURS, body, at)


def again(appointment: Appointment) -> Appointment:
    db.session.expire_all()
    return db.session.get_one(Appointment, appointment.id)


def open_tasks() -> list[Task]:
    return list(db.session.scalars(select(Task).filter_by(done_at=None).order_by(Task.id)))


def changes() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_1_confirms_the_appointment_that_was_texted_of_once(
    appointment: Appointment, tick: Tick
) -> None:
    assert said("1") is ReplyMeaning.CONFIRM
    assert again(appointment).confirmed_at == SOON
    assert kinds(tick(SOON)) == [("answer_confirm", "sms")]
    before = changes()
    assert said("1", SOON + timedelta(minutes=5)) is None
    said("Yes", SOON + timedelta(minutes=9), "IN2")
    assert (again(appointment).confirmed_at, changes(), open_tasks()) == (SOON, before, [])


def test_a_repeated_text_changes_nothing_and_is_answered_once(
    appointment: Appointment, tick: Tick
) -> None:
    assert [said("2"), said("2"), said("2")] == [ReplyMeaning.CHANGE, None, None]
    assert len(open_tasks()) == 1
    answers = [message for message in tick(SOON) if message.kind.startswith("answer")]
    assert kinds(answers) == [("answer_change", "sms")]
    assert said("2") is None
    assert tick(SOON + timedelta(minutes=1)) == []


def test_a_text_handed_on_twice_at_the_same_moment_is_heard_once(
    app: Flask, appointment: Appointment
) -> None:
    def hear(_: int) -> ReplyMeaning | None:
        with app.app_context():
            return said("2")

    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(hear, range(4)))
    assert sorted(map(str, heard)) == ["None", "None", "None", "change"]
    assert len(on_record(kind="answer_change")) == len(open_tasks()) == 1


def test_1_is_about_the_appointment_last_texted_of(appointment: Appointment, tick: Tick) -> None:
    sooner = an_appointment(local(9, day=NEXT_WEEK - timedelta(days=1)))
    tick(SOON)
    said("1", SOON)
    assert again(sooner).confirmed_at == SOON
    tick(REMINDED)
    said("1", REMINDED, "IN2")
    assert again(appointment).confirmed_at == REMINDED


def test_1_is_about_the_appointment_whose_reminder_asked_for_it(
    appointment: Appointment, tick: Tick
) -> None:
    tick(REMINDED)
    later = an_appointment(local(9, day=NEXT_WEEK + timedelta(days=2)), REMINDED)
    tick(REMINDED + timedelta(minutes=1))
    said("1", REMINDED + timedelta(minutes=2))
    assert again(appointment).confirmed_at is not None
    assert again(later).confirmed_at is None


def test_a_machine_that_answers_us_is_answered_once_an_hour(
    appointment: Appointment, tick: Tick
) -> None:
    for number in range(5):
        said("I am driving", SOON + timedelta(minutes=number), f"IN{number}")
    answers = on_record(kind="answer_unclear")
    assert [message.reason for message in answers] == [None] + [Reason.DUPLICATE] * 4
    said("I can't go on", SOON, "IN8")
    said("I can't go on", SOON, "IN9")
    assert [message.reason for message in on_record(kind="answer_crisis")] == [None, None]


@pytest.mark.parametrize("body", ["1", "2", "where are you?"])
def test_who_is_not_known_is_answered_and_read_by_a_person(body: str, tick: Tick) -> None:
    a_booking(local(14, day=NEXT_WEEK))
    tick(NOW)
    said(body, who="+16025559999")
    assert [task.details for task in open_tasks()] == [{"appointment": None}]
    assert [message.recipient for message in tick(SOON)] == ["+16025559999"]
    assert db.session.scalars(select(Appointment)).one().confirmed_at is None


def test_1_once_the_appointment_has_begun_confirms_nothing(
    appointment: Appointment, tick: Tick
) -> None:
    tick(REMINDED)
    assert said("1", appointment.starts_at) is ReplyMeaning.UNCLEAR
    assert again(appointment).confirmed_at is None
    assert [task.kind for task in open_tasks()] == [TaskKind.READ_TEXT]


def test_2_asks_a_person_to_call_and_leaves_the_appointment_booked(
    appointment: Appointment,
) -> None:
    assert said("2") is ReplyMeaning.CHANGE
    (task,) = open_tasks()
    assert (task.kind, task.owner) == (TaskKind.CHANGE_WANTED, Owner.FRONT_DESK)
    assert (task.details, task.due_at) == (
        {"appointment": appointment.id},
        SOON + timedelta(hours=4),
    )
    assert (again(appointment).status, again(appointment).confirmed_at) == (Status.BOOKED, None)


def test_a_text_in_the_night_is_dealt_with_in_opening_hours(appointment: Appointment) -> None:
    said("2", NIGHT)
    assert open_tasks()[0].due_at == local(13)  # four hours after nine


def test_what_is_unclear_is_read_by_a_person(appointment: Appointment, tick: Tick) -> None:
    assert said("running 10 late, is that ok?", NOW) is ReplyMeaning.UNCLEAR
    assert [task.kind for task in open_tasks()] == [TaskKind.READ_TEXT]
    assert kinds(tick(NOW)) == [("answer_unclear", "sms")]


@pytest.mark.parametrize(
    ("body", "opening"),
    [
        ("2", "or we call you by"),
        ("hm", "A person answers by"),
        ("I want to die", "We will call you by"),
    ],
)
def test_an_answer_promises_a_time_at_which_somebody_is_here(
    appointment: Appointment, body: str, opening: str
) -> None:
    """At three in the morning "soon" would be untrue: four hours of opening from eight on."""
    said(body, NIGHT)
    (message,) = [message for message in on_record() if message.kind.startswith("answer")]
    assert f"{opening} {AFTERNOON}" in " ".join(message.body.split())


def test_a_2_brings_the_page_on_which_it_is_moved_while_it_can_be(
    appointment: Appointment,
) -> None:
    said("2", NOW)
    said("2", appointment.starts_at + timedelta(minutes=5), sid="IN2")
    before, after = (each.body for each in on_record() if each.kind == "answer_change")
    assert appointment_url(appointment) in before
    assert "/a/" not in after


STOPS = ["STOP", "stop!", "Please stop texting me", "take me off your list", "I revoke my consent"]
PAREN = [
    "ALTO",
    "Baja",
    "No me manden más mensajes",
    "dejen de escribirme",
    "ya no quiero mensajes",
]


@pytest.mark.parametrize("body", STOPS + PAREN)
def test_stop_in_any_wording_ends_all_texts_to_the_number(
    appointment: Appointment, tick: Tick, body: str
) -> None:
    assert said(body, NOW) is ReplyMeaning.STOP
    another = a_booking(local(11, day=NEXT_WEEK), contact=a_contact(phone=PHONE))
    messages = [
        message
        for at in (NOW, REMINDED, appointment.starts_at - timedelta(hours=2))
        for message in tick(at)
    ]
    assert {message.channel.value for message in messages} == {"email"}
    texts = on_record(topic=f"appointment:{another.id}", channel="sms", kind="confirmation")
    assert [message.reason for message in texts] == [Reason.OPTED_OUT]


def test_start_undoes_stop(appointment: Appointment, tick: Tick) -> None:
    said("STOP", NOW)
    said("START", NOW + timedelta(hours=1), "IN2")
    assert not is_opted_out(PHONE)
    assert ("day_before", "sms") in kinds(tick(REMINDED))
    assert not any(message.kind.startswith("answer") for message in on_record())


def test_cancel_stops_and_is_read_by_a_person_too(appointment: Appointment) -> None:
    assert said("Cancel") is ReplyMeaning.STOP
    assert again(appointment).status is Status.BOOKED
    assert [task.details for task in open_tasks()] == [{"appointment": appointment.id}]


@pytest.mark.parametrize("body", ["I want to die", "Stop. I can't go on", "STOP no quiero vivir"])
def test_a_crisis_is_answered_at_once_at_any_hour_and_before_stop(
    appointment: Appointment, tick: Tick, body: str
) -> None:
    assert said(body, NIGHT) is ReplyMeaning.CRISIS
    (message,) = tick(NIGHT)
    assert (message.kind, message.recipient) == ("answer_crisis", PHONE)
    assert "988" in message.body
    assert "911" in message.body
    (task,) = open_tasks()
    assert (task.kind, task.due_at - NIGHT) == (TaskKind.CRISIS, timedelta(minutes=15))
    assert task.details == {"appointment": appointment.id}
    assert not is_opted_out(PHONE)


def test_a_crisis_of_who_is_not_known_or_had_stopped_reaches_a_person(tick: Tick) -> None:
    said("STOP", NIGHT)
    said("I want to die", NIGHT, "IN2")
    said("quiero morir", NIGHT, "IN3", who="+16025559999")
    assert [task.kind for task in open_tasks()] == [TaskKind.CRISIS] * 2
    assert [message.recipient for message in tick(NIGHT)] == ["+16025559999"]


def test_help_is_answered_with_the_clinics_number(appointment: Appointment, tick: Tick) -> None:
    said("HELP", NIGHT)
    (message,) = tick(NIGHT)
    assert "(602) 555-0100" in message.body
    assert open_tasks() == []


def test_every_answer_names_the_neutral_name_only(appointment: Appointment, clinic: Clinic) -> None:
    for number, body in enumerate(["1", "2", "HELP", "I want to die", "hm"]):
        said(body, sid=f"IN{number}")
    answers = db.session.scalars(select(Message).where(Message.kind.startswith("answer")))
    found = [message.body for message in answers]
    assert len(found) == 5
    assert all(body.startswith(clinic.location.neutral_name) for body in found)


def test_no_answer_goes_an_hour_late(appointment: Appointment, tick: Tick) -> None:
    said("2", NIGHT)
    assert tick(NIGHT + timedelta(hours=1)) == []
    assert [message.reason for message in on_record(kind="answer_change")] == [Reason.TOO_LATE]


def test_who_is_texted_for_another_is_not_told_of_them(
    appointment: Appointment, tick: Tick
) -> None:
    db.session.expire_all()
    patient = db.session.get_one(Patient, appointment.patient_id)
    said("2", NOW, who="+16025559999")
    (message,) = tick(NOW)
    assert patient.given_name not in message.body
