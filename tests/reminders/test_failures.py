"""Who can't be reached is somebody's task, once a failure."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.incoming import record_status
from booking.messaging.rules import Channel
from booking.messaging.senders import Ambiguous, CannotTell, OutgoingMessage, SendFailed
from booking.messaging.sending import send_due
from booking.messaging.settling import settle_interrupted
from booking.reminders.failures import tell_of_failures
from booking.reminders.operations import derive
from booking.tasks import operations as tasks
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_contact, local
from tests.messaging.builders import ObedientSender, raising
from tests.reminders.prepared import NEXT_WEEK, PHONE, a_clinic_that_reminds, a_visit

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


class CannotTellSender(ObedientSender):
    """A provider that can't be asked what it has, as a mail server."""

    def find(self, message: OutgoingMessage, since: datetime) -> list[str]:
        raise CannotTell


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


def test_a_stop_on_a_shared_number_is_a_task_for_each_who_is_reached_there(clinic: Clinic) -> None:
    visit = a_visit()
    other = a_booking(
        local(10, day=NEXT_WEEK), NOW, contact=a_contact(family_name="Else", phone=PHONE)
    )
    fail_with("21610")
    for _ in range(2):
        tell_of_failures(LATER)
    assert sorted(task.subject_id for task in mending()) == [visit.patient_id, other.patient_id]


def test_who_opted_out_is_nobodys_task(clinic: Clinic) -> None:
    a_visit()
    fail_with("21610")
    tell_of_failures(LATER)
    assert mending() == []


def test_an_email_that_may_not_have_gone_is_a_task_for_a_person(clinic: Clinic) -> None:
    visit, sender = a_visit(), CannotTellSender()
    sender.before = raising(Ambiguous("TimeoutError"))
    derive(NOW)
    send_due(NOW, "worker", 100, {Channel.EMAIL: sender}, threads=1)
    settle_interrupted(LATER, {Channel.EMAIL: sender})
    db.session.rollback()
    for _ in range(2):
        tell_of_failures(LATER)
    [task] = mending()
    assert task.subject_id == visit.patient_id
    assert task.details["unknown"] is True


def test_an_email_found_to_have_gone_after_all_is_no_failure(clinic: Clinic) -> None:
    a_visit()
    sender = CannotTellSender()
    sender.before = raising(Ambiguous("TimeoutError"))
    derive(NOW)
    send_due(NOW, "worker", 100, {Channel.SMS: sender}, threads=1)
    settle_interrupted(LATER, {Channel.SMS: sender})
    for message in messaging.undelivered_since(NOW):
        record_status(message.id, "SM1", "sent", None, LATER)
    tell_of_failures(LATER)
    assert mending() == []
