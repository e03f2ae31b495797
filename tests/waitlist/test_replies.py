"""A "yes" by text to an offer: nothing is moved or confirmed by it, and the answer says how."""

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import ReplyMeaning
from booking.reminders.inbound import receive_reply
from tests.builders import NOW
from tests.waitlist.waiting import MINUTE, current, free_up, mark_sent, patient_of, tick


def reply(appointment: Appointment, body: str) -> ReplyMeaning | None:
    phone = str(patient_of(appointment).phone)
    return receive_reply("SM1", phone, "+16025550100", body, NOW + MINUTE)


def test_a_yes_to_an_offer_is_told_to_use_the_link(
    waiting: Appointment, booked: list[Appointment]
) -> None:
    free_up(booked[0])
    (made,) = tick(NOW)
    mark_sent(made)
    assert reply(waiting, "YES") is ReplyMeaning.CONFIRM
    assert current(waiting).confirmed_at is None
    assert current(waiting).sequence == 0
    answer = db.session.scalars(select(Message).filter_by(kind="answer_use_link")).one()
    assert answer.body == (
        "Ahwatukee Clinic: to take the sooner visit open the link in our last text. Until then your "
        "visit stays as it is."
    )


def test_a_stop_is_a_stop_all_the_same(waiting: Appointment, booked: list[Appointment]) -> None:
    free_up(booked[0])
    (made,) = tick(NOW)
    mark_sent(made)
    assert reply(waiting, "STOP") is ReplyMeaning.STOP
