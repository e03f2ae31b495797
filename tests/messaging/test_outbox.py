"""Owing, retiring and sending, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.extensions import db
from booking.messaging import operations as outbox
from booking.messaging import opt_outs
from booking.messaging.models import Message
from booking.messaging.rules import AttemptOutcome, Channel, MessageStatus, Reason
from booking.messaging.senders import SendFailed
from booking.messaging.sending import LEASE, send_due
from tests.messaging.builders import (
    NOON,
    PATIENT,
    ObedientSender,
    outcomes,
    owed,
    raising,
    the_message,
    tick,
)

pytestmark = pytest.mark.usefixtures("app")


def test_what_is_due_is_sent_once_and_recorded(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    assert tick(sender) == 1
    assert tick(sender) == 0
    message = the_message()
    assert (message.status, message.provider_id, message.tries) == (MessageStatus.SENT, "SM0", 1)
    assert message.claimed_until is None
    assert outcomes() == [AttemptOutcome.ACCEPTED]


def test_what_is_not_due_waits(sender: ObedientSender) -> None:
    outbox.enqueue(owed(send_at=NOON + timedelta(seconds=1)), NOON)
    assert tick(sender) == 0
    assert the_message().status is MessageStatus.PLANNED


def test_owing_twice_owes_once_and_mends_what_is_still_planned() -> None:
    outbox.enqueue(owed(), NOON)
    outbox.enqueue(owed(body="See you at 3"), NOON)
    assert the_message().body == "See you at 3"


def test_owing_again_what_was_sent_changes_nothing(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    tick(sender)
    outbox.enqueue(owed(body="another text"), NOON)
    assert tick(sender) == 0
    assert the_message().body == "See you on Wednesday"


def test_another_revision_channel_or_recipient_is_another_message() -> None:
    variants: list[dict[str, Any]] = [
        {},
        {"revision": 1},
        {"kind": "confirmation"},
        {"channel": Channel.EMAIL},
        {"recipient": "+16025550124"},
        {"topic": "appointment:2"},
    ]
    for changes in variants:
        outbox.enqueue(owed(**changes), NOON)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 6


def test_a_text_meant_for_the_night_is_planned_for_the_evening() -> None:
    night = NOON + timedelta(hours=11)
    outbox.enqueue(owed(send_at=night), NOON)
    assert the_message().send_at == NOON + timedelta(hours=8, minutes=30)


def test_an_answer_is_planned_for_the_night_too() -> None:
    night = NOON + timedelta(hours=11)
    outbox.enqueue(owed(send_at=night, immediate=True), NOON)
    assert the_message().send_at == night


def test_a_reason_may_be_put_on_record_instead_of_a_message(sender: ObedientSender) -> None:
    outbox.enqueue(owed(skip_reason=Reason.DUPLICATE), NOON)
    assert tick(sender) == 0
    assert (the_message().status, the_message().reason) == (MessageStatus.SKIPPED, Reason.DUPLICATE)


def test_what_is_retired_is_never_sent(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    outbox.enqueue(owed(revision=1, body="moved"), NOON)
    outbox.enqueue(owed(topic="appointment:12", body="another's", recipient="+16025550199"), NOON)
    assert outbox.cancel_pending("appointment:1", NOON, below_revision=1) == 1
    tick(sender)
    assert sorted(sender.bodies) == ["another's", "moved"]
    assert outbox.cancel_pending("appointment:1", NOON) == 0


def test_what_is_retired_while_being_sent_is_not_tried_again(
    app: Flask, sender: ObedientSender
) -> None:
    def cancelled_meanwhile(message: object) -> None:
        with app.app_context():
            outbox.cancel_pending("appointment:1", NOON)
        raise SendFailed(permanent=False, code="20429")

    outbox.enqueue(owed(), NOON)
    sender.before = cancelled_meanwhile
    tick(sender)
    assert the_message().status is MessageStatus.RETIRED


def test_nothing_is_sent_to_a_number_that_opted_out(sender: ObedientSender) -> None:
    outbox.enqueue(owed(immediate=True), NOON)
    opt_outs.record_opt_out(PATIENT, opt_outs.INBOUND, NOON)
    tick(sender)
    assert (the_message().status, the_message().reason) == (MessageStatus.SKIPPED, Reason.OPTED_OUT)
    assert sender.accepted == []


def test_nothing_is_sent_once_it_expired_even_without_a_sender(sender: ObedientSender) -> None:
    outbox.enqueue(owed(channel=Channel.EMAIL, recipient="pat@example.com"), NOON)
    send_due(NOON + timedelta(days=1), "worker", 10, {Channel.SMS: sender})
    assert (the_message().status, the_message().reason) == (MessageStatus.SKIPPED, Reason.TOO_LATE)


def test_after_a_stoppage_texts_wait_for_the_morning(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    night = NOON + timedelta(hours=10)
    tick(sender, night)
    assert sender.accepted == []
    assert the_message().send_at == NOON + timedelta(hours=20)
    tick(sender, NOON + timedelta(hours=20))
    assert len(sender.accepted) == 1


def test_the_desk_can_send_at_once_at_night(sender: ObedientSender) -> None:
    outbox.enqueue(owed(send_at=NOON + timedelta(hours=20)), NOON)
    night = NOON + timedelta(hours=10)
    assert outbox.send_now(the_message().id, "staff:1", night)
    tick(sender, night)
    assert len(sender.accepted) == 1
    assert not outbox.send_now(the_message().id, "staff:1", night)


def test_sending_at_once_outlives_owing_again(sender: ObedientSender) -> None:
    later = owed(send_at=NOON + timedelta(hours=5))
    outbox.enqueue(later, NOON)
    outbox.send_now(the_message().id, "staff:1", NOON)
    outbox.enqueue(later, NOON)
    tick(sender)
    assert len(sender.accepted) == 1


def test_a_refusal_for_good_is_final(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    sender.before = raising(SendFailed(permanent=True, code="21211"))
    tick(sender)
    message = the_message()
    assert (message.status, message.error_code) == (MessageStatus.FAILED, "21211")
    assert [message.id for message in outbox.list_undelivered(NOON)] == [message.id]
    assert tick(sender, NOON + timedelta(hours=2)) == 0


def test_the_providers_opt_out_becomes_ours(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    sender.before = raising(SendFailed(permanent=True, code="21610"))
    tick(sender)
    assert opt_outs.is_opted_out(PATIENT)


def test_a_busy_provider_is_tried_again_after_longer_and_longer_pauses(
    sender: ObedientSender,
) -> None:
    outbox.enqueue(owed(), NOON)
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    tick(sender)
    first = the_message().send_at
    tick(sender, first)
    second = the_message().send_at
    assert timedelta(seconds=30) <= first - NOON < timedelta(seconds=35)
    assert timedelta(seconds=60) <= second - first < timedelta(seconds=65)
    sender.before = lambda message: None
    assert tick(sender, first) == 0
    assert tick(sender, second) == 1
    assert outcomes() == [AttemptOutcome.POSTPONED] * 2 + [AttemptOutcome.ACCEPTED]


def test_a_worker_short_of_lease_sends_nothing_more(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    tick(sender, lease=timedelta(0))
    assert sender.accepted == []
    assert the_message().status is MessageStatus.PLANNED


def test_a_batch_is_sent_oldest_first_and_up_to_its_limit(sender: ObedientSender) -> None:
    for number in range(5):
        due = NOON - timedelta(minutes=number)
        text = owed(topic=f"appointment:{number}", body=str(number), send_at=due, immediate=True)
        outbox.enqueue(text, NOON)
    assert send_due(NOON, "worker", 3, {Channel.SMS: sender}, LEASE, threads=1) == 3
    assert sender.bodies == ["4", "3", "2"]


def test_answers_go_before_reminders(sender: ObedientSender) -> None:
    for number in range(3):
        due = NOON - timedelta(hours=number)
        text = owed(topic=f"appointment:{number}", recipient=f"+1602555012{number}", send_at=due)
        outbox.enqueue(text, NOON)
    outbox.enqueue(owed(topic="inbound:1", body="We will call you", immediate=True), NOON)
    send_due(NOON, "worker", 2, {Channel.SMS: sender}, LEASE, threads=1)
    assert sender.bodies[0] == "We will call you"


def test_a_broken_sender_is_taken_for_ambiguous(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    sender.before = raising(RuntimeError("a bug"))
    tick(sender)
    assert the_message().status is MessageStatus.SENDING
    assert outcomes() == [AttemptOutcome.AMBIGUOUS]


def test_history_is_by_topic_in_order_of_time() -> None:
    outbox.enqueue(owed(send_at=NOON + timedelta(hours=1), body="second"), NOON)
    outbox.enqueue(owed(kind="confirmation", body="first"), NOON)
    outbox.enqueue(owed(topic="appointment:12"), NOON)
    assert [message.body for message in outbox.list_messages(["appointment:1"])] == [
        "first",
        "second",
    ]
