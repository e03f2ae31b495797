"""The loopback provider behaves as Twilio does, seen through Twilio's own client."""

import urllib.error
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from booking.demo.loopback import DEMO_ACCOUNT, Loopback
from booking.demo.loopback_callbacks import Behaviour
from booking.demo.mail import OutboxMailSender
from booking.messaging.rules import Channel
from booking.messaging.senders import DeliveryUnknown, SendFailed
from tests.demo.loopback_builders import (
    OURS,
    PATIENT,
    control,
    log_of,
    outgoing,
    sender_to,
    until,
)
from tests.demo.webhook import Webhook

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def twilio(loopback: Loopback, token: str = DEMO_ACCOUNT.auth_token) -> Any:
    """Return Twilio's client exactly as it comes, but for the address."""
    client = Client(DEMO_ACCOUNT.sid, token)
    client.api.base_url = loopback.url
    return client


def test_a_text_is_created_fetched_and_listed(loopback: Loopback) -> None:
    client = twilio(loopback)
    created = client.messages.create(to=PATIENT, from_=OURS, body="Hi ¿qué tal? 🙂")
    assert created.sid.startswith("SM")
    assert created.status == "queued"
    fetched = client.messages(created.sid).fetch()
    assert (fetched.to, fetched.from_, fetched.body) == (PATIENT, OURS, "Hi ¿qué tal? 🙂")
    assert fetched.num_segments == "1"
    assert [text.sid for text in client.messages.list()] == [created.sid]


def test_lists_are_filtered_and_paged(loopback: Loopback) -> None:
    client = twilio(loopback)
    for number in range(7):
        client.messages.create(to=PATIENT, from_=OURS, body=str(number))
    client.messages.create(to="+16025550199", from_=OURS, body="another's")
    paged = client.messages.list(to=PATIENT, page_size=3)
    assert [text.body for text in paged] == ["6", "5", "4", "3", "2", "1", "0"]
    assert client.messages.list(from_="+16025550999") == []
    until(lambda: all(text["date_sent"] for text in log_of(loopback.url)["texts"]))
    now = datetime.now(UTC)
    assert len(client.messages.list(date_sent_after=now - timedelta(hours=1))) == 8
    assert client.messages.list(date_sent_before=now - timedelta(hours=1)) == []
    assert client.messages.list(date_sent_after=now + timedelta(hours=1)) == []


