"""A person is reminded once a day, and three times in seven days, at most."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from booking.extensions import db
from booking.messaging import operations as outbox
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
        outbox.owe(owed(topic=f"appointment:{number}", **owing), NOON)
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
    outbox.owe(owed(topic="appointment:9", **email), NOON)
    tick(sender)
    assert len(sender.accepted) == 4


def test_of_reminders_due_at_once_the_latest_goes(sender: ObedientSender) -> None:
    for number in range(2):
        due = NOON - timedelta(hours=number)
        outbox.owe(owed(topic=f"appointment:{number}", body=str(number), send_at=due), NOON)
    tick(sender)
    assert sender.bodies == ["0"]


def test_a_reminder_that_was_refused_is_not_counted(sender: ObedientSender) -> None:
    sender.before = raising(SendFailed(permanent=True, code="30007"))
    outbox.owe(owed(topic="appointment:8"), NOON)
    tick(sender)
    sender.before = lambda message: None
    outbox.owe(owed(topic="appointment:9"), NOON)
    tick(sender)
    assert len(sender.accepted) == 1
