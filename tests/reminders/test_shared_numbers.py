"""Relatives on one phone: each is reminded, and each text and answer is about the right one."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.opt_outs import is_opted_out
from booking.messaging.rules import MessageStatus, ReplyMeaning
from booking.patients.models import Patient
from booking.reminders.inbound import receive_reply
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, a_booking, a_contact, local
from tests.reminders.prepared import NEXT_WEEK, PHONE, Tick, a_clinic_that_reminds, on_record
from tests.reminders.signed import OURS

REMINDED = local(14, day=NEXT_WEEK - timedelta(days=1))
SOON = REMINDED + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def clinic(app: Flask) -> None:
    a_clinic_that_reminds()


def booked(given: str, family: str, hour: int, days: int = 0) -> Appointment:
    contact = a_contact(given_name=given, family_name=family, phone=PHONE, email=None)
    return a_booking(local(hour, day=NEXT_WEEK + timedelta(days=days)), contact=contact)


@pytest.fixture
def maria(clinic: None) -> Appointment:
    return booked("Maria", "Santos", 14)


@pytest.fixture
def anna(maria: Appointment) -> Appointment:
    return booked("Anna", "Bell", 15)


def reminders(tick: Tick) -> list[Message]:
    """Let both be confirmed, then reminded on the day before."""
    tick(NOW)
    return [*tick(REMINDED), *tick(REMINDED + timedelta(hours=1))]


def said(body: str, sid: str = "IN1") -> ReplyMeaning | None:
    return receive_reply(sid, PHONE, OURS, body, SOON + timedelta(hours=1))


def confirmed(appointment: Appointment) -> bool:
    db.session.expire_all()
    return db.session.get_one(Appointment, appointment.id).confirmed_at is not None


def answer() -> str:
    """Return what the last text was answered with."""
    db.session.rollback()
    answers = select(Message.body).where(Message.kind.startswith("answer_"))
    return db.session.scalars(answers.order_by(Message.id.desc())).first() or ""


def open_tasks() -> list[Task]:
    return list(db.session.scalars(select(Task).filter_by(done_at=None).order_by(Task.id)))


def test_invariant_14_relatives_on_one_phone_are_each_reminded_by_initials(
    maria: Appointment, anna: Appointment, tick: Tick
) -> None:
    texts = [message.body for message in reminders(tick)]
    assert len(texts) == 2
    for body, whose in zip(texts, ("M.S.", "A.B."), strict=True):
        assert body.startswith(f"Ahwatukee Clinic, for {whose}: ")
        assert f"Reply 1 {whose} to confirm" in body
        assert "Maria" not in body
        assert "Santos" not in body


def test_one_alone_at_a_number_is_not_named(maria: Appointment, tick: Tick) -> None:
    assert all("M.S." not in message.body for message in reminders(tick))


def test_who_comes_to_share_a_number_later_is_named_in_what_is_sent_then(
    maria: Appointment, tick: Tick
) -> None:
    first = tick(NOW)
    booked("Anna", "Bell", 15)
    second = tick(NOW + timedelta(minutes=1))
    assert [("for M.S." in message.body) for message in first] == [False]
    assert [("for A.B." in message.body) for message in second] == [True]
    assert "for M.S." in tick(REMINDED)[0].body  # it had been planned without


@pytest.mark.parametrize("body", ["1 M.S.", "1 ms", "M.S. 1", "Yes, M.S.", "1 for MS"])
def test_initials_say_whose_appointment_is_confirmed(
    maria: Appointment, anna: Appointment, tick: Tick, body: str
) -> None:
    reminders(tick)
    assert said(body) is ReplyMeaning.CONFIRM
    assert (confirmed(maria), confirmed(anna)) == (True, False)
    assert answer() == "Ahwatukee Clinic, for M.S.: thank you, see you then."
    assert open_tasks() == []


@pytest.mark.parametrize("body", ["1 Anna", "Anna 1", "1 for anna", "Yes Anna"])
def test_a_given_name_beside_one_word_says_whose_appointment_is_confirmed(
    maria: Appointment, anna: Appointment, tick: Tick, body: str
) -> None:
    reminders(tick)
    assert said(body) is ReplyMeaning.CONFIRM
    assert (confirmed(maria), confirmed(anna)) == (False, True)


def test_a_given_name_in_a_sentence_confirms_nothing(
    maria: Appointment, anna: Appointment, tick: Tick
) -> None:
    reminders(tick)
    for number, body in enumerate(("Anna will be there", "Anna 1 2", "this is Anna, yes")):
        assert said(body, f"IN{number}") is ReplyMeaning.UNCLEAR
    assert (confirmed(maria), confirmed(anna)) == (False, False)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Where do I park?", "in danger"),
        ("¿Dónde me estaciono?", "Si corre peligro"),
        ("1", "Whose"),
    ],
)
def test_who_shares_a_number_is_answered_in_the_language_of_the_text(
    maria: Appointment, anna: Appointment, tick: Tick, body: str, words: str
) -> None:
    with transaction():
        db.session.get_one(Patient, maria.patient_id).language = "es"
    reminders(tick)
    said(body)
    assert words in answer()


def test_a_1_that_may_mean_either_confirms_neither_and_asks_whose(
    maria: Appointment, anna: Appointment, tick: Tick
) -> None:
    reminders(tick)
    assert said("1") is ReplyMeaning.UNCLEAR
    assert (confirmed(maria), confirmed(anna)) == (False, False)
    assert "Reply 1 A.B. or 1 M.S. to confirm." in answer()
    assert [task.kind for task in open_tasks()] == [TaskKind.READ_TEXT]
    said("1 A.B.", "IN2")
    assert (confirmed(maria), confirmed(anna)) == (False, True)


def test_a_1_confirms_the_only_one_who_was_asked(maria: Appointment, tick: Tick) -> None:
    later = booked("Anna", "Bell", 15, days=3)
    reminders(tick)
    assert said("1") is ReplyMeaning.CONFIRM
    assert (confirmed(maria), confirmed(later)) == (True, False)
    assert "for M.S." in answer()


def test_a_2_names_whose_appointment_it_is_to_the_desk_only_where_that_is_clear(
    maria: Appointment, anna: Appointment, tick: Tick
) -> None:
    reminders(tick)
    said("2")
    said("2 AB", "IN2")
    unclear, clear = open_tasks()
    both = [maria.patient_id, anna.patient_id]
    assert unclear.details == {"appointment": None, "patients": both}
    assert clear.details == {"appointment": anna.id, "patients": both}


def test_stop_covers_the_number_and_tells_the_desk_who_else_is_on_it(
    maria: Appointment, anna: Appointment, tick: Tick
) -> None:
    reminders(tick)
    assert said("STOP") is ReplyMeaning.STOP
    assert is_opted_out(PHONE)
    [task] = open_tasks()
    assert task.kind is TaskKind.READ_TEXT
    assert task.details["patients"] == [maria.patient_id, anna.patient_id]


def test_a_crisis_on_a_shared_number_tells_the_desk_both(
    maria: Appointment, anna: Appointment, tick: Tick
) -> None:
    reminders(tick)
    assert said("I want to die") is ReplyMeaning.CRISIS
    [task] = open_tasks()
    assert task.details == {
        "appointment": None,
        "patients": [maria.patient_id, anna.patient_id],
    }


def test_same_initials_are_told_apart_by_the_given_name(maria: Appointment, tick: Tick) -> None:
    mario = booked("Mario", "Stone", 15)
    texts = [message.body for message in reminders(tick)]
    assert [body.split(":")[0] for body in texts] == [
        "Ahwatukee Clinic, for Maria S.",
        "Ahwatukee Clinic, for Mario S.",
    ]
    said("1 Mario S")
    assert (confirmed(maria), confirmed(mario)) == (False, True)


def test_invariant_14_two_records_of_one_person_are_reminded_once_after_the_merge(
    maria: Appointment, anna: Appointment, tick: Tick
) -> None:
    tick(NOW)
    with transaction():
        patient = db.session.get_one(Patient, anna.patient_id)
        db.session.get_one(Patient, maria.patient_id).merged_into_id = patient.id
    texts = [*tick(REMINDED), *tick(REMINDED + timedelta(hours=1))]
    assert len(texts) == 1
    assert "for " not in texts[0].body
    assert {message.person for message in on_record(kind="day_before")} == {f"patient:{patient.id}"}
    assert [message.status for message in on_record(kind="day_before")] == [
        MessageStatus.SENT,
        MessageStatus.SKIPPED,
    ]
