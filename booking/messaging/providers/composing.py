"""An e-mail as it goes over the wire: text, HTML that says the same, and an invitation as calendars want it.

What Outlook and Gmail ask of it is a table of tests, `tests/messaging/test_composing.py`.
"""

from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy
from email.utils import format_datetime, parseaddr
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from booking import clock
from booking.messaging.senders import OutgoingMessage

STOP_PATH = "/e/"
TEMPLATES = Path(__file__).parents[3] / "templates"
PAGE = "mail/message.html"
INVITATION_FILE = "invite.ics"
# Of our own, as e-mails are sent by threads without an app.
_environment = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


class WholeHeader(UnstructuredHeader, BaseHeader):
    """A header of one address, on one line however long: encoded, no mail program would know it."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header as it goes over the wire."""
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", WholeHeader)
# Lines end in CR LF (RFC 5321, 2.3.8), those of a calendar inside Base64 too.
ON_THE_WIRE = policy.SMTP.clone(cte_type="7bit", header_factory=_headers)


def build_email(message: OutgoingMessage, mail_from: str, public_url: str = "") -> EmailMessage:
    """Return the e-mail of a message, from `mail_from`; links to stop others like it lead to `public_url`.

    An attachment with a `name` among its type's parameters goes as a file of that name. Another is an
    invitation: an alternative, its METHOD in the MIME type, and a file for programs that look for one.
    The Message-ID is made of our id: a mail that does arrive twice can be told to be one.
    """
    mail = EmailMessage(policy=ON_THE_WIRE)
    mail["From"] = mail_from
    mail["To"] = message.recipient
    mail["Subject"] = " ".join(message.subject.split())
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = message_id(message.id, mail_from)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies, please
    if message.stop_token:
        mail["List-Unsubscribe"] = f"<{public_url.rstrip('/')}{STOP_PATH}{message.stop_token}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    mail.set_content(message.body)
    mail.add_alternative(render_html(message), subtype="html")
    if message.attachment is not None:
        _attach(mail, message.attachment, message.attachment_type or "text/plain")
    return mail


def render_html(message: OutgoingMessage) -> str:
    """Return the HTML that says what the text of a message says, no more: nothing in it is fetched."""
    return _environment.get_template(PAGE).render(
        subject=message.subject,
        language=message.language,
        paragraphs=[part.splitlines() for part in message.body.strip().split("\n\n")],
    )


def message_id(number: int, mail_from: str) -> str:
    """Return the Message-ID of our message `number`, stable over attempts (RFC 5322, 3.6.4)."""
    domain = parseaddr(mail_from)[1].rpartition("@")[2] or "localhost"
    return f"<message-{number}@{domain}>"


def _attach(mail: EmailMessage, text: str, mime_type: str) -> None:
    kind, *parameters = (part.strip() for part in mime_type.split(";"))
    options = dict(parameter.split("=", 1) for parameter in parameters)
    subtype = kind.partition("/")[2]
    if name := options.get("name"):
        mail.add_attachment(text, subtype=subtype, params=options, filename=name)
        return
    mail.add_alternative(text, subtype=subtype, params=options)
    mail.add_attachment(
        text.encode(),
        maintype="application",
        subtype="ics",
        params={"name": INVITATION_FILE},
        filename=INVITATION_FILE,
    )
