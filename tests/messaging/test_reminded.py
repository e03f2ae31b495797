"""A person is reminded once a day, and three times in seven days, at most."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from booking.extensions import db
from booking.messaging import operations as outbox
from booking.messaging import persons
from booking.messaging.models import Message
from booking.messaging.rules import Channel, Reason
from booking.messaging.senders import SendFailed
from tests.messaging.builders import (
    NOON,
    ObedientSender,
    owed,
    raising,
    tick,
)

pytestmark = pytest.mark.usefixtures("app")


def remind(sender: ObedientSender, *at: datetime, **facts: Any) -> list[str | None]:
    """Owe a reminder at each instant, let each one's time come, and return why each was not sent."""
    for number, instant in enumerate(at):
        owing = {"send_at": instant, "expires_at": instant + timedelta(hours=8), **facts}
        outbox.enqueue(owed(topic=f"appointment:{number}", **owing), NOON)
        tick(sender, instant)
    db.session.rollback()
    return list(db.session.scalars(select(Message.reason).order_by(Message.id)))


def test_a_person_has_one_reminder_a_day(sender: ObedientSender) -> None:
    evening = NOON + timedelta(hours=7)
    assert remind(sender, NOON, evening) == [None, Reason.ENOUGH]
    assert len(sender.accepted) == 1


def test_a_person_has_three_reminders_in_seven_days(sender: ObedientSender) -> None:
    days = [NOON + timedelta(days=n) for n in (0, 1, 3, 4, 7, 8)]
    assert remind(sender, *days) == [None, None, None, Reason.ENOUGH, None, None]


def test_answers_and_emails_are_not_counted_as_reminders(sender: ObedientSender) -> None:
    assert remind(sender, NOON, NOON, NOON, immediate=True) == [None] * 3
    email = {"channel": Channel.EMAIL, "recipient": "person@example.com"}
    outbox.enqueue(owed(topic="appointment:9", **email), NOON)
    tick(sender)
    assert len(sender.accepted) == 4


def test_of_reminders_due_at_once_the_latest_goes(sender: ObedientSender) -> None:
    for number in range(2):
        due = NOON - timedelta(hours=number)
        outbox.enqueue(owed(topic=f"appointment:{number}", body=str(number), send_at=due), NOON)
    tick(sender)
    assert sender.bodies == ["0"]


def test_a_reminder_that_was_refused_is_not_counted(sender: ObedientSender) -> None:
    sender.before = raising(SendFailed(permanent=True, code="30007"))
    outbox.enqueue(owed(topic="appointment:8"), NOON)
    tick(sender)
    sender.before = lambda message: None
    outbox.enqueue(owed(topic="appointment:9"), NOON)
    tick(sender)
    assert len(sender.accepted) == 1


def test_invariant_14_two_persons_at_one_number_are_each_reminded(sender: ObedientSender) -> None:
    for person in ("patient:1", "patient:2"):
        outbox.enqueue(owed(topic=person, person=person, body=person), NOON)
    tick(sender)
    assert sorted(sender.bodies) == ["patient:1", "patient:2"]


def test_invariant_14_a_person_with_two_numbers_is_reminded_once(sender: ObedientSender) -> None:
    for phone in ("+16025550123", "+16025550124"):
        outbox.enqueue(owed(recipient=phone, person="patient:1"), NOON)
    tick(sender)
    assert len(sender.accepted) == 1


def test_invariant_14_a_merged_person_counts_as_the_one_that_stays(sender: ObedientSender) -> None:
    outbox.enqueue(owed(person="patient:1"), NOON)
    tick(sender)
    outbox.enqueue(owed(topic="appointment:2", person="patient:2"), NOON)
    persons.reassign_person("patient:1", "patient:2")
    tick(sender)
    assert len(sender.accepted) == 1


def test_a_reminder_that_took_three_attempts_counts_once(sender: ObedientSender) -> None:
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    outbox.enqueue(owed(topic="appointment:1", expires_at=NOON + timedelta(days=3)), NOON)
    for minutes in (0, 5, 10):
        tick(sender, NOON + timedelta(minutes=minutes))
    sender.before = lambda message: None
    tick(sender, NOON + timedelta(minutes=30))
    next_day = {"send_at": NOON + timedelta(days=1), "expires_at": NOON + timedelta(days=2)}
    outbox.enqueue(owed(topic="appointment:2", **next_day), NOON)
    tick(sender, NOON + timedelta(days=1))
    assert len(sender.accepted) == 2
