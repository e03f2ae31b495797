"""Nothing reminds of an appointment that can't take place, until it can again (invariants 8 and 9)."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.resource_exchange import open_missing_call_tasks
from booking.calendars import availability
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Closure
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.sending import send_due
from booking.reminders.queries import list_outdated_topics
from booking.reminders.rendering import render_messages
from booking.reminders.topics import appointment_topic
from tests.builders import NOW, local
from tests.clinic.appointments import (
    DAY,
    Made,
    a_clinic_with_appointments,
    called,
    calls,
    closed,
)
from tests.clinic.files import DEMO
from tests.clinic.loads import loaded, the_location
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import Tick, ticking

HOUR, PAUSE, A_DAY = timedelta(hours=1), timedelta(hours=4), timedelta(days=1)
AFTER = NOW + HOUR


@pytest.fixture
def made(app: Flask) -> Made:
    return a_clinic_with_appointments()


@pytest.fixture
def sender() -> ObedientSender:
    return ObedientSender()


@pytest.fixture
def tick(sender: ObedientSender) -> Tick:
    return ticking(sender)


def about(appointment: Appointment) -> list[Message]:
    db.session.rollback()
    topic = appointment_topic(appointment.id)
    statement = select(Message).filter_by(topic=topic).order_by(Message.send_at, Message.id)
    return list(db.session.scalars(statement))


def topics(messages: list[Message]) -> set[str]:
    return {message.topic for message in messages}


def moments_until(end: datetime, since: datetime = AFTER) -> list[datetime]:
    """Return moments a few hours apart: a reminder that was due in between goes at the next."""
    return [since + n * PAUSE for n in range((end - since) // PAUSE + 1)]


def close_in_the_database(day: date = DAY) -> None:
    """Close Ahwatukee for a day with no clinic file being loaded, as a booking under way would see it."""
    with transaction():
        row = Closure(location_id=the_location().id, first_day=day, last_day=day, name="Shut")
        db.session.add(row)
        availability.increment_catalogue_version()


def test_nothing_reminds_of_an_appointment_on_a_day_closed_since(made: Made, tick: Tick) -> None:
    assert appointment_topic(made.consultation.id) in topics(tick(NOW))
    loaded(closed(), AFTER)
    messages = [
        message for now in moments_until(made.consultation.starts_at) for message in tick(now)
    ]
    assert topics(messages) == {appointment_topic(made.elsewhere.id)}
    reminders = [message for message in about(made.consultation) if message.kind != "confirmation"]
    assert reminders
    assert {(message.status, message.reason) for message in reminders} == {
        (MessageStatus.SKIPPED, "impossible")
    }


def test_a_confirmation_that_has_not_gone_yet_is_held_back_too(made: Made, tick: Tick) -> None:
    loaded(closed(), AFTER)
    assert topics(tick(AFTER)) == {appointment_topic(made.elsewhere.id)}
    assert {message.reason for message in about(made.consultation)} == {"impossible"}
    loaded(DEMO, AFTER + HOUR)
    assert appointment_topic(made.consultation.id) in topics(tick(AFTER + HOUR))


def test_reminders_go_again_once_the_file_is_corrected(made: Made, tick: Tick) -> None:
    tick(NOW)
    loaded(closed(), AFTER)
    tick(AFTER)
    loaded(DEMO, AFTER + HOUR)
    messages = [
        message
        for now in moments_until(made.consultation.starts_at, AFTER + HOUR)
        for message in tick(now)
        if message.topic == appointment_topic(made.consultation.id)
    ]
    assert "days_before" in {message.kind for message in messages}
    assert calls() == []


def test_of_the_reminders_missed_only_the_last_still_useful_goes(made: Made, tick: Tick) -> None:
    tick(NOW)
    loaded(closed(), AFTER)
    tick(AFTER)
    evening_before = local(18, day=DAY - A_DAY)
    loaded(DEMO, evening_before)
    kinds = [
        message.kind
        for message in tick(evening_before)
        if message.topic == appointment_topic(made.infusion.id)
    ]
    assert len(kinds) == len(set(kinds)) == 1
    assert tick(evening_before + HOUR) == []


def test_sending_asks_again_though_nothing_was_derived_since(
    made: Made, tick: Tick, sender: ObedientSender
) -> None:
    tick(NOW)
    close_in_the_database()
    due = made.consultation.starts_at - timedelta(days=3) + HOUR
    before = len(sender.accepted)
    claimed = send_due(
        due, "worker", 100, dict.fromkeys(Channel, sender), threads=1,
        outdated=list_outdated_topics, render=render_messages,
    )  # fmt: skip
    assert (claimed, len(sender.accepted) - before) == (1, 1)  # Scottsdale's


def test_what_became_impossible_in_another_way_is_found_and_called_about(
    made: Made, tick: Tick
) -> None:
    tick(NOW)
    close_in_the_database()
    open_missing_call_tasks(AFTER)
    open_missing_call_tasks(AFTER + HOUR)
    assert made.names_of(called()) == {"consultation", "infusion", "follow_up"}
    tick(AFTER)
    assert {
        message.reason for message in about(made.infusion) if message.kind != "confirmation"
    } == {"impossible"}


def test_one_booked_while_the_day_was_being_closed_is_called_about(made: Made, tick: Tick) -> None:
    close_in_the_database()
    assert topics(tick(AFTER)) == {appointment_topic(made.elsewhere.id)}
    assert made.names_of(called()) == {"consultation", "infusion", "follow_up"}
    tick(AFTER + HOUR)
    assert len(calls()) == 3


def test_a_cancellation_is_told_though_the_day_is_closed(made: Made, tick: Tick) -> None:
    tick(NOW)
    loaded(closed(), AFTER)
    tick(AFTER)
    appointment_operations.cancel(made.consultation.id, AFTER, "staff:1", by_patient=False)
    messages = tick(AFTER + HOUR)
    assert {(message.topic, message.kind) for message in messages} == {
        (appointment_topic(made.consultation.id), "cancellation")
    }
