"""A thumb up to one of our texts: to a reminder it is a yes, else nothing; what we wrote is never theirs."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.messaging.models import InboundMessage, Message
from booking.messaging.opt_outs import is_opted_out
from booking.messaging.rules import Channel, ReplyMeaning
from booking.reminders.conversations import reply_by_text
from booking.reminders.inbound import receive_reply
from booking.staff.models import Staff
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, a_contact, local
from tests.reminders.prepared import (
    NEXT_WEEK,
    PHONE,
    Tick,
    a_clinic_that_reminds,
    an_appointment,
    on_record,
)
from tests.reminders.signed import OURS

REMINDED = local(14, day=NEXT_WEEK - timedelta(days=1))
LATER = REMINDED + timedelta(minutes=5)


@pytest.fixture
def appointment(app: Flask, tick: Tick) -> Appointment:
    """An appointment tomorrow, of which its patient was reminded and, in his answer, told to wait."""
    a_clinic_that_reminds()
    made = an_appointment()
    tick(NOW)
    tick(REMINDED)
    return made


def text_of(kind: str) -> str:
    """Return the words of the text of a kind."""
    (text,) = [each for each in on_record(kind=kind) if each.channel is Channel.SMS]
    return text.body


def react(form: str, body: str) -> ReplyMeaning | None:
    return receive_reply("IN9", PHONE, OURS, form.format(body), LATER)


def confirmed(appointment: Appointment) -> bool:
    db.session.expire_all()
    return db.session.get_one(Appointment, appointment.id).confirmed_at is not None


@pytest.mark.parametrize("form", ["Liked “{}”", "👍 to “{}”", "Le encantó “{}”"])
def test_a_thumb_up_to_the_reminder_confirms_the_appointment(
    appointment: Appointment, form: str
) -> None:
    assert react(form, text_of("day_before")) is ReplyMeaning.CONFIRM
    assert confirmed(appointment)
    assert len(on_record(kind="answer_confirm")) == 1


def test_a_thumb_up_to_the_booking_ends_no_texts(appointment: Appointment) -> None:
    body = text_of("confirmation")
    assert "STOP" in body
    assert react("Liked “{}”", body) is ReplyMeaning.CONFIRM
    assert not is_opted_out(PHONE)
    assert not confirmed(appointment)
    assert on_record(kind="answer_confirm") == []


def test_a_thumb_up_to_an_answer_asks_for_nothing(appointment: Appointment, tick: Tick) -> None:
    receive_reply("IN1", PHONE, OURS, "where do I park?", REMINDED)
    tick(REMINDED + timedelta(minutes=1))
    before = len(db.session.scalars(select(Message)).all())
    assert react("Liked “{}”", text_of("answer_unclear")) is ReplyMeaning.CONFIRM
    assert not confirmed(appointment)
    assert len(db.session.scalars(select(Message)).all()) == before
    assert [task.kind for task in db.session.scalars(select(Task))] == [TaskKind.READ_TEXT]
    reaction = db.session.scalars(select(InboundMessage).filter_by(provider_id="IN9")).one()
    assert reaction.read_at == LATER


def test_a_thumb_down_is_read_by_a_person(appointment: Appointment) -> None:
    assert react("Disliked “{}”", text_of("day_before")) is ReplyMeaning.UNCLEAR
    assert [task.kind for task in db.session.scalars(select(Task))] == [TaskKind.READ_TEXT]


def test_our_words_from_a_number_that_we_never_texted_are_theirs(appointment: Appointment) -> None:
    stranger, body = a_contact(phone="+16025550177").phone or "", text_of("confirmation")
    meaning = receive_reply("IN9", stranger, OURS, f"Liked “{body}”", LATER)
    assert meaning is ReplyMeaning.STOP


@pytest.mark.parametrize("form", ["Yes", "ok sure", "👍", "Liked “{}”"])
def test_a_yes_to_what_the_desk_asked_is_for_the_desk(
    appointment: Appointment, tick: Tick, form: str
) -> None:
    receive_reply("IN1", PHONE, OURS, "where do I park?", REMINDED)
    text = db.session.scalars(select(InboundMessage)).one()
    asked = "Behind the house. Do you have a ride home?"
    reply_by_text(text, asked, a_person_at_the_desk(), REMINDED)
    tick(REMINDED + timedelta(minutes=1))
    assert react(form, asked) is ReplyMeaning.UNCLEAR
    assert not confirmed(appointment)
    (answer,) = db.session.scalars(select(InboundMessage).filter_by(provider_id="IN9"))
    assert answer.read_at is None


def test_a_1_after_what_the_desk_wrote_still_confirms(appointment: Appointment, tick: Tick) -> None:
    receive_reply("IN1", PHONE, OURS, "where do I park?", REMINDED)
    text = db.session.scalars(select(InboundMessage)).one()
    reply_by_text(text, "Behind the house.", a_person_at_the_desk(), REMINDED)
    tick(REMINDED + timedelta(minutes=1))
    assert react("1", "") is ReplyMeaning.CONFIRM
    assert confirmed(appointment)


def a_person_at_the_desk() -> int:
    """Return the id of somebody who answers texts."""
    return db.session.scalars(select(Staff.id).order_by(Staff.id)).first() or 0
