"""E-mail over SMTP. It can't be asked what it has, so an interrupted e-mail is never sent again."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.utils import parseaddr

from booking.messaging.providers.composing import build_email
from booking.messaging.providers.mail_server import MailServer
from booking.messaging.senders import (
    DeliveryUnknown,
    LookupUnsupported,
    OutgoingMessage,
    SendFailed,
    SendReceipt,
)


class SmtpSender:
    """Sends e-mail through one mail server; a connection for each, so safe between threads.

    `url` as `MailServer.from_url` reads it; `public_url` is where links to stop reminders lead.
    """

    def __init__(self, url: str, mail_from: str, public_url: str = "") -> None:
        self.server = MailServer.from_url(url)
        self.mail_from = mail_from
        self.public_url = public_url

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Hand `message` to the mail server. Until its text goes over, a failure is a clear one."""
        try:
            mail = build_email(message, self.mail_from, self.public_url)
        except ValueError as error:  # an address or subject that no header can hold
            raise SendFailed(True, "unwritable header") from error
        with self._connected() as server:
            _envelope(server, parseaddr(self.mail_from)[1], message.recipient)
            _hand_over(server, mail.as_bytes())
        return SendReceipt(str(mail["Message-ID"]))

    def list_accepted(self, message: OutgoingMessage, since: datetime) -> list[str]:
        """SMTP has no such question."""
        raise LookupUnsupported

    def sign_in(self) -> None:
        """Connect and sign in, and send nothing. Raises `SendFailed`."""
        with self._connected():
            pass

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            connection = self.server.connect()
        except (OSError, smtplib.SMTPException) as error:
            raise SendFailed(False, type(error).__name__) from error
        try:
            self._log_in(connection)
            yield connection
        finally:
            connection.close()

    def _log_in(self, connection: smtplib.SMTP) -> None:
        try:
            connection.ehlo_or_helo_if_needed()
            if self.server.user:
                connection.login(self.server.user, self.server.password)
        except (OSError, smtplib.SMTPException) as error:
            raise SendFailed(False, type(error).__name__) from error


def _envelope(server: smtplib.SMTP, sender: str, recipient: str) -> None:
    """Announce sender and recipient; 5xx about the recipient is for good, all else may pass."""
    try:
        code, _ = server.mail(sender)
        about_recipient = code == 250
        if about_recipient:
            code, _ = server.rcpt(recipient)
    except UnicodeError as error:  # an address that this server can't be told
        raise SendFailed(True, "address") from error
    except (OSError, smtplib.SMTPException) as error:
        raise SendFailed(False, type(error).__name__) from error
    if code not in (250, 251):
        raise SendFailed(about_recipient and code >= 500, str(code))


def _hand_over(server: smtplib.SMTP, mail: bytes) -> None:
    try:
        code, _ = server.data(mail)
    except smtplib.SMTPDataError as error:  # refused before the text
        raise SendFailed(error.smtp_code >= 500, str(error.smtp_code)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryUnknown(type(error).__name__) from error
    if code != 250:
        raise SendFailed(code >= 500, str(code))
