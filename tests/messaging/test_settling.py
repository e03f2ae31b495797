"""After an interruption the provider is asked before anything is sent again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from booking.extensions import db
from booking.messaging import operations as outbox
from booking.messaging.inbound import record_status
from booking.messaging.leasing import lease_due_messages
from booking.messaging.models import Message
from booking.messaging.resolving import resolve_interrupted
from booking.messaging.results import AttemptResult, record_results
from booking.messaging.rules import AttemptOutcome, Channel, MessageStatus
from booking.messaging.senders import (
    DeliveryUnknown,
    LookupUnsupported,
    OutgoingMessage,
    SendReceipt,
)
from booking.messaging.sending import LEASE, send_due
from tests.messaging.builders import (
    NOON,
    ObedientSender,
    outcomes,
    owed,
    raising,
    the_message,
)

pytestmark = pytest.mark.usefixtures("app")
LATER = NOON + LEASE + timedelta(seconds=1)
POSTPONED = AttemptOutcome.POSTPONED


def tick(sender: ObedientSender, now: datetime = NOON) -> int:
    """Settle what was interrupted, then send what is due, as the scheduler does."""
    senders = {Channel.SMS: sender}
    resolve_interrupted(now, senders)
    return send_due(now, "worker", 100, senders)


def die_before_recording(sender: ObedientSender, accepted: bool) -> None:
    """Be killed after the claim, the provider having `accepted` or not."""
    for leased in lease_due_messages(NOON, "dead", 1, [Channel.SMS], LEASE):
        if accepted:
            sender.send(leased.message)


def test_what_a_dead_worker_sent_is_not_sent_again(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    die_before_recording(sender, accepted=True)
    tick(sender, LATER)
    assert len(sender.accepted) == 1
    assert (the_message().status, the_message().provider_id) == (MessageStatus.SENT, "SM0")
    assert outcomes() == [AttemptOutcome.ACCEPTED]


def test_a_worker_that_comes_back_late_changes_nothing_of_the_next_attempt(
    sender: ObedientSender,
) -> None:
    outbox.enqueue(owed(), NOON)
    [slow] = lease_due_messages(NOON, "slow", 1, [Channel.SMS], LEASE)
    resolve_interrupted(LATER, {Channel.SMS: sender})
    [leased] = lease_due_messages(LATER, "next", 1, [Channel.SMS], LEASE)
    assert (slow.attempt_number, leased.attempt_number) == (1, 2)
    late = AttemptResult(
        slow.message.id, slow.attempt_number, slow.message.recipient, LATER, POSTPONED
    )
    record_results([late])
    assert (the_message().status, the_message().tries) == (MessageStatus.SENDING, 2)
    assert outcomes() == [AttemptOutcome.NOT_ACCEPTED, None]


def test_what_a_dead_worker_did_not_send_is_sent(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    die_before_recording(sender, accepted=False)
    tick(sender, LATER)
    assert len(sender.accepted) == 1
    assert outcomes() == [AttemptOutcome.NOT_ACCEPTED, AttemptOutcome.ACCEPTED]


def test_nobody_touches_a_message_under_its_lease(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    die_before_recording(sender, accepted=False)
    tick(sender, NOON + LEASE - timedelta(seconds=1))
    assert sender.accepted == []


def test_a_timeout_is_asked_about_before_sending_again(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    sender.after = raising(DeliveryUnknown("timeout"))
    tick(sender)
    assert the_message().status is MessageStatus.SENDING
    tick(sender, NOON + timedelta(minutes=1))
    assert len(sender.accepted) == 1
    assert the_message().status is MessageStatus.SENT


def test_a_timeout_that_accepted_nothing_is_tried_again_after_a_pause(
    sender: ObedientSender,
) -> None:
    outbox.enqueue(owed(), NOON)
    sender.before = raising(DeliveryUnknown("timeout"))
    tick(sender)
    sender.before = lambda message: None
    tick(sender, NOON + timedelta(minutes=1))
    assert sender.accepted == []
    tick(sender, NOON + timedelta(minutes=2))
    assert len(sender.accepted) == 1


def test_an_identical_text_sent_earlier_is_not_taken_for_this_one(sender: ObedientSender) -> None:
    outbox.enqueue(owed(immediate=True), NOON)
    tick(sender)
    outbox.enqueue(owed(topic="appointment:2", immediate=True), NOON)
    die_before_recording(sender, accepted=False)
    tick(sender, LATER)
    assert len(sender.accepted) == 2


def test_two_identical_texts_interrupted_together_are_each_sent_once(
    sender: ObedientSender,
) -> None:
    outbox.enqueue(owed(immediate=True), NOON)
    outbox.enqueue(owed(topic="appointment:2", immediate=True), NOON)
    first, _second = lease_due_messages(NOON, "dead", 2, [Channel.SMS], LEASE)
    sender.send(first.message)
    tick(sender, LATER)
    tick(sender, LATER + timedelta(minutes=1))
    assert len(sender.accepted) == 2
    assert set(db.session.scalars(select(Message.provider_id))) == {"SM0", "SM1"}


def test_a_twin_under_way_is_not_robbed_of_its_text(sender: ObedientSender) -> None:
    outbox.enqueue(owed(immediate=True), NOON)
    die_before_recording(sender, accepted=False)
    outbox.enqueue(owed(topic="appointment:2", immediate=True), LATER)
    (twin,) = lease_due_messages(LATER, "alive", 1, [Channel.SMS], LEASE)
    sender.send(twin.message)
    resolve_interrupted(LATER, {Channel.SMS: sender})
    assert db.session.get_one(Message, twin.message.id - 1).provider_id is None


def test_what_was_retired_meanwhile_is_not_sent(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    die_before_recording(sender, accepted=False)
    outbox.cancel_pending("appointment:1", NOON)
    tick(sender, LATER)
    assert sender.accepted == []
    assert the_message().status is MessageStatus.RETIRED


def test_what_is_too_late_by_then_is_not_sent(sender: ObedientSender) -> None:
    outbox.enqueue(owed(expires_at=NOON + timedelta(minutes=1)), NOON)
    die_before_recording(sender, accepted=False)
    tick(sender, LATER)
    assert (the_message().status, the_message().reason) == (MessageStatus.SKIPPED, "too_late")


def test_a_provider_that_cannot_tell_leaves_it_unknown_and_never_sent_again() -> None:
    sender = ForgetfulSender()
    outbox.enqueue(owed(channel=Channel.EMAIL, recipient="pat@example.com"), NOON)
    send_due(NOON, "worker", 1, {Channel.EMAIL: sender})
    resolve_interrupted(LATER, {Channel.EMAIL: sender})
    send_due(LATER, "worker", 1, {Channel.EMAIL: sender})
    assert the_message().status is MessageStatus.UNKNOWN
    assert (sender.calls, outcomes()) == (1, [AttemptOutcome.UNKNOWN])


class ForgetfulSender:
    """Breaks off in the middle, and can't say what it has."""

    calls = 0

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Break off."""
        self.calls += 1
        raise DeliveryUnknown("SMTPServerDisconnected")

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """Shrug."""
        raise LookupUnsupported


def test_a_provider_that_does_not_answer_is_asked_again_later(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    die_before_recording(sender, accepted=True)
    sender.list_accepted = unanswered  # type: ignore[method-assign]  # for this test
    assert resolve_interrupted(LATER, {Channel.SMS: sender}) == 0
    assert the_message().status is MessageStatus.SENDING
    del sender.list_accepted
    assert resolve_interrupted(LATER + timedelta(minutes=1), {Channel.SMS: sender}) == 1


def test_one_answer_that_cannot_be_read_holds_up_no_other_message(sender: ObedientSender) -> None:
    for recipient in ("+16025550141", "+16025550142"):
        outbox.enqueue(owed(recipient=recipient, topic=recipient), NOON)
        die_before_recording(sender, accepted=True)
    find_accepted = sender.list_accepted

    def break_on_the_first(message: OutgoingMessage, since: datetime) -> list[str]:
        if message.recipient.endswith("1"):
            raise KeyError("date_created")
        return find_accepted(message, since)

    sender.list_accepted = break_on_the_first  # type: ignore[method-assign]  # for this test
    assert resolve_interrupted(LATER, {Channel.SMS: sender}) == 1


def unanswered(message: OutgoingMessage, since: datetime) -> list[str]:
    """Fail as a provider that can't be reached."""
    raise DeliveryUnknown("NotReached")


def test_a_report_settles_an_interrupted_message(sender: ObedientSender) -> None:
    outbox.enqueue(owed(), NOON)
    die_before_recording(sender, accepted=True)
    assert record_status(the_message().id, "SM0", "delivered", None, NOON)
    assert resolve_interrupted(LATER, {Channel.SMS: sender}) == 0
    assert the_message().status is MessageStatus.DELIVERED
    assert outcomes() == [AttemptOutcome.ACCEPTED]
