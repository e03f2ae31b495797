"""What became of each message about a visit, and sending one again by hand."""

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import email_preferences, opt_outs
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel, MessageStatus, Reason
from booking.reminders.inbound import receive_reply
from booking.reminders.resending import ResendProblem, find_resend_problem
from tests.builders import NOW, a_booking, a_contact, local
from tests.desk.page_forms import form_on, send
from tests.desk.text_scenarios import EMAIL, a_failed_email
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import ticking

PHONE = "+16025550123"
MINUTE = timedelta(minutes=1)
TYPED = {"reason": "The address was mended"}


@pytest.fixture
def appointment(desk: FlaskClient) -> Appointment:
    """A visit tomorrow at ten of somebody with phone and e-mail."""
    return a_booking(local(10), contact=a_contact(phone=PHONE, email=EMAIL))


def a_reminder(appointment: Appointment, channel: Channel, **facts: object) -> Message:
    """Return a reminder of an appointment, with what became of it."""
    recipient = PHONE if channel is Channel.SMS else EMAIL
    messaging.enqueue(
        MessageDraft(
            topic=f"appointment:{appointment.id}", revision=0, kind="day_before", channel=channel,
            recipient=recipient, body="Tomorrow at ten", send_at=NOW, language="en",
            expires_at=appointment.starts_at, time_zone="America/Phoenix",
        ),
        NOW,
    )  # fmt: skip
    like = select(Message).filter_by(kind="day_before", channel=channel)
    message = db.session.scalars(like).one()
    with transaction():
        for name, value in facts.items():
            setattr(message, name, value)
    return message


def resent() -> list[Message]:
    db.session.rollback()
    rows = select(Message).where(Message.topic.startswith("resent:"))
    return list(db.session.scalars(rows.execution_options(populate_existing=True)))


def test_each_message_says_what_became_of_it_and_when(
    desk: FlaskClient, appointment: Appointment
) -> None:
    a_reminder(
        appointment, Channel.SMS,
        status=MessageStatus.DELIVERED, sent_at=NOW, delivered_at=NOW + MINUTE,
    )  # fmt: skip
    receive_reply("SM1", PHONE, "+16025550100", "1", NOW + 2 * MINUTE)
    page = desk.get(f"/desk/visits/{appointment.id}").text
    assert "Times are in Mountain Standard Time." in page
    page = page[page.index("What became of it") :]
    place = 0
    for step in ("Sent", "8:00 AM", "Delivered", "8:01 AM", "Answered: confirms", "8:02 AM"):
        place = page.index(step, place)


def test_why_one_was_not_sent_is_said_with_how_often_its_recipient_failed(
    desk: FlaskClient, appointment: Appointment
) -> None:
    a_reminder(appointment, Channel.SMS, status=MessageStatus.SKIPPED, reason=Reason.NIGHT.value)
    a_failed_email(appointment)
    page = desk.get(f"/desk/visits/{appointment.id}").text
    assert "Not sent: it would have come at night" in page
    assert "Failed: error 550" in page
    assert "1 message failed there since one was delivered" in page


def test_what_is_late_is_not_said_to_be_planned_alone(
    desk: FlaskClient, appointment: Appointment, clock: time_machine.Traveller
) -> None:
    a_reminder(appointment, Channel.SMS)
    page = f"/desk/visits/{appointment.id}"
    assert "Late: it hasn&#39;t gone" not in desk.get(page).text
    clock.shift(10 * MINUTE)
    assert "Late: it hasn&#39;t gone" in desk.get(page).text


def test_why_one_was_taken_back_is_said(desk: FlaskClient, appointment: Appointment) -> None:
    a_reminder(appointment, Channel.SMS, status=MessageStatus.RETIRED, retired_at=NOW)
    page = f"/desk/visits/{appointment.id}"
    assert "nothing asks for it now" in desk.get(page).text
    appointment_operations.move(appointment.id, local(14), NOW, "staff:1")
    assert "Taken back, as the visit was moved or cancelled" in desk.get(page).text


def test_what_failed_is_sent_again_once_with_its_reason(
    desk: FlaskClient, appointment: Appointment
) -> None:
    message, page = a_failed_email(appointment), f"/desk/visits/{appointment.id}"
    path = f"{page}/messages/{message.id}/resend"
    form = form_on(desk, page, path)
    for _ in range(2):  # a double click
        assert send(desk, form, TYPED).location == f"{page}#messages-heading"
    [again] = resent()
    assert (again.kind, again.recipient, again.immediate) == ("confirmation", EMAIL, True)
    assert again.details["reason"] == TYPED["reason"]
    audited = db.session.scalars(select(AuditEntry).filter_by(action="resend")).one()
    assert (audited.subject_kind, audited.subject_id) == ("message", message.id)
    assert TYPED["reason"] not in str(audited.facts)
    assert "Sent again by the desk: The address was mended" in desk.get(page).text
    stale = send(desk, form_on(desk, page, path), {"reason": ""})
    assert (stale.status_code, len(resent())) == (422, 1)
    sender = ObedientSender()
    assert [each.id for each in ticking(sender)(NOW) if each.topic == again.topic] == [again.id]
    assert sender.accepted[-1][1].attachment is not None  # the invitation, as it is now


def test_what_was_moved_meanwhile_is_not_sent_again_by_an_old_page(
    desk: FlaskClient, appointment: Appointment
) -> None:
    message, page = a_failed_email(appointment), f"/desk/visits/{appointment.id}"
    form = form_on(desk, page, f"{page}/messages/{message.id}/resend")
    appointment_operations.move(appointment.id, local(14), NOW, "staff:1")
    response = send(desk, form, TYPED)
    assert response.status_code == 422
    assert TYPED["reason"] in response.text
    assert resent() == []


def test_what_may_not_go_is_not_sent_again(desk: FlaskClient, appointment: Appointment) -> None:
    text = a_reminder(appointment, Channel.SMS, status=MessageStatus.FAILED)
    mail = a_reminder(appointment, Channel.EMAIL, status=MessageStatus.FAILED)
    assert find_resend_problem(appointment, text, NOW) is None
    assert find_resend_problem(appointment, mail, NOW) is None
    opt_outs.record_opt_out(PHONE, opt_outs.INBOUND, NOW)
    assert find_resend_problem(appointment, text, NOW) is ResendProblem.OPTED_OUT
    token = email_preferences.assign_tokens([EMAIL], NOW)[EMAIL]
    email_preferences.stop_reminders(token, NOW)
    assert find_resend_problem(appointment, mail, NOW) is ResendProblem.UNSUBSCRIBED
    confirmation = a_failed_email(appointment)
    assert find_resend_problem(appointment, confirmation, NOW) is None
    assert find_resend_problem(appointment, confirmation, local(10)) is ResendProblem.STARTED
    appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    assert find_resend_problem(appointment, confirmation, NOW) is ResendProblem.UNTRUE
    page = f"/desk/visits/{appointment.id}"
    assert desk.post(f"{page}/messages/{text.id}/resend", data=TYPED).status_code == 422
    assert desk.post(f"{page}/messages/999/resend", data=TYPED).status_code == 404
    assert resent() == []
