"""E-mail over SMTP. It can't be asked what it has, so an interrupted e-mail is never sent again."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from booking import clock
from booking.messaging.providers.mail_server import MailServer
from booking.messaging.senders import (
    DeliveryUnknown,
    LookupUnsupported,
    OutgoingMessage,
    SendFailed,
    SendReceipt,
)

ON_THE_WIRE = policy.SMTP.clone(cte_type="7bit")  # lines end in CR LF (RFC 5321, 2.3.8)


class SmtpSender:
    """Sends e-mail through one mail server; a connection for each, so safe between threads.

    `url` as `MailServer.at` reads it.
    """

    def __init__(self, url: str, mail_from: str) -> None:
        self.server = MailServer.from_url(url)
        self.mail_from = mail_from

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Hand `message` to the mail server. Until its text goes over, a failure is a clear one."""
        try:
            mail = build_email(message, self.mail_from)
        except ValueError as error:  # an address or subject that no header can hold
            raise SendFailed(True, "unwritable header") from error
        with self._connected() as server:
            _envelope(server, parseaddr(self.mail_from)[1], message.recipient)
            _hand_over(server, mail.as_bytes(policy=ON_THE_WIRE))
        return SendReceipt(str(mail["Message-ID"]))

    def find_sent(self, message: OutgoingMessage, since: datetime) -> list[str]:
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


def build_email(message: OutgoingMessage, mail_from: str) -> EmailMessage:
    """Return the e-mail. An invitation goes as an alternative, its METHOD in the MIME type.

    An attachment with a `name` among its type's parameters goes as a file of that name.

    The Message-ID is made of our id: a mail that does arrive twice can be told to be one.
    """
    mail = EmailMessage()
    mail["From"] = mail_from
    mail["To"] = message.recipient
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = message_id(message.id, mail_from)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies, please
    mail.set_content(message.body)
    if message.attachment is not None:
        _attach(mail, message.attachment, message.attachment_type or "text/plain")
    return mail


def message_id(number: int, mail_from: str) -> str:
    """Return the Message-ID of our message `number`, stable over attempts (RFC 5322, 3.6.4)."""
    domain = parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
    return f"<message-{number}@{domain}>"


def _attach(mail: EmailMessage, text: str, mime_type: str) -> None:
    kind, *parameters = (part.strip() for part in mime_type.split(";"))
    subtype = kind.partition("/")[2]
    options = dict(parameter.split("=", 1) for parameter in parameters)
    if name := options.get("name"):
        mail.add_attachment(text, subtype=subtype, params=options, filename=name)
    else:
        mail.add_alternative(text, subtype=subtype, params=options)
