"""A text of which no report comes is asked about, at a few ages, and goes forward as by a report."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from booking.demo.loopback import Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.messaging import operations as outbox
from booking.messaging.polling import AGES, KEPT, STEP, poll_reports
from booking.messaging.providers.twilio import TwilioSender
from booking.messaging.rules import Channel, MessageStatus
from booking.messaging.senders import DeliveryReport, DeliveryUnknown
from booking.messaging.sending import send_due
from tests.demo.loopback_builders import sender_to
from tests.messaging.builders import NOON, ObedientSender, owed, the_message

MINUTE = timedelta(minutes=1)  # that sending may take
QUARTER = NOON + STEP + MINUTE


class ReportingSender(ObedientSender):
    """Says how what it took fares, and counts how often it was asked."""

    report: DeliveryReport | None = DeliveryReport("sent", None)
    asked = 0

    def read_status(self, provider_id: str) -> DeliveryReport:
        self.asked += 1
        if self.report is None:
            raise DeliveryUnknown("TimeoutError")
        return self.report


@pytest.fixture
def sender(app: Flask) -> ReportingSender:
    """A provider that has taken a text at noon."""
    sender = ReportingSender()
    outbox.enqueue(owed(), NOON)
    send_due(NOON, "worker", 1, {Channel.SMS: sender})
    return sender


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (DeliveryReport("delivered", None), MessageStatus.DELIVERED),
        (DeliveryReport("undelivered", "30005"), MessageStatus.FAILED),
        (DeliveryReport("sent", None), MessageStatus.SENT),
        (DeliveryReport("a new word", None), MessageStatus.SENT),
        (None, MessageStatus.SENT),
    ],
)
def test_what_the_provider_says_is_recorded(
    sender: ReportingSender, report: DeliveryReport | None, status: MessageStatus
) -> None:
    sender.report = report
    assert poll_reports(QUARTER, {Channel.SMS: sender}) == (report is not None)
    message = the_message()
    assert message.status is status
    assert message.error_code == (report.error_code if report else None)
    assert message.failed_at == (QUARTER if status is MessageStatus.FAILED else None)


def test_it_is_asked_once_at_each_age_and_no_more_after_a_day(sender: ReportingSender) -> None:
    for number in range(1, 200):
        poll_reports(NOON + number * STEP + MINUTE, {Channel.SMS: sender})
    assert sender.asked == len(AGES)


@pytest.mark.parametrize("away", [timedelta(hours=5), timedelta(days=3), timedelta(days=200)])
def test_after_a_time_away_it_is_asked_once(sender: ReportingSender, away: timedelta) -> None:
    sender.report = DeliveryReport("undelivered", "30005")
    assert poll_reports(NOON + away, {Channel.SMS: sender}) == 1
    assert the_message().status is MessageStatus.FAILED


def test_ages_that_passed_unasked_are_made_up_for_by_one_question(sender: ReportingSender) -> None:
    for number in range(5):
        poll_reports(NOON + timedelta(days=3) + number * STEP, {Channel.SMS: sender})
    assert sender.asked == 1


def test_what_the_provider_keeps_no_more_is_not_asked(sender: ReportingSender) -> None:
    assert poll_reports(NOON + KEPT + MINUTE, {Channel.SMS: sender}) == sender.asked == 0


def test_a_provider_that_gives_no_answer_is_asked_again_at_the_next_age(
    sender: ReportingSender,
) -> None:
    sender.report = None
    for age in (STEP, 2 * STEP, 4 * STEP):
        poll_reports(NOON + age + MINUTE, {Channel.SMS: sender})
    assert sender.asked == 2


def test_of_what_was_reported_nothing_is_asked(sender: ReportingSender) -> None:
    sender.report = DeliveryReport("delivered", None)
    for number in (1, 4):
        poll_reports(NOON + number * STEP + MINUTE, {Channel.SMS: sender})
    assert sender.asked == 1


def test_a_provider_that_can_not_be_asked_is_left_alone(sender: ReportingSender) -> None:
    assert poll_reports(QUARTER, {Channel.SMS: ObedientSender()}) == 0
    assert poll_reports(QUARTER, {}) == 0


@pytest.fixture
def twilio() -> Iterator[TwilioSender]:
    """Twilio's client, and a provider whose reports reach nobody."""
    with Loopback(behaviour=Behaviour(enabled=False)) as loopback:
        yield sender_to(loopback.url)


def test_twilio_is_asked_by_its_own_client(app: Flask, twilio: TwilioSender) -> None:
    outbox.enqueue(owed(), NOON)
    send_due(NOON, "worker", 1, {Channel.SMS: twilio})
    assert twilio.read_status(the_message().provider_id or "").status in ("queued", "accepted")
    with pytest.raises(DeliveryUnknown):
        twilio.read_status("SM" + "0" * 32)
