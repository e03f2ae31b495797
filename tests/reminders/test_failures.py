"""Who can't be reached is somebody's task, once a failure."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.extensions import db
from booking.messaging.rules import Channel
from booking.messaging.senders import SendFailed
from booking.messaging.sending import send_due
from booking.reminders.failures import tell_of_failures
from booking.reminders.operations import derive
from booking.tasks import operations as tasks
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, Clinic
from tests.messaging.builders import ObedientSender, raising
from tests.reminders.prepared import a_clinic_that_reminds, a_visit

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


def fail_with(code: str) -> None:
    """Send what is owed now, and let the provider refuse all of it."""
    sender = ObedientSender()
    sender.before = raising(SendFailed(permanent=True, code=code))
    derive(NOW)
    send_due(NOW, "worker", 100, {Channel.SMS: sender, Channel.EMAIL: sender}, threads=1)
    db.session.rollback()


def mending() -> list[Task]:
    return list(db.session.scalars(select(Task).where(Task.kind == TaskKind.MEND_CONTACT)))


def test_a_patient_who_cannot_be_reached_is_one_task(clinic: Clinic) -> None:
    visit = a_visit()
    fail_with("21211")  # both the text and the e-mail
    for _ in range(2):
        tell_of_failures(LATER)
    [task] = mending()
    assert (task.subject_kind, task.subject_id) == ("patient", visit.patient_id)
    assert LATER < task.due_at < LATER + timedelta(days=1)


def test_what_was_mended_is_not_asked_for_again(clinic: Clinic) -> None:
    a_visit()
    fail_with("30005")
    tell_of_failures(LATER)
    tasks.finish(mending()[0].id, clinic.front_desk.id, "New number", LATER)
    tell_of_failures(LATER + timedelta(minutes=1))
    assert len(mending()) == 1


def test_who_opted_out_is_nobodys_task(clinic: Clinic) -> None:
    a_visit()
    fail_with("21610")
    tell_of_failures(LATER)
    assert mending() == []
