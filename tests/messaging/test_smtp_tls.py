"""A password goes over TLS to a proven mail server, or not at all."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from booking.messaging.providers.smtp import SmtpSender
from booking.messaging.senders import SendFailed
from tests.messaging.test_smtp_sender import CLINIC, Mailbox, email
from tests.proxy import free_port, make_certificate

HOST = "127.0.0.1"


@dataclass
class Logins:
    """Whoever logged in."""

    users: list[bytes] = field(default_factory=list)

    def __call__(self, *arguments: Any) -> AuthResult:
        """Accept anyone (aiosmtpd's authenticator)."""
        data = arguments[-1]
        assert isinstance(data, LoginPassword)
        self.users.append(data.login)
        return AuthResult(success=True)


@dataclass(frozen=True)
class MailHost:
    """A mail server that runs: its port, what it was sent, and who logged in."""

    port: int
    box: Mailbox
    logins: Logins


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for this machine, whose authority the sender trusts."""
    make_certificate(tmp_path, HOST)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "host.pem", tmp_path / "host-key.pem")
    return context


@contextmanager
def running(**options: Any) -> Iterator[MailHost]:
    """Run a mail server that takes passwords, with aiosmtpd's `options`."""
    host = MailHost(free_port(), Mailbox(), Logins())
    controller = Controller(
        host.box, hostname=HOST, port=host.port, authenticator=host.logins, **options
    )
    controller.start()
    try:
        yield host
    finally:
        controller.stop()


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls"])
def test_a_password_waits_for_starttls(certificate: ssl.SSLContext, scheme: str) -> None:
    with running(tls_context=certificate, require_starttls=True) as host:
        SmtpSender(f"{scheme}://ana:p%40ss@{HOST}:{host.port}", CLINIC).send(email())
    assert (len(host.box.mails), host.logins.users) == (1, [b"ana"])


def test_a_server_without_starttls_never_hears_the_password() -> None:
    with running(auth_require_tls=False) as host, pytest.raises(SendFailed) as failure:
        SmtpSender(f"smtp://ana:secret@{HOST}:{host.port}", CLINIC).send(email())
    assert not failure.value.permanent
    assert (host.box.mails, host.logins.users) == ([], [])


def test_implicit_tls_carries_the_password(certificate: ssl.SSLContext) -> None:
    with running(ssl_context=certificate, auth_require_tls=False) as host:
        SmtpSender(f"smtps://ana:secret@{HOST}:{host.port}", CLINIC).send(email())
    assert (len(host.box.mails), host.logins.users) == (1, [b"ana"])


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_server_that_is_not_proven_gets_neither_password_nor_mail(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    kind = "ssl_context" if scheme == "smtps" else "tls_context"
    server = running(auth_require_tls=False, **{kind: certificate})
    with server as host, pytest.raises(SendFailed) as failure:
        SmtpSender(f"{scheme}://ana:secret@{HOST}:{host.port}", CLINIC).send(email())
    assert not failure.value.permanent
    assert (host.box.mails, host.logins.users) == ([], [])


def test_a_certificate_for_another_host_proves_nothing(
    certificate: ssl.SSLContext, tmp_path: Path
) -> None:
    make_certificate(tmp_path, "mail.example.com")
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    other.load_cert_chain(tmp_path / "host.pem", tmp_path / "host-key.pem")
    with running(tls_context=other) as host, pytest.raises(SendFailed):
        SmtpSender(f"smtp://ana:secret@{HOST}:{host.port}", CLINIC).send(email())
    assert host.logins.users == []


def test_a_relay_without_a_password_is_spoken_to_in_tls_where_it_offers_that(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")  # a relay on this machine proves itself to nobody
    with running(tls_context=certificate, require_starttls=True) as host:
        SmtpSender(f"smtp://{HOST}:{host.port}", CLINIC).send(email())
    assert len(host.box.mails) == 1


def test_starttls_that_is_asked_for_is_demanded_without_a_password_too() -> None:
    with running() as host, pytest.raises(SendFailed):
        SmtpSender(f"smtp+starttls://{HOST}:{host.port}", CLINIC).send(email())
    assert host.box.mails == []
