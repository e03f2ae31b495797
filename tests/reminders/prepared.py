"""A clinic with reminder rules, and its scheduler's tick with a provider that does as it is told."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.messaging.rules import Channel
from booking.messaging.sending import send_due
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive_messages
from booking.reminders.queries import list_outdated_topics
from booking.reminders.rendering import render_messages
from tests.builders import NOW, TOMORROW, Clinic, a_booking, a_clinic, a_contact, local
from tests.messaging.builders import ObedientSender
from tests.reminders.test_rules import RULES
from tests.written_once import written_once

NEXT_WEEK = TOMORROW + timedelta(days=7)
PHONE, EMAIL = "+16025550123", "person@example.com"
Tick = Callable[[datetime], list[Message]]
Pass = Callable[[timedelta], list[Message]]


@written_once
def a_clinic_that_reminds(
    zone: str = "America/Phoenix", opens: time = time(9), closes: time = time(17)
) -> Clinic:
    """Make a clinic, and the rules by which it reminds."""
    clinic = a_clinic(weekdays=range(5), zone=zone, opens=opens, closes=closes)
    with transaction():
        rules = [rule.to_dict() for rule in RULES]
        db.session.add(ReminderPolicy(version=1, digest="0" * 64, rules=rules, created_at=NOW))
    return clinic


def an_appointment(starts_at: datetime | None = None, now: datetime = NOW) -> Appointment:
    """Book an appointment, next week unless told otherwise, for who has PHONE and EMAIL."""
    contact = a_contact(family_name="Person", phone=PHONE, email=EMAIL)
    return a_booking(starts_at or local(14, day=NEXT_WEEK), now, contact=contact)


def ticking(sender: ObedientSender) -> Tick:
    """Return a tick like the scheduler's, by `sender`; it returns what was sent by it, in order."""

    def tick(now: datetime) -> list[Message]:
        before = len(sender.accepted)
        derive_messages(now)
        send_due(
            now,
            "worker",
            100,
            {Channel.SMS: sender, Channel.EMAIL: sender},
            threads=1,
            outdated=list_outdated_topics,
            render=render_messages,
        )
        db.session.rollback()
        ids = [message.id for _, message in sender.accepted[before:]]
        return [db.session.get_one(Message, number) for number in ids]

    return tick


def kinds(messages: list[Message]) -> list[tuple[str, str]]:
    """Return kind and channel of messages, sorted."""
    return sorted((message.kind, message.channel.value) for message in messages)


def on_record(**like: object) -> list[Message]:
    """Return the messages that are `like` this, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(select(Message).filter_by(**like).order_by(Message.id)))
