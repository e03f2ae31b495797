"""A lost link goes again to where an appointment's messages go, whoever asks and whatever they typed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.messaging.rules import Channel
from booking.reminders.lost_links import SENT_AGAIN_AFTER, LinkRequest, resend_links
from tests.builders import BORN, NOW, a_booking, a_contact, local
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import (
    EMAIL,
    NEXT_WEEK,
    PHONE,
    Tick,
    a_clinic_that_reminds,
    an_appointment,
    kinds,
    on_record,
    ticking,
)

ASKED = LinkRequest("Person", BORN, PHONE, None)
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def appointment(app: Flask) -> Iterator[Appointment]:
    a_clinic_that_reminds()
    with time_machine.travel(NOW, tick=False):
        yield an_appointment()


@pytest.fixture
def tick(app: Flask, appointment: Appointment) -> Tick:
    """A tick after which only what is asked for is new: the confirmation has gone."""
    tick = ticking(ObedientSender())
    tick(NOW)
    return tick


def links_of(*appointments: Appointment) -> list[str]:
    return [f"http://127.0.0.1:8000/a/{appointment.token}" for appointment in appointments]


def test_the_link_goes_by_text_and_email_at_once(appointment: Appointment, tick: Tick) -> None:
    resend_links(ASKED, LATER)
    sent = tick(LATER)
    assert kinds(sent) == [("links", "email"), ("links", "sms")]
    assert {message.recipient for message in sent} == {PHONE, EMAIL}
    assert all(links_of(appointment)[0] in message.body for message in sent)


@pytest.mark.parametrize(
    "asked",
    [
        replace(ASKED, phone=None, email=EMAIL),
        replace(ASKED, family_name="PÉRSON"),
        replace(ASKED, phone=f"{PHONE};ext=5"),
    ],
)
def test_either_contact_does_and_spelling_does_not_matter(
    appointment: Appointment, tick: Tick, asked: LinkRequest
) -> None:
    resend_links(asked, LATER)
    assert len(tick(LATER)) == 2


@pytest.mark.parametrize(
    "asked",
    [
        replace(ASKED, family_name="Persons"),
        replace(ASKED, birth_date=BORN + timedelta(days=1)),
        replace(ASKED, phone="+16025550199"),
        replace(ASKED, phone=None, email="other@example.com"),
        replace(ASKED, phone=None, email=None),
    ],
)
def test_with_one_thing_wrong_nothing_goes(
    appointment: Appointment, tick: Tick, asked: LinkRequest
) -> None:
    resend_links(asked, LATER)
    assert tick(LATER) == []
    assert on_record(kind="links") == []


def test_several_appointments_are_one_message_with_each_link(
    appointment: Appointment, tick: Tick
) -> None:
    contact = a_contact(family_name="Person", phone=PHONE, email=EMAIL)
    sooner = a_booking(local(9, day=NEXT_WEEK), NOW, contact=contact)
    tick(NOW)
    resend_links(ASKED, LATER)
    by_channel = {message.channel: message.body for message in tick(LATER)}
    assert len(by_channel) == 2
    assert "you have 2 visits, the next on Tue, Dec 8 at 9:00 AM" in by_channel[Channel.SMS]
    assert links_of(sooner)[0] in by_channel[Channel.SMS]
    assert all(link in by_channel[Channel.EMAIL] for link in links_of(sooner, appointment))


def test_invariant_14_what_was_given_for_another_appointment_learns_nothing_of_this_one(
    appointment: Appointment, tick: Tick
) -> None:
    """Somebody books in a person's name with an e-mail of their own, and asks for the links there."""
    contact = a_contact(family_name="Person", phone=PHONE, email="intruder@example.com")
    theirs = a_booking(local(9, day=NEXT_WEEK), NOW, contact=contact)
    tick(NOW)
    resend_links(replace(ASKED, phone=None, email="intruder@example.com"), LATER)
    to_intruder = [m for m in tick(LATER) if m.recipient == "intruder@example.com"]
    assert [links_of(theirs)[0] in message.body for message in to_intruder] == [True]
    assert [links_of(appointment)[0] in message.body for message in to_intruder] == [False]


def test_asked_again_at_once_it_goes_once_and_later_once_more(
    appointment: Appointment, tick: Tick
) -> None:
    for _ in range(3):
        resend_links(ASKED, LATER)
    assert len(tick(LATER)) == 2
    again = LATER + SENT_AGAIN_AFTER
    resend_links(ASKED, again)
    assert len(tick(again)) == 2


def test_what_is_cancelled_before_it_goes_is_not_told_of(
    appointment: Appointment, tick: Tick
) -> None:
    resend_links(ASKED, LATER)
    appointment_operations.cancel(appointment.id, LATER, "online", by_patient=True)
    assert kinds(tick(LATER)) == [("cancellation", "email"), ("cancellation", "sms")]
    resend_links(ASKED, LATER + SENT_AGAIN_AFTER)
    assert tick(LATER + SENT_AGAIN_AFTER) == []
