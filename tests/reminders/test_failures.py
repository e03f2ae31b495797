"""Who can't be reached is somebody's task, once a failure."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.inbound import record_status
from booking.messaging.resolving import resolve_interrupted
from booking.messaging.rules import Channel
from booking.messaging.senders import (
    DeliveryUnknown,
    LookupUnsupported,
    OutgoingMessage,
    SendFailed,
)
from booking.messaging.sending import send_due
from booking.reminders.delivery_failures import open_delivery_failure_tasks
from booking.reminders.operations import derive_messages
from booking.tasks import operations as tasks
from booking.tasks.models import Task, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_contact, local
from tests.messaging.builders import ObedientSender, raising
from tests.reminders.prepared import NEXT_WEEK, PHONE, a_clinic_that_reminds, an_appointment

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def clinic(app: Flask) -> Clinic:
    return a_clinic_that_reminds()


class CannotTellSender(ObedientSender):
    """A provider that can't be asked what it has, as a mail server."""

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        raise LookupUnsupported


def fail_with(code: str) -> None:
    """Send what is owed now, and let the provider refuse all of it."""
    sender = ObedientSender()
    sender.before = raising(SendFailed(permanent=True, code=code))
    derive_messages(NOW)
    send_due(NOW, "worker", 100, {Channel.SMS: sender, Channel.EMAIL: sender}, threads=1)
    db.session.rollback()


def mending() -> list[Task]:
    return list(db.session.scalars(select(Task).where(Task.kind == TaskKind.MEND_CONTACT)))


def test_a_patient_who_cannot_be_reached_is_one_task(clinic: Clinic) -> None:
    appointment = an_appointment()
    fail_with("21211")  # both the text and the e-mail
    for _ in range(2):
        open_delivery_failure_tasks(LATER)
    [task] = mending()
    assert (task.subject_kind, task.subject_id) == ("patient", appointment.patient_id)
    assert LATER < task.due_at < LATER + timedelta(days=1)


def test_what_was_mended_is_not_asked_for_again(clinic: Clinic) -> None:
    an_appointment()
    fail_with("30005")
    open_delivery_failure_tasks(LATER)
    tasks.finish_task(
        mending()[0].id, clinic.front_desk.id, "New number", LATER, is_practitioner=False
    )
    open_delivery_failure_tasks(LATER + timedelta(minutes=1))
    assert len(mending()) == 1


def test_a_stop_on_a_shared_number_is_a_task_for_each_who_is_reached_there(clinic: Clinic) -> None:
    appointment = an_appointment()
    other = a_booking(
        local(10, day=NEXT_WEEK), NOW, contact=a_contact(family_name="Else", phone=PHONE)
    )
    fail_with("21610")
    for _ in range(2):
        open_delivery_failure_tasks(LATER)
    assert sorted(task.subject_id for task in mending()) == [
        appointment.patient_id,
        other.patient_id,
    ]


def test_who_opted_out_is_nobodys_task(clinic: Clinic) -> None:
    an_appointment()
    fail_with("21610")
    open_delivery_failure_tasks(LATER)
    assert mending() == []


def test_an_email_that_may_not_have_gone_is_a_task_for_a_person(clinic: Clinic) -> None:
    appointment, sender = an_appointment(), CannotTellSender()
    sender.before = raising(DeliveryUnknown("TimeoutError"))
    derive_messages(NOW)
    send_due(NOW, "worker", 100, {Channel.EMAIL: sender}, threads=1)
    resolve_interrupted(LATER, {Channel.EMAIL: sender})
    db.session.rollback()
    for _ in range(2):
        open_delivery_failure_tasks(LATER)
    [task] = mending()
    assert task.subject_id == appointment.patient_id
    assert task.details["unknown"] is True


def test_an_email_found_to_have_gone_after_all_is_no_failure(clinic: Clinic) -> None:
    an_appointment()
    sender = CannotTellSender()
    sender.before = raising(DeliveryUnknown("TimeoutError"))
    derive_messages(NOW)
    send_due(NOW, "worker", 100, {Channel.SMS: sender}, threads=1)
    resolve_interrupted(LATER, {Channel.SMS: sender})
    for message in messaging.list_undelivered(NOW):
        record_status(message.id, "SM1", "sent", None, LATER)
    open_delivery_failure_tasks(LATER)
    assert mending() == []
