"""Twilio's webhooks believe what is signed over our public address, and nothing else."""

from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from booking.extensions import db
from booking.messaging import operations as outbox
from booking.messaging.models import InboundMessage, Message
from booking.messaging.rules import Channel, MessageStatus, ReplyMeaning
from booking.messaging.sending import send_due
from booking.tasks.models import Task, TaskKind
from tests.builders import a_clinic
from tests.messaging.builders import NOON, PATIENT, ObedientSender, owed, the_message
from tests.reminders.signed import (
    INBOUND,
    PUBLIC,
    STATUS,
    TOKEN,
    post,
    report,
    signature,
    text_from,
)

ABOUT_ONE = f"{STATUS}?message=1"
HOOKS = [(ABOUT_ONE, report("delivered")), (INBOUND, text_from(PATIENT, "2"))]


@pytest.fixture(autouse=True)
def _set_up(app: Flask) -> Iterator[None]:
    """It is noon; message 1 was sent under the provider's id SM0."""
    app.config.update(TWILIO_AUTH_TOKEN=TOKEN, PUBLIC_URL=PUBLIC)
    with time_machine.travel(NOON, tick=False):
        a_clinic()
        outbox.enqueue(owed(), NOON)
        send_due(NOON, "worker", 1, {Channel.SMS: ObedientSender()})
        assert the_message().id == 1
        yield


def nothing_happened() -> bool:
    kept = [db.session.scalar(select(func.count()).select_from(t)) for t in (InboundMessage, Task)]
    return kept == [0, 0] and the_message().status is MessageStatus.SENT


@pytest.mark.parametrize(("path", "form"), HOOKS)
def test_without_a_right_signature_nothing_is_believed(
    client: FlaskClient, path: str, form: dict[str, str]
) -> None:
    of_another_account = signature(path, form, token="another account's token")
    of_another_form = signature(path, {**form, "MessageSid": "SM9"})
    for signed in ("", "guess", "ünlesbar", of_another_account, of_another_form):
        assert post(client, path, form, signed).status_code == 403
    assert nothing_happened()


@pytest.mark.parametrize(("path", "form"), HOOKS)
def test_the_address_that_was_signed_must_be_our_public_one(
    client: FlaskClient, path: str, form: dict[str, str]
) -> None:
    for address in ("http://localhost", "http://visits.example.com", "https://evil.example.com"):
        assert post(client, path, form, signature(path, form, at=address)).status_code == 403
    assert nothing_happened()


@pytest.mark.parametrize("host", ["localhost", "10.0.0.7:8000", "evil.example.com"])
def test_the_host_a_proxy_asks_by_does_not_matter(client: FlaskClient, host: str) -> None:
    form = text_from(PATIENT, "2")
    headers = {"X-Twilio-Signature": signature(INBOUND, form), "Host": host}
    assert client.post(INBOUND, data=form, headers=headers).status_code == 200
    forged = signature(INBOUND, form, at=f"http://{host}")
    assert post(client, INBOUND, form, forged).status_code == 403


def test_the_message_reported_on_is_part_of_what_is_signed(client: FlaskClient) -> None:
    form = report("delivered")
    assert post(client, ABOUT_ONE, form, signature(f"{STATUS}?message=2", form)).status_code == 403
    assert nothing_happened()


def test_without_a_token_of_our_own_nobody_is_believed(app: Flask, client: FlaskClient) -> None:
    app.config["TWILIO_AUTH_TOKEN"] = ""
    for path, form in HOOKS:
        assert post(client, path, form, signature(path, form, token="")).status_code == 403
    assert nothing_happened()


def test_invariant_13_reading_a_webhooks_address_changes_nothing(client: FlaskClient) -> None:
    for path, form in HOOKS:
        asked = f"{path.partition('?')[0]}?{urlencode({'message': '1', **form})}"
        for verb in ("GET", "HEAD"):
            headers = {"X-Twilio-Signature": signature(asked, {})}
            assert client.open(asked, method=verb, headers=headers).status_code == 405
    assert nothing_happened()


def test_reports_repeated_and_out_of_order_never_take_a_message_back(client: FlaskClient) -> None:
    for said in ("queued", "delivered", "delivered", "undelivered", "queued", "sent"):
        response = post(client, ABOUT_ONE, report(said))
        assert (response.status_code, response.data) == (204, b"")
    assert (the_message().status, the_message().error_code) == (MessageStatus.DELIVERED, None)


def test_an_undelivered_text_is_recorded_with_its_code(client: FlaskClient) -> None:
    for said in ("undelivered", "sent", "queued"):
        post(client, ABOUT_ONE, report(said, code="30005" if said == "undelivered" else ""))
    assert (the_message().status, the_message().error_code) == (MessageStatus.FAILED, "30005")
    assert [message.id for message in outbox.list_undelivered(NOON)] == [1]


