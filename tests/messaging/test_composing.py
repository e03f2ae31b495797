"""E-mails as they go over the wire: what Outlook and Gmail publish that they ask of one, rule by rule."""

import re
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from icalendar import Calendar

from booking.messaging.providers.composing import build_email, render_html
from booking.messaging.rules import Channel
from booking.messaging.senders import OutgoingMessage

SENDER = "Ahwatukee Clinic <visits@example.com>"
PATIENT = "ana@example.com"
PUBLIC = "https://visits.a-clinic-with-a-name-that-goes-on-and-on.and-on.example.com"
BODY = (
    "Hello Ana & <José>,\n\nyour visit: https://visits.example.com/a/abc_D-1\n\nClinic\nStreet 1\n"
)


def invitation(method: str) -> str:
    """Return a calendar file like ours."""
    status = "CANCELLED" if method == "CANCEL" else "CONFIRMED"
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Clinic booking//EN", f"METHOD:{method}"),
        *("BEGIN:VEVENT", "UID:one@example.com", "SEQUENCE:1", "DTSTAMP:20261201T100000Z"),
        *("DTSTART:20261202T170000Z", "DTEND:20261202T180000Z", "SUMMARY:Cita\\, Clínica"),
        *("ORGANIZER:mailto:visits@example.com", f"ATTENDEE:mailto:{PATIENT}"),
        *(f"STATUS:{status}", "END:VEVENT", "END:VCALENDAR", ""),
    ]
    return "\r\n".join(lines)


def composed(**changes: Any) -> EmailMessage:
    """Return an e-mail as it goes over the wire and is read again."""
    facts: dict[str, Any] = {
        "id": 7,
        "channel": Channel.EMAIL,
        "recipient": PATIENT,
        "subject": "Clínica: your visit",
        "body": BODY,
    }
    mail = build_email(OutgoingMessage(**{**facts, **changes}), SENDER, PUBLIC)
    return message_from_bytes(mail.as_bytes(), policy=policy.default)


def invited(method: str) -> EmailMessage:
    return composed(
        attachment=invitation(method), attachment_type=f"text/calendar; method={method}"
    )


def types(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


def parts(mail: EmailMessage, content_type: str) -> list[EmailMessage]:
    return [part for part in mail.walk() if part.get_content_type() == content_type]


def calendar(mail: EmailMessage) -> Calendar:
    [part] = parts(mail, "text/calendar")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    parsed = Calendar.from_ical(content)
    assert isinstance(parsed, Calendar)
    return parsed


def event(mail: EmailMessage) -> Any:
    [only] = calendar(mail).walk("VEVENT")
    return only


def attached(mail: EmailMessage) -> bytes:
    [part] = parts(mail, "application/ics")
    assert (part.get_content_disposition(), part.get_filename()) == ("attachment", "invite.ics")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


Rule = tuple[str, str, Callable[[EmailMessage, str], object]]
# Source, what it asks, and what of a composed invitation answers it.
INVITATION_RULES: Sequence[Rule] = (
    ("RFC 6047 2.4", "the calendar part names its method, as the file does",
     lambda mail, method: parts(mail, "text/calendar")[0].get_param("method") == method
     == str(calendar(mail)["METHOD"])),
    ("RFC 6047 2.4", "the calendar part names its character set",
     lambda mail, _: parts(mail, "text/calendar")[0].get_content_charset() == "utf-8"),
    ("RFC 6047 2.5", "what isn't ASCII is encoded, and its lines end in CR LF",
     lambda mail, method: parts(mail, "text/calendar")[0].get_payload(decode=True)
     == invitation(method).encode()),
    ("RFC 2046 5.1.4", "alternatives go from the plainest to the richest",
     lambda mail, _: types(mail)[1:5]
     == ["multipart/alternative", "text/plain", "text/html", "text/calendar"]),
    ("Outlook, MS-OXCMAIL", "an invitation is one alternative of the message, and the only calendar part",
     lambda mail, _: len(parts(mail, "text/calendar")) == 1
     and parts(mail, "text/calendar")[0].get_content_disposition() is None),
    ("Outlook, MS-OXCICAL", "REQUEST makes a meeting request, CANCEL a cancellation; PUBLISH neither",
     lambda mail, method: str(calendar(mail)["METHOD"]) == method),
    ("Outlook, MS-OXCICAL", "one event a message, with UID, SEQUENCE, DTSTAMP and both its times",
     lambda mail, _: {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND"} <= set(event(mail))),
    ("Outlook, MS-OXCICAL", "the organizer is who writes",
     lambda mail, _: event(mail)["ORGANIZER"].removeprefix("mailto:")
     == mail["From"].addresses[0].addr_spec),
    ("Gmail, Calendar", "the attendee is who gets the mail, and no organizer of it",
     lambda mail, _: event(mail)["ATTENDEE"] == f"mailto:{mail['To']}" != event(mail)["ORGANIZER"]),
    ("Gmail, Calendar", "a file goes along, as Google's own invitations do: application/ics, invite.ics",
     lambda mail, method: attached(mail) == invitation(method).encode()),
    ("Gmail, sender guidelines", "RFC 5322: one From, one To, a Message-ID of our domain, a date",
     lambda mail, _: [len(mail.get_all(name, [])) for name in ("From", "To", "Message-ID", "Date")]
     == [1, 1, 1, 1] and mail["Message-ID"] == "<message-7@example.com>"),
    ("Gmail, sender guidelines", "an answer to what somebody did has no way to stop such answers",
     lambda mail, _: mail["List-Unsubscribe"] is None),
    ("RFC 5322 2.1.1", "no line is longer than 998 characters, and all are ASCII",
     lambda mail, _: mail.as_bytes().isascii()
     and max(map(len, mail.as_bytes().splitlines())) <= 998),
)  # fmt: skip


def test_an_invitation_is_as_outlook_and_gmail_publish_that_they_want_it() -> None:
    for method in ("REQUEST", "CANCEL"):
        mail = invited(method)
        broken = [
            f"{where}: {what}" for where, what, ok in INVITATION_RULES if not ok(mail, method)
        ]
        assert broken == [], method


def test_what_comes_unasked_is_stopped_by_one_click() -> None:
    """RFC 8058 3.1, Gmail's sender guidelines: both headers, the address whole however long."""
    mail = build_email(
        OutgoingMessage(1, Channel.EMAIL, PATIENT, "S", BODY, stop_token="x" * 22), SENDER, PUBLIC
    )
    raw = mail.as_bytes().decode()
    assert f"\r\nList-Unsubscribe: <{PUBLIC}/e/{'x' * 22}>\r\n" in raw
    assert "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


class Reader(HTMLParser):
    """What an e-mail's HTML has: its tags, the addresses in it, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag, and where it leads."""
        self.tags.add(tag)
        self.text += "\n" if tag == "br" else ""
        self.addresses += [value for name, value in attrs if name in ("href", "src", "background")]

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        self.text += data


def test_the_html_says_what_the_text_says_and_fetches_nothing() -> None:
    message = OutgoingMessage(7, Channel.EMAIL, PATIENT, "Your visit", BODY, language="es")
    page = render_html(message)
    reader = Reader()
    reader.feed(page)
    body = reader.text.removeprefix("\n").partition("Your visit")[2]
    assert body.split() == BODY.split()
    assert reader.tags <= {"html", "head", "meta", "title", "body", "p", "a", "br"}
    assert reader.addresses == ["https://visits.example.com/a/abc_D-1"]
    assert re.search(r"url\(|@import|javascript:", page) is None
    assert page.startswith('<!doctype html>\n<html lang="es">')
