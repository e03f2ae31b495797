"""E-mail over SMTP, against a real server in this process."""

import smtplib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from booking.messaging.providers.composing import build_email
from booking.messaging.providers.mail_server import SmtpUrlError
from booking.messaging.providers.smtp import SmtpSender
from booking.messaging.rules import Channel
from booking.messaging.senders import (
    DeliveryUnknown,
    LookupUnsupported,
    OutgoingMessage,
    SendFailed,
)
from tests.messaging.builders import NOON
from tests.proxy import free_port

CLINIC = "Desert Clinic <clinic@example.com>"


class Mailbox:
    """Takes mail in; refuses recipients whose address says so."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Answer by the address."""
        if address.startswith("unknown"):
            return "550 no such user"
        if address.startswith("full"):
            return "452 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep the mail."""
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, SmtpSender]]:
    """A mail server on a free port, and a sender to it."""
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, SmtpSender(f"smtp://127.0.0.1:{port}", CLINIC)
    controller.stop()


def email(**changes: Any) -> OutgoingMessage:
    """Return a confirmation by e-mail."""
    facts: dict[str, Any] = {
        "id": 7,
        "channel": Channel.EMAIL,
        "recipient": "pat@example.com",
        "subject": "Your visit on Tuesday",
        "body": "See you on Tuesday – ¡hasta el martes!",
    }
    return OutgoingMessage(**{**facts, **changes})


def test_an_email_arrives_with_a_stable_identity(mailbox: tuple[Mailbox, SmtpSender]) -> None:
    box, sender = mailbox
    receipt = sender.send(email())
    (mail,) = box.mails
    assert receipt.provider_id == mail["Message-ID"] == "<message-7@example.com>"
    assert (mail["From"], mail["To"]) == (CLINIC, "pat@example.com")
    text, html = (part.get_content() for part in mail.iter_parts())
    assert text.strip() == email().body
    assert email().body in html


@pytest.mark.parametrize(("address", "permanent"), [("unknown", True), ("full", False)])
def test_a_refused_recipient_is_for_good_or_for_now(
    mailbox: tuple[Mailbox, SmtpSender], address: str, permanent: bool
) -> None:
    with pytest.raises(SendFailed) as refused:
        mailbox[1].send(email(recipient=f"{address}@example.com"))
    assert refused.value.permanent is permanent


def test_no_server_means_surely_not_sent() -> None:
    with pytest.raises(SendFailed) as failure:
        SmtpSender("smtp://127.0.0.1:9", CLINIC).send(email())
    assert not failure.value.permanent


def test_a_connection_lost_while_the_text_goes_over_is_ambiguous(
    mailbox: tuple[Mailbox, SmtpSender], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(smtplib.SMTP, "data", lost)
    with pytest.raises(DeliveryUnknown):
        mailbox[1].send(email())
    with pytest.raises(LookupUnsupported):
        mailbox[1].list_accepted(email(), NOON)


def test_no_header_can_be_smuggled_in() -> None:
    mail = build_email(email(subject="Hi\r\nBcc: all@example.com"), CLINIC)
    assert mail["Bcc"] is None
    with pytest.raises(SendFailed) as refused:
        SmtpSender("smtp://127.0.0.1:9", CLINIC).send(email(recipient="a@example.com\nBcc: b"))
    assert refused.value.permanent


@pytest.mark.parametrize("url", ["", "localhost", "http://localhost", "smtp://"])
def test_an_unreadable_address_of_the_server_is_named(url: str) -> None:
    with pytest.raises(SmtpUrlError, match="smtps"):
        SmtpSender(url, CLINIC)


def test_on_the_wire_every_line_ends_as_smtp_asks_and_is_ascii() -> None:
    mail = build_email(email(body="Año nuevo\nnext line\n" + "x" * 2000), CLINIC)
    sent = mail.as_bytes()
    assert b"\n" not in sent.replace(b"\r\n", b"")
    assert sent.isascii()
    assert max(map(len, sent.split(b"\r\n"))) <= 998
