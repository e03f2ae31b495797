"""What the provider reports and what people text back, on both databases."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from booking.extensions import db
from booking.messaging import operations as outbox
from booking.messaging import opt_outs
from booking.messaging.inbound import record_inbound, record_status
from booking.messaging.models import InboundMessage, Message
from booking.messaging.rules import Channel, MessageStatus, ReplyMeaning
from booking.messaging.sending import send_due
from tests.messaging.builders import NOON, PATIENT, ObedientSender, owed, the_message

pytestmark = pytest.mark.usefixtures("app")
OURS = "+16025550100"


@pytest.fixture
def sent_id() -> int:
    """The id of a message that was sent under the provider's id SM0."""
    outbox.enqueue(owed(), NOON)
    send_due(NOON, "worker", 1, {Channel.SMS: ObedientSender()})
    return the_message().id


def test_reports_move_a_message_forward_only(sent_id: int) -> None:
    for report in ("queued", "delivered", "sent", "queued", "delivered"):
        assert record_status(sent_id, "SM0", report, None, NOON)
    assert (the_message().status, the_message().delivered_at) == (MessageStatus.DELIVERED, NOON)


def test_an_old_report_of_an_opt_out_does_not_undo_start(sent_id: int) -> None:
    record_status(sent_id, "SM0", "failed", "21610", NOON)
    assert opt_outs.is_opted_out(PATIENT)
    record_inbound("IN1", PATIENT, OURS, "START", NOON)
    record_status(sent_id, "SM0", "failed", "21610", NOON)
    assert not opt_outs.is_opted_out(PATIENT)


def test_of_who_opted_out_only_yes_and_start_opt_in(sent_id: int) -> None:
    record_inbound("IN1", PATIENT, OURS, "please stop texting me", NOON)
    record_inbound("IN2", PATIENT, OURS, "Confirm", NOON)
    assert opt_outs.is_opted_out(PATIENT)
    record_inbound("IN3", PATIENT, OURS, "YES", NOON)
    assert not opt_outs.is_opted_out(PATIENT)


def test_an_undelivered_text_is_a_failure_with_its_code(sent_id: int) -> None:
    record_status(sent_id, "SM0", "undelivered", "30005", NOON)
    assert (the_message().status, the_message().error_code) == (MessageStatus.FAILED, "30005")
    assert len(outbox.list_undelivered(NOON)) == 1


def test_a_report_of_an_opt_out_is_obeyed(sent_id: int) -> None:
    record_status(sent_id, "SM0", "failed", "21610", NOON)
    assert opt_outs.is_opted_out(PATIENT)


def test_a_report_on_nothing_of_ours_is_ignored(sent_id: int) -> None:
    assert not record_status(sent_id + 1, "SM1", "delivered", None, NOON)
    assert not record_status(sent_id, "another", "delivered", None, NOON)
    assert the_message().status is MessageStatus.SENT


def test_a_report_without_the_providers_id_is_of_no_message(app: Flask) -> None:
    sender = ObedientSender()
    outbox.enqueue(owed(), NOON)
    number, believed = the_message().id, []

    def report_first(message: object) -> None:
        with app.app_context():
            believed.append(record_status(number, "", "delivered", None, NOON))

    sender.after = report_first
    send_due(NOON, "worker", 1, {Channel.SMS: sender})
    believed.append(record_status(number, "", "delivered", None, NOON))
    assert (believed, the_message().status) == ([False, False], MessageStatus.SENT)


def test_a_report_on_a_message_that_was_never_attempted_is_ignored() -> None:
    outbox.enqueue(owed(), NOON)
    assert not record_status(the_message().id, "SM0", "delivered", None, NOON)
    assert not record_status(the_message().id, "SM0", "failed", "21610", NOON)
    assert (the_message().status, the_message().provider_id) == (MessageStatus.PLANNED, None)
    assert not opt_outs.is_opted_out(PATIENT)


def test_a_report_on_an_email_is_ignored_as_it_is_of_texts() -> None:
    outbox.enqueue(owed(channel=Channel.EMAIL, recipient="person@example.com"), NOON)
    send_due(NOON, "worker", 1, {Channel.EMAIL: ObedientSender()})
    assert not record_status(the_message().id, "SM0", "undelivered", "30005", NOON)
    assert the_message().status is MessageStatus.SENT


def test_a_report_that_overtakes_the_record_is_kept(app: Flask) -> None:
    sender = ObedientSender()
    outbox.enqueue(owed(), NOON)
    number = the_message().id

    def report_first(message: object) -> None:
        with app.app_context():
            record_status(number, "SM0", "delivered", None, NOON)

    sender.after = report_first
    send_due(NOON, "worker", 1, {Channel.SMS: sender})
    assert (the_message().status, the_message().provider_id) == (MessageStatus.DELIVERED, "SM0")


def test_stop_and_start_are_kept_and_obeyed() -> None:
    record_inbound("IN1", PATIENT, OURS, "stop texting me", NOON)
    assert opt_outs.is_opted_out(PATIENT)
    record_inbound("IN2", PATIENT, OURS, "Yes", NOON + timedelta(minutes=1))
    assert not opt_outs.is_opted_out(PATIENT)
    record_inbound("IN3", PATIENT, OURS, "BAJA", NOON + timedelta(minutes=2))
    assert opt_outs.is_opted_out(PATIENT)
    assert not opt_outs.is_opted_out("+16025550124")


def test_a_repeated_text_is_recorded_and_obeyed_once() -> None:
    first = record_inbound("IN1", PATIENT, OURS, "1", NOON)
    assert first is not None
    assert (first.meaning, first.needs_a_person) == (ReplyMeaning.CONFIRM, False)
    record_inbound("IN2", PATIENT, OURS, "STOP", NOON)
    record_inbound("IN3", PATIENT, OURS, "START", NOON)
    assert record_inbound("IN2", PATIENT, OURS, "STOP", NOON) is None
    assert not opt_outs.is_opted_out(PATIENT)
    assert db.session.scalar(select(func.count()).select_from(InboundMessage)) == 3


def test_a_crisis_is_heard_before_its_stop() -> None:
    heard = record_inbound("IN1", PATIENT, OURS, "stop. I want to die", NOON)
    assert heard is not None
    assert (heard.meaning, heard.needs_a_person) == (ReplyMeaning.CRISIS, True)
    assert not opt_outs.is_opted_out(PATIENT)


def test_of_two_texts_sent_at_one_moment_the_one_owed_later_is_the_last() -> None:
    for topic in ("answer:1", "reply:1"):
        outbox.enqueue(owed(topic=topic), NOON)
    db.session.execute(update(Message).values(sent_at=NOON))
    assert outbox.list_topics_sent_to(PATIENT, NOON) == ["reply:1", "answer:1"]
