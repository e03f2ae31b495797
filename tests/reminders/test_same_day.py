"""Reminders of one person's visits on one day: one text names those at one place, and none is lost."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.booking import Booked, book_slot
from booking.appointments.models import Appointment
from booking.appointments.readiness import readiness_asked_at
from booking.extensions import db
from booking.locations.models import Location
from booking.messaging.models import Message
from booking.messaging.rules import Channel, Reason
from booking.messaging.segments import measure_text
from booking.messaging.senders import DeliveryUnknown, SendFailed
from booking.reminders.contexts import appointment_url
from booking.reminders.inbound import receive_reply
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, a_clinic, a_contact, a_patient, a_request, an_infusion, local
from tests.messaging.builders import ObedientSender, raising
from tests.reminders.prepared import (
    EMAIL,
    NEXT_WEEK,
    PHONE,
    Tick,
    a_clinic_that_reminds,
    an_appointment,
    on_record,
)
from tests.reminders.signed import OURS

EVE = NEXT_WEEK - timedelta(days=1)
NINE, THREE = local(9, day=NEXT_WEEK), local(15, day=NEXT_WEEK)
BACK = local(16, day=EVE)  # when the reminders of both are past
MINUTE = timedelta(minutes=1)
BOTH = "9:00 AM and 3:00 PM MST"


def two_on_one_day(tick: Tick) -> tuple[Appointment, Appointment]:
    """Book one person at nine and at three, and tell of both."""
    a_clinic_that_reminds()
    pair = an_appointment(NINE), an_appointment(THREE)
    tick(NOW)
    return pair


def texts(messages: list[Message]) -> list[str]:
    """Return the words of the texts that we started."""
    return [each.body for each in messages if each.channel is Channel.SMS and not each.immediate]


def reason_of(appointment: Appointment, kind: str = "day_before") -> str | None:
    (message,) = on_record(topic=f"appointment:{appointment.id}", kind=kind)
    return message.reason


def test_after_downtime_one_text_names_both(tick: Tick) -> None:
    first, second = two_on_one_day(tick)
    (text,) = texts(tick(BACK))
    assert BOTH in text
    assert texts(tick(BACK + MINUTE)) == []
    assert (reason_of(first), reason_of(second)) == (None, Reason.TOLD_TOGETHER)


def test_in_time_the_first_reminder_names_both(tick: Tick) -> None:
    first, second = two_on_one_day(tick)
    (text,) = texts(tick(NINE - timedelta(days=1)))
    assert BOTH in text
    assert texts(tick(THREE - timedelta(days=1))) == []
    assert (reason_of(first), reason_of(second)) == (None, Reason.TOLD_TOGETHER)


def test_on_the_day_itself_one_text_names_both(tick: Tick) -> None:
    a_clinic_that_reminds()
    _, second = an_appointment(local(12, day=NEXT_WEEK)), an_appointment(THREE)
    tick(NOW)
    (text,) = texts(tick(local(11, day=NEXT_WEEK)))
    assert "see you today at 12:00 PM and 3:00 PM MST" in text
    assert texts(tick(local(13, day=NEXT_WEEK))) == []
    assert reason_of(second, "hours_before") == Reason.TOLD_TOGETHER


def test_one_answer_confirms_both(tick: Tick) -> None:
    first, second = two_on_one_day(tick)
    tick(BACK)
    receive_reply("IN1", PHONE, OURS, "1", BACK + MINUTE)
    for appointment in (first, second):
        db.session.refresh(appointment)
        assert appointment.confirmed_at is not None


def test_who_wants_to_change_one_of_both_is_sent_the_page_of_each(tick: Tick) -> None:
    first, second = two_on_one_day(tick)
    tick(BACK)
    receive_reply("IN1", PHONE, OURS, "2", BACK + MINUTE)
    (answer,) = on_record(kind="answer_change")
    pages = f"9:00 AM {appointment_url(first)} 3:00 PM {appointment_url(second)}"
    assert answer.body == f"Ahwatukee Clinic: to change {pages}"
    assert measure_text(answer.body).segments == 1
    (task,) = db.session.scalars(select(Task).filter_by(kind=TaskKind.CHANGE_WANTED))
    assert task.details["appointment"] == first.id


def test_who_wants_to_change_what_of_both_can_t_be_said_is_called(app: Flask, tick: Tick) -> None:
    app.config["PUBLIC_URL"] = "https://visits.a-clinic-with-a-long-name.example.com"
    two_on_one_day(tick)
    tick(BACK)
    receive_reply("IN1", PHONE, OURS, "2", BACK + MINUTE)
    (answer,) = on_record(kind="answer_change")
    assert "We will call you by" in answer.body
    assert "to ask which visit to change" in answer.body
    assert "/a/" not in answer.body


def test_what_was_cancelled_or_moved_meanwhile_is_not_named(tick: Tick) -> None:
    first, second = two_on_one_day(tick)
    appointment_operations.move(second.id, local(15, day=EVE + timedelta(days=2)), NOW, "staff:1")
    (text,) = texts(tick(BACK))
    assert "9:00 AM MST" in text
    assert reason_of(first) is None


def test_invariant_8_while_the_provider_refuses_nothing_is_lost_and_nothing_goes_twice(
    tick: Tick, sender: ObedientSender
) -> None:
    two_on_one_day(tick)
    for trouble in (SendFailed(permanent=False, code="20429"), DeliveryUnknown("500")):
        sender.before = raising(trouble)
        assert texts(tick(BACK)) == []
    sender.before = lambda message: None
    for minutes in range(1, 60):
        tick(BACK + minutes * MINUTE)
    started = [message.body for _, message in sender.accepted if BOTH in message.body]
    assert len(started) == 1


def test_the_second_is_reminded_of_where_the_first_was_refused_until_it_began(
    tick: Tick, sender: ObedientSender
) -> None:
    _, second = two_on_one_day(tick)
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    tick(BACK)
    sender.before = lambda message: None
    (text,) = texts(tick(NINE + MINUTE))
    assert "3:00 PM MST" in text
    assert "9:00" not in text
    assert reason_of(second) is None


def two_places_on_one_day(tick: Tick) -> tuple[Appointment, Appointment]:
    """Book one person at nine here and at three elsewhere, and tell of both."""
    a_clinic_that_reminds()
    a_clinic(slug="scottsdale")
    here, contact = an_appointment(NINE), a_contact(family_name="Person", phone=PHONE, email=EMAIL)
    booked = book_slot(a_request(THREE, location="scottsdale", contact=contact), NOW)
    assert isinstance(booked, Booked)
    tick(NOW)
    return here, booked.appointment


def test_one_text_names_both_places_of_a_day(tick: Tick) -> None:
    first, second = two_places_on_one_day(tick)
    (text,) = texts(tick(NINE - timedelta(days=1)))
    assert "9:00 AM MST (Ahwatukee Clinic) and 3:00 PM MST (Scottsdale Clinic)" in text
    assert "Reply 1 to confirm, 2" in text
    assert texts(tick(THREE - timedelta(days=1))) == []
    assert (reason_of(first), reason_of(second)) == (None, Reason.TOLD_TOGETHER)


def test_each_place_is_named_by_its_own_clocks(tick: Tick) -> None:
    _, second = two_places_on_one_day(tick)
    db.session.get_one(Location, second.location_id).time_zone = "America/Denver"
    db.session.commit()
    (text,) = texts(tick(NINE - timedelta(days=1)))
    local_time = f"{THREE.astimezone(ZoneInfo('America/Denver')):%-I:%M %p %Z}"
    assert f"9:00 AM MST (Ahwatukee Clinic) and {local_time} (Scottsdale Clinic)" in text


def test_a_reminder_waits_for_the_question_before_an_infusion_of_that_day(tick: Tick) -> None:
    clinic = a_clinic_that_reminds()
    patient = a_patient(clinic, family_name="Person", phone=PHONE, email=EMAIL)
    assert an_appointment(NINE).patient_id == patient.id
    infusion = an_infusion(clinic, THREE, patient)
    tick(NOW)
    assert texts(tick(NINE - timedelta(days=1))) == []
    (text,) = texts(tick(readiness_asked_at(infusion)))
    assert BOTH in text
    assert f"/a/{infusion.token}" in text