@pytest.mark.parametrize(
    ("asked", "code", "status"),
    [
        ({"to": "12"}, 21211, 400),
        ({"to": "+15005550009"}, 21614, 400),
        ({"to": "+15005550004"}, 21610, 400),
        ({"from_": "+16025550111"}, 21606, 400),
        ({"from_": "clinic"}, 21212, 400),
        ({"body": ""}, 21602, 400),
        ({"to": ""}, 21604, 400),
        ({"body": "x" * 1601}, 21617, 400),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(
    loopback: Loopback, asked: dict[str, str], code: int, status: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio(loopback).messages.create(**{"to": PATIENT, "from_": OURS, "body": "Hi", **asked})
    assert (refused.value.code, refused.value.status) == (code, status)
    assert log_of(loopback.url)["texts"] == []


def test_strangers_and_unknown_texts_are_refused(loopback: Loopback) -> None:
    with pytest.raises(TwilioRestException) as stranger:
        twilio(loopback, token="guess").messages.create(to=PATIENT, from_=OURS, body="Hi")
    assert (stranger.value.status, stranger.value.code) == (401, 20003)
    with pytest.raises(TwilioRestException) as unknown:
        twilio(loopback).messages("SM" + "0" * 32).fetch()
    assert (unknown.value.status, unknown.value.code) == (404, 20404)


def test_a_messaging_service_picks_the_number(loopback: Loopback) -> None:
    sender = sender_to(loopback.url, sender="MG" + "0" * 32)
    sid = sender.send(outgoing()).provider_id
    assert twilio(loopback).messages(sid).fetch().from_ == OURS
    assert sender.list_accepted(outgoing(), LONG_AGO) == [sid]


def test_reports_are_signed_and_carry_our_id(loopback: Loopback) -> None:
    with Webhook(DEMO_ACCOUNT.auth_token) as hook:
        receipt = sender_to(loopback.url, public_url=hook.url).send(outgoing(id=42))
        until(lambda: len(hook.heard) == 3)
    assert [form["MessageStatus"] for _, form, _ in hook.heard] == ["queued", "sent", "delivered"]
    assert {path for path, _, _ in hook.heard} == {"/hooks/twilio/status?message=42"}
    assert {form["MessageSid"] for _, form, _ in hook.heard} == {receipt.provider_id}
    assert all(signed for _, _, signed in hook.heard)


def test_a_signature_is_bound_to_token_address_and_form(loopback: Loopback) -> None:
    with Webhook("another token") as hook:
        sender_to(loopback.url, public_url=hook.url).send(outgoing())
        until(lambda: len(hook.heard) == 3)
    assert not any(signed for _, _, signed in hook.heard)


def test_reports_repeat_and_come_backwards_when_asked(loopback: Loopback) -> None:
    control(loopback.url, "behaviour", seconds=0.01, times=2, backwards=True)
    with Webhook(DEMO_ACCOUNT.auth_token) as hook:
        sender_to(loopback.url, public_url=hook.url).send(outgoing())
        until(lambda: len(hook.heard) == 6)
    statuses = [form["MessageStatus"] for _, form, _ in hook.heard]
    assert statuses == ["delivered", "delivered", "sent", "sent", "queued", "queued"]
    assert log_of(loopback.url)["texts"][0]["status"] == "delivered"


def test_an_undelivered_text_is_reported_with_its_code(loopback: Loopback) -> None:
    control(loopback.url, "behaviour", seconds=0.01, final="undelivered", error_code=30005)
    with Webhook(DEMO_ACCOUNT.auth_token) as hook:
        sender_to(loopback.url, public_url=hook.url).send(outgoing())
        until(lambda: len(hook.heard) == 3)
    assert hook.heard[-1][1]["ErrorCode"] == "30005"


def test_stop_is_obeyed_until_start(loopback: Loopback) -> None:
    sender = sender_to(loopback.url)
    with Webhook(DEMO_ACCOUNT.auth_token) as hook:
        told = {"from": PATIENT, "webhook": f"{hook.url}/hooks/twilio/inbound"}
        control(loopback.url, "inbound", body="Stop ", **told)
        with pytest.raises(SendFailed) as refused:
            sender.send(outgoing())
        control(loopback.url, "inbound", body="START", **told)
        sender.send(outgoing())
    assert (refused.value.permanent, refused.value.code) == (True, "21610")
    assert [form["OptOutType"] for _, form, _ in hook.heard] == ["STOP", "START"]
    assert all(signed for _, _, signed in hook.heard)


def test_our_webhook_may_answer_a_text_with_another(loopback: Loopback) -> None:
    twiml = "<Response><Message>Thank you</Message></Response>"
    with Webhook(DEMO_ACCOUNT.auth_token, answer=twiml) as hook:
        answer = control(loopback.url, "inbound", **{"from": PATIENT}, body="1", webhook=hook.url)
    assert answer["webhook_status"] == 200
    texts = log_of(loopback.url)["texts"]
    assert [(text["direction"], text["body"]) for text in texts] == [
        ("inbound", "1"),
        ("outbound-reply", "Thank you"),
    ]


@pytest.mark.parametrize("trouble", ["429", "drop", "500"])
def test_troubles_before_acceptance_leave_nothing(loopback: Loopback, trouble: str) -> None:
    control(loopback.url, "faults", trouble=trouble)
    with pytest.raises((SendFailed, DeliveryUnknown)):
        sender_to(loopback.url).send(outgoing())
    assert log_of(loopback.url)["texts"] == []
    assert sender_to(loopback.url).list_accepted(outgoing(), LONG_AGO) == []
    sender_to(loopback.url).send(outgoing())


@pytest.mark.parametrize("trouble", ["500-after-accept", "close-after-accept", "hang-after-accept"])
def test_troubles_after_acceptance_are_ambiguous_and_can_be_asked_about(
    loopback: Loopback, trouble: str
) -> None:
    control(loopback.url, "faults", trouble=trouble, seconds=5)
    sender = sender_to(loopback.url, timeout=0.3)
    with pytest.raises(DeliveryUnknown):
        sender.send(outgoing())
    assert len(sender.list_accepted(outgoing(), LONG_AGO)) == 1


def test_a_restarted_provider_still_has_everything(tmp_path: Path) -> None:
    file = tmp_path / "provider.sqlite3"
    with Loopback(file=file, behaviour=Behaviour(seconds=0.01)) as first:
        receipt = sender_to(first.url).send(outgoing())
        mail = OutboxMailSender(first.url, "clinic@example.com").send(
            outgoing(channel=Channel.EMAIL, recipient="pat@example.com")
        )
        control(
            first.url, "inbound", **{"from": PATIENT}, body="STOP", webhook="http://127.0.0.1:9"
        )
        until(lambda: log_of(first.url)["texts"][0]["status"] == "delivered")
    with Loopback(file=file) as second:
        log = log_of(second.url)
        with pytest.raises(SendFailed):
            sender_to(second.url).send(outgoing())
    assert (log["texts"][0]["sid"], log["texts"][0]["status"]) == (receipt.provider_id, "delivered")
    assert [each["id"] for each in log["mails"]] == [mail.provider_id]
    assert log["stopped"] == [PATIENT]


def test_the_demo_mailbox_takes_mail_and_can_be_asked(loopback: Loopback) -> None:
    mail = OutboxMailSender(loopback.url, "Desert Clinic <clinic@example.com>")
    message = outgoing(
        channel=Channel.EMAIL,
        recipient="pat@example.com",
        subject="Your visit",
        attachment="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        attachment_type="text/calendar; method=REQUEST",
    )
    assert mail.list_accepted(message, LONG_AGO) == []
    receipt = mail.send(message)
    assert mail.list_accepted(message, LONG_AGO) == [receipt.provider_id]
    (kept,) = log_of(loopback.url)["mails"]
    assert (kept["to"], kept["subject"]) == ("pat@example.com", "Your visit")
    assert kept["attachment"] == message.attachment


def test_nonsense_gets_a_clear_error(loopback: Loopback) -> None:
    with pytest.raises(urllib.error.HTTPError) as mischief:
        control(loopback.url, "faults", trouble="mischief")
    with pytest.raises(urllib.error.HTTPError) as incomplete:
        control(loopback.url, "inbound", body="from nobody")
    assert (mischief.value.code, incomplete.value.code) == (400, 400)
