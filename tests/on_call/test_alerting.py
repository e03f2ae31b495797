"""A crisis is texted to who is on call, once, without a name or a word of it; then to all clinicians."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Message
from booking.on_call.alerting import alert_on_call, withhold_opened
from booking.on_call.operations import TurnRefused, add_turn, list_on_call_ids, remove_turn
from booking.on_call.rules import CrisisFacts, TurnProblem, choose_recipients
from booking.staff.models import Staff
from booking.tasks import operations as tasks
from booking.tasks.assignments import assign_task
from booking.tasks.models import TaskKind
from tests.builders import NOW, PHOENIX, Clinic, a_clinic
from tests.desk.text_scenarios import a_text

LATE = timedelta(minutes=15)
LOCAL = NOW.astimezone(PHOENIX).replace(tzinfo=None)
WORDS = "I want to kill myself"


@pytest.fixture
def clinic(app: Flask) -> Iterator[Clinic]:
    """One location with its people, on the builders' day."""
    with time_machine.travel(NOW, tick=False):
        yield a_clinic()


def a_number(person: Staff, digits: int) -> str:
    with transaction():
        db.session.merge(person).phone = f"+1602555{digits:04d}"
    return f"+1602555{digits:04d}"


def on_call(person: Staff, hours: int = 12) -> int:
    ends = LOCAL + timedelta(hours=hours)
    return add_turn(person.id, LOCAL, ends, "America/Phoenix", person.id, NOW).id


def alerts() -> list[Any]:
    statement = select(Message).where(Message.kind == "on_call").order_by(Message.id)
    return list(db.session.scalars(statement))


def told() -> list[str]:
    return [message.recipient for message in alerts()]


def test_who_is_on_call_is_told_once_at_any_hour_and_nothing_of_the_patient(
    app: Flask, clinic: Clinic
) -> None:
    phone = a_number(clinic.front_desk, 150)
    on_call(clinic.front_desk)
    a_text(WORDS)
    for _time in range(3):
        alert_on_call(NOW, LATE)
    (message,) = alerts()
    assert (message.recipient, message.immediate, message.send_at) == (phone, True, NOW)
    assert "kill" not in message.body
    assert "/desk/tasks" in message.body


def test_all_clinicians_follow_when_nobody_takes_it_in_time(app: Flask, clinic: Clinic) -> None:
    first, second = a_number(clinic.front_desk, 150), a_number(clinic.practitioner, 151)
    on_call(clinic.front_desk)
    a_text(WORDS)
    alert_on_call(NOW, LATE)
    alert_on_call(NOW + LATE - timedelta(seconds=1), LATE)
    assert told() == [first]
    alert_on_call(NOW + LATE, LATE)
    assert told() == [first, second]


def test_what_somebody_has_taken_is_told_no_further_and_not_sent(
    app: Flask, clinic: Clinic
) -> None:
    a_number(clinic.practitioner, 151)
    on_call(clinic.practitioner)
    a_text(WORDS)
    alert_on_call(NOW, LATE)
    (task,), desk_id = tasks.list_open_tasks(TaskKind.CRISIS), clinic.front_desk.id
    assert withhold_opened(alerts(), NOW) == {}
    assign_task(task.id, desk_id, desk_id, NOW)
    alert_on_call(NOW + LATE, LATE)
    assert len(told()) == 1
    assert list(withhold_opened(alerts(), NOW).values()) == [None]


def test_nobody_on_call_means_all_clinicians_at_once(app: Flask, clinic: Clinic) -> None:
    phone = a_number(clinic.practitioner, 151)
    remove_turn(on_call(clinic.front_desk), clinic.front_desk.id, NOW)
    a_text(WORDS)
    alert_on_call(NOW, LATE)
    assert told() == [phone]


def test_a_turn_is_local_time_and_over_at_its_end(app: Flask, clinic: Clinic) -> None:
    on_call(clinic.practitioner, hours=2)
    just_before = NOW + timedelta(hours=2, seconds=-1)
    assert list_on_call_ids(just_before) == [clinic.practitioner.id]
    assert list_on_call_ids(NOW + timedelta(hours=2)) == []
    assert list_on_call_ids(NOW - timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("begins", "ends", "problem"),
    [
        (LOCAL, LOCAL, TurnProblem.ENDS_FIRST),
        (LOCAL, LOCAL + timedelta(days=32), TurnProblem.TOO_LONG),
        (LOCAL - timedelta(days=2), LOCAL, TurnProblem.IS_OVER),
    ],
)
def test_a_turn_that_cannot_be_is_refused(
    app: Flask, clinic: Clinic, begins: datetime, ends: datetime, problem: TurnProblem
) -> None:
    with pytest.raises(TurnRefused) as refusal:
        add_turn(clinic.front_desk.id, begins, ends, "America/Phoenix", 1, NOW)
    assert refusal.value.problem is problem


def test_who_cannot_be_reached_counts_as_nobody() -> None:
    facts = CrisisFacts(NOW, False, [1], [2, 3], {2, 3}, {3})
    assert choose_recipients(facts, NOW, LATE) == [2]