@pytest.mark.parametrize(
    ("message", "sid", "status"),
    [
        *[("1", "SM7", 204), ("2", "SM0", 204), ("9" * 9, "SM0", 204), ("0", "", 204)],
        *[("", "SM0", 404), ("-1", "SM0", 404), ("one", "SM0", 404), ("9" * 18, "SM0", 404)],
    ],
)
def test_a_report_on_nothing_of_ours_is_harmless(
    client: FlaskClient, message: str, sid: str, status: int
) -> None:
    path = f"{STATUS}?message={message}"
    assert post(client, path, report("delivered", sid)).status_code == status
    assert nothing_happened()


def test_a_report_on_a_text_to_somebody_else_is_of_no_message_we_have(client: FlaskClient) -> None:
    """A restored backup gives its numbers out again; the provider still reports on the old ones."""
    lost = {**report("undelivered", "SM0", "30003"), "To": "+16025550199"}
    assert post(client, ABOUT_ONE, lost).status_code == 204
    assert nothing_happened()
    ours = {**report("delivered", "SM0"), "To": PATIENT}
    post(client, ABOUT_ONE, ours)
    assert the_message().status is MessageStatus.DELIVERED


def test_a_text_is_taken_once_and_answered_by_a_message_not_in_the_reply(
    client: FlaskClient,
) -> None:
    form = text_from(PATIENT, "¿Quién es? 🙂")
    for _ in range(3):
        response = post(client, INBOUND, form)
        assert (response.status_code, response.mimetype) == (200, "text/xml")
        assert b"<Response/>" in response.data
    heard = db.session.scalars(select(InboundMessage)).one()
    assert (heard.provider_id, heard.sender, heard.body) == ("IN1", PATIENT, "¿Quién es? 🙂")
    owed_since = db.session.scalars(select(Message).where(Message.id > 1)).all()
    assert [message.kind for message in owed_since] == ["answer_unclear"]
    assert db.session.scalar(select(func.count()).select_from(Task)) == 1


@pytest.mark.parametrize("body", ["I want to \0die", "\0I want to die\0"])
def test_a_text_with_a_nul_is_recorded_without_it(client: FlaskClient, body: str) -> None:
    assert post(client, INBOUND, text_from(PATIENT, body)).status_code == 200
    heard = db.session.scalars(select(InboundMessage)).one()
    assert (heard.body, heard.meaning) == ("I want to die", ReplyMeaning.CRISIS)
    assert db.session.scalars(select(Task)).one().kind is TaskKind.CRISIS


@pytest.mark.parametrize(
    ("body", "sent", "media_count", "meaning"),
    [
        ("", "1", 1, ReplyMeaning.UNCLEAR),
        ("1", "3", 3, ReplyMeaning.CONFIRM),
        ("STOP", "1", 1, ReplyMeaning.STOP),
        ("see this", "many", 0, ReplyMeaning.UNCLEAR),
    ],
)
def test_a_text_with_a_picture_is_read_by_a_person_whatever_it_says(
    client: FlaskClient, body: str, sent: str, media_count: int, meaning: ReplyMeaning
) -> None:
    form = {**text_from(PATIENT, body), "NumMedia": sent}
    assert post(client, INBOUND, form).status_code == 200
    heard = db.session.scalars(select(InboundMessage)).one()
    assert (heard.media_count, heard.meaning) == (media_count, meaning)
    assert heard.read_at is None
    assert db.session.scalars(select(Task)).one().kind is TaskKind.READ_TEXT


BODY = b'{"MessageSid": "SM0", "MessageStatus": "delivered"}'


@pytest.mark.parametrize(
    ("signed_body", "sent", "kind", "status"),
    [
        (BODY, BODY, "application/json", 415),
        (BODY, BODY, "text/plain", 415),
        (b"{", b"{", "application/json", 415),
        (b"another", BODY, "application/json", 403),
        (b"another", b"\xff", "application/json", 403),
        (b"another", BODY, "", 403),
        (None, BODY, "application/json", 403),
    ],
)
def test_what_is_no_form_is_refused_and_believed_by_the_hash_of_its_body_alone(
    client: FlaskClient, signed_body: bytes | None, sent: bytes, kind: str, status: int
) -> None:
    said = "" if signed_body is None else f"&bodySHA256={sha256(signed_body).hexdigest()}"
    path = ABOUT_ONE + said
    headers = {"X-Twilio-Signature": signature(path, {}), "Content-Type": kind}
    response = client.post(path, data=sent, headers=headers)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert nothing_happened()


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_text_without_id_or_sender_is_refused(client: FlaskClient, missing: str) -> None:
    form = {**text_from(PATIENT, "2"), missing: ""}
    assert post(client, INBOUND, form).status_code == 400
    assert nothing_happened()
