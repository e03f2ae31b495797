"""Forms about texts that came in, and who takes a task."""

from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.conversations import list_texts_from
from booking.messaging.models import Message
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel, MessageStatus
from booking.reminders.inbound import receive_reply
from booking.tasks import operations as tasks
from booking.tasks.models import Owner, TaskKind
from tests.builders import NOW, Clinic, a_booking, a_patient, local
from tests.desk.scenario import Prepare, Scenario

PHONE, EMAIL = "+16025550142", "ana@example.com"
QUESTION = "Is there parking for my sister?"


def a_text(body: str = QUESTION, provider_id: str = "SM1", phone: str = PHONE) -> int:
    """Receive a text; return its id."""
    receive_reply(provider_id, phone, "+16025550100", body, NOW)
    return list_texts_from(phone, 1)[0].id


def a_failed_email(appointment: Appointment) -> Message:
    """Return an e-mail that confirmed an appointment, and failed."""
    messaging.enqueue(
        MessageDraft(
            topic=f"appointment:{appointment.id}", revision=0, kind="confirmation", channel=Channel.EMAIL,
            recipient=EMAIL, subject="Booked", body="It is booked", send_at=NOW,
            language="en", expires_at=appointment.starts_at, time_zone="America/Phoenix", immediate=True,
        ),
        NOW,
    )  # fmt: skip
    message = db.session.scalars(select(Message).filter_by(subject="Booked")).one()
    with transaction():
        message.status, message.failed_at, message.error_code = MessageStatus.FAILED, NOW, "550"
    return message


def open_conversation(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    return Scenario("/desk/texts", f"/desk/texts/{a_text()}/open")


def reply_by_text(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    page = f"/desk/texts/{a_text()}"
    return Scenario(page, f"{page}/reply", {"body": "Yes, behind the house."})


def assign_task(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    tasks.open_task(TaskKind.CALL_BACK, Owner.FRONT_DESK, "patient", a_patient().id, NOW, NOW)
    (task,) = tasks.list_open_tasks()
    return Scenario("/desk/tasks", f"/desk/tasks/{task.id}/assign", {"assignee": "me"})


def resend_appointment_message(_clinic: Clinic, _browser: FlaskClient) -> Scenario:
    message = a_failed_email(a_booking(local(10)))
    page = f"/desk/visits/{message.topic.partition(':')[2]}"
    return Scenario(page, f"{page}/messages/{message.id}/resend", {"reason": "It bounced"})


TEXT_SCENARIOS: tuple[Prepare, ...] = (
    open_conversation, reply_by_text, assign_task, resend_appointment_message,
)  # fmt: skip
