"""Words are made when a message is sent, kept with the attempt, and made again if it can't go in time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from booking.extensions import db
from booking.messaging import operations as outbox
from booking.messaging.models import Attempt
from booking.messaging.rendering import Draft, RenderedMessage
from booking.messaging.resolving import resolve_interrupted
from booking.messaging.rules import AttemptOutcome, Channel, MessageStatus, Reason
from booking.messaging.senders import DeliveryUnknown, OutgoingMessage, SendFailed
from booking.messaging.sending import send_due
from tests.messaging.builders import NOON, ObedientSender, outcomes, owed, raising, the_message

pytestmark = pytest.mark.usefixtures("app")
MIDNIGHT = datetime(2026, 12, 2, 7, tzinfo=UTC)  # in Phoenix


def by_date(drafts: Sequence[Draft], now: datetime) -> Mapping[int, RenderedMessage | None]:
    """Say "tomorrow" until midnight, then "today"."""
    if now < MIDNIGHT:
        words = RenderedMessage("", "tomorrow", valid_until=MIDNIGHT)
    else:
        words = RenderedMessage("", "today", valid_until=MIDNIGHT + timedelta(days=1))
    return {draft.id: words for draft in drafts}


def untrue(drafts: Sequence[Draft], _now: datetime) -> Mapping[int, RenderedMessage | None]:
    return {draft.id: None for draft in drafts}


def send(sender: ObedientSender, now: datetime, render: Any = by_date) -> None:
    senders = {Channel.SMS: sender, Channel.EMAIL: sender}
    send_due(now, "worker", 9, senders, threads=1, render=render)
    db.session.rollback()


def attempts() -> list[tuple[str | None, AttemptOutcome | None]]:
    rows = db.session.scalars(select(Attempt).order_by(Attempt.number))
    return [(row.body, row.outcome) for row in rows]


@pytest.mark.parametrize(
    ("at", "said"), [(MIDNIGHT - timedelta(hours=1), "tomorrow"), (MIDNIGHT, "today")]
)
def test_what_is_said_is_true_when_it_is_sent_and_stays_on_record(
    sender: ObedientSender, at: datetime, said: str
) -> None:
    outbox.enqueue(owed(body="as planned", immediate=True), NOON)
    send(sender, at)
    assert sender.bodies == [the_message().body] == [said]
    assert attempts() == [(said, AttemptOutcome.ACCEPTED)]


def test_what_is_no_longer_true_is_not_sent_and_the_reason_is_on_record(
    sender: ObedientSender,
) -> None:
    outbox.enqueue(owed(), NOON)
    send(sender, NOON, untrue)
    assert sender.accepted == []
    assert (the_message().status, the_message().reason) == (MessageStatus.SKIPPED, Reason.UNTRUE)


def test_a_message_claimed_before_midnight_does_not_say_tomorrow_after_it(
    sender: ObedientSender,
) -> None:
    outbox.enqueue(owed(immediate=True), NOON)
    claimed_at = MIDNIGHT - timedelta(microseconds=1)  # it is over before the first one goes
    send(sender, claimed_at)
    assert sender.accepted == []
    assert (the_message().status, outcomes()) == (MessageStatus.PLANNED, [AttemptOutcome.POSTPONED])
    send(sender, MIDNIGHT + timedelta(minutes=1))
    assert sender.bodies == ["today"]
    assert [body for body, _ in attempts()] == ["tomorrow", "today"]


def test_an_attempt_made_again_the_day_after_says_what_is_true_then(
    sender: ObedientSender,
) -> None:
    outbox.enqueue(owed(immediate=True), NOON)
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    send(sender, MIDNIGHT - timedelta(minutes=5))
    sender.before = lambda message: None
    send(sender, MIDNIGHT + timedelta(minutes=5))
    assert sender.bodies == ["today"]


def test_invariant_8_the_provider_is_asked_for_the_words_of_every_attempt(
    sender: ObedientSender,
) -> None:
    """The first reached the provider after it had been asked; the second was cut off as well."""
    outbox.enqueue(owed(body="as planned", immediate=True), NOON)
    sender.before = raising(DeliveryUnknown("cut off"))
    send(sender, MIDNIGHT - timedelta(minutes=5))
    senders = {Channel.SMS: sender, Channel.EMAIL: sender}
    resolve_interrupted(MIDNIGHT - timedelta(minutes=4), senders)
    first = OutgoingMessage(the_message().id, Channel.SMS, owed().recipient, "", "tomorrow")
    sender.before = lambda message: None
    sender.send(first)  # late
    sender.before = raising(DeliveryUnknown("cut off"))
    send(sender, MIDNIGHT + timedelta(minutes=5))
    resolve_interrupted(MIDNIGHT + timedelta(minutes=9), senders)
    assert the_message().status is MessageStatus.SENT
    assert sender.bodies == ["tomorrow"]
    assert replace(first, body=the_message().body).body == "today"


def test_answers_keep_the_words_they_were_owed_with(sender: ObedientSender) -> None:
    outbox.enqueue(owed(body="as owed", immediate=True), NOON)
    send(sender, NOON, lambda drafts, now: {})
    assert sender.bodies == ["as owed"]
    assert attempts() == [("as owed", AttemptOutcome.ACCEPTED)]
