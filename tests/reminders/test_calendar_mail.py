"""Calendar entries in mail, read back by two other parsers: Outlook and Gmail show them, and they keep up.

RFC 5545 3.8.7.2, RFC 5546 3.2: METHOD in MIME and file, one UID, ATTENDEE the recipient, DTSTAMP fresh.
"""

from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from flask import Flask
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.messaging.models import Message
from booking.messaging.providers.composing import build_email
from booking.messaging.senders import OutgoingMessage
from tests.builders import NOW, local
from tests.ical_js import read_calendars
from tests.reminders.prepared import EMAIL, NEXT_WEEK, Tick, a_clinic_that_reminds, an_appointment
from tests.reminders.test_lists import a_series_told_of_by_both
from tests.series.prescribed import appointments

SENDER = "Ahwatukee Clinic <visits@example.com>"
TELLING = ("ketamine", "infusion", "depress", "series", "session", "drip", "treatment")
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clinic(app: Flask) -> None:
    app.config["MAIL_FROM"] = SENDER


def mails(messages: list[Message]) -> list[EmailMessage]:
    """Return the e-mails among what was sent, as they go over the wire and are read again."""
    composed = [
        build_email(OutgoingMessage.from_message(message), SENDER).as_bytes()
        for message in messages
        if message.channel == "email"
    ]
    return [message_from_bytes(raw, policy=policy.default) for raw in composed]


def the_mail(messages: list[Message]) -> tuple[EmailMessage, EmailMessage, Calendar]:
    """Return the only e-mail, its calendar part, and that as the second parser reads it."""
    [mail] = mails(messages)
    [part] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    text = part.get_content()
    return mail, part, IcsCalendarStream.calendar_from_ics(text)


def told_at_each_step(tick: Tick, appointment: Appointment) -> list[list[Message]]:
    """Book, move and cancel an appointment, with half an hour between; return what was sent each time."""
    sent = [tick(NOW)]
    appointment_operations.move(
        appointment.id, local(9, day=NEXT_WEEK), NOW + 30 * MINUTE, "staff:1"
    )
    sent.append(tick(NOW + 31 * MINUTE))
    appointment_operations.cancel(appointment.id, NOW + 60 * MINUTE, "online", by_patient=True)
    sent.append(tick(NOW + 61 * MINUTE))
    return sent


def as_utc(instant: date | None) -> str:
    """Return an instant as ical.js writes it."""
    assert isinstance(instant, datetime)
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_each_change_is_an_invitation_that_replaces_the_one_before(tick: Tick) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment()
    stamps, sequences, revised, starts = [], [], [], []
    texts: list[str] = []
    steps = [("REQUEST", "CONFIRMED"), ("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")]
    for messages, (method, status) in zip(told_at_each_step(tick, appointment), steps, strict=True):
        mail, part, calendar = the_mail(messages)
        [event] = calendar.events
        assert part.get_param("method") == calendar.method == method
        assert (event.uid, event.status) == (appointment.uid, status)
        assert str(event.organizer.uri) == "mailto:visits@example.com"
        assert (
            [str(one.uri) for one in event.attendees]
            == [f"mailto:{EMAIL}"]
            == [f"mailto:{mail['To']}"]
        )
        starts.append(event.dtstart)
        stamps.append(event.dtstamp)
        sequences.append(event.sequence)
        revised.append(event.last_modified)
        texts.append(part.get_content())
    read = [(each["method"], *each["events"]) for each in read_calendars(texts)]
    assert [(method, event["status"]) for method, event in read] == steps
    by_ical_js = [event for _, event in read]
    assert {event["uid"] for event in by_ical_js} == {appointment.uid}
    assert [event["sequence"] for event in by_ical_js] == sequences
    assert [event["start"] for event in by_ical_js] == [as_utc(start) for start in starts]
    assert [event["stamp"] for event in by_ical_js] == [as_utc(stamp) for stamp in stamps]
    assert [event["attendees"] for event in by_ical_js] == [[f"mailto:{EMAIL}"]] * 3
    assert {event["organizer"] for event in by_ical_js} == {"mailto:visits@example.com"}
    assert starts == [local(14, day=NEXT_WEEK), *[local(9, day=NEXT_WEEK)] * 2]
    assert stamps == [NOW, NOW + 31 * MINUTE, NOW + 61 * MINUTE]
    assert revised == [NOW, NOW + 30 * MINUTE, NOW + 60 * MINUTE]
    assert sequences == [0, 1, 2]


def test_a_moved_invitation_is_at_the_new_time(tick: Tick) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment()
    [event] = the_mail(told_at_each_step(tick, appointment)[1])[2].events
    assert isinstance(event.dtstart, datetime)
    assert event.dtstart == local(9, day=NEXT_WEEK)
    assert event.dtend == appointment.ends_at


def test_a_list_is_a_file_to_import_and_no_invitation_of_many(tick: Tick) -> None:
    booked = appointments(a_series_told_of_by_both())
    mail, part, calendar = the_mail(tick(NOW))
    assert mail.get_content_type() == "multipart/mixed"
    assert (part.get_content_disposition(), part.get_filename()) == ("attachment", "visits.ics")
    assert part.get_param("method") == calendar.method == "PUBLISH"
    assert {event.uid for event in calendar.events} == {appointment.uid for appointment in booked}
    assert all(not event.attendees for event in calendar.events)


def test_an_appointment_of_a_list_is_moved_and_cancelled_under_its_uid(tick: Tick) -> None:
    second = appointments(a_series_told_of_by_both())[1]
    tick(NOW)
    appointment_operations.cancel(second.id, NOW + MINUTE, "online", by_patient=True)
    _, _, calendar = the_mail(tick(NOW + 2 * MINUTE))
    [event] = calendar.events
    assert (calendar.method, event.uid, event.sequence) == ("CANCEL", second.uid, 1)


def test_cancelled_appointments_of_a_list_are_cancelled_in_its_file(tick: Tick) -> None:
    booked = appointments(a_series_told_of_by_both())
    tick(NOW)
    for appointment in booked[:3]:
        appointment_operations.cancel(
            appointment.id, NOW + MINUTE, "staff:1", by_patient=False, reason="Closed"
        )
    _, part, calendar = the_mail(tick(NOW + 2 * MINUTE))
    assert part.get_content_disposition() == "attachment"
    assert [(event.status, event.sequence) for event in calendar.events] == [("CANCELLED", 1)] * 3


def test_invariant_10_no_mail_header_or_calendar_entry_tells_of_a_treatment(tick: Tick) -> None:
    a_series_told_of_by_both()
    for mail in mails(tick(NOW)):
        for part in mail.walk():
            headers = " ".join(f"{name}: {value}" for name, value in part.items())
            content = part.get_content() if not part.is_multipart() else ""
            assert not [word for word in TELLING if word in (headers + content).lower()]
