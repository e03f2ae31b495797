"""The exact words people receive, as golden files that a person reviews.

After a change, look at the difference and run with REVIEWED=1 to accept it.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from booking.appointments import operations as appointments
from booking.appointments.ics import Method, calendar_file
from booking.calendars.deadlines import Deadline
from booking.messaging.rules import Channel
from booking.messaging.segments import length_of
from booking.reminders.answer_texts import answers
from booking.reminders.list_texts import list_words
from booking.reminders.rules import Kind
from booking.reminders.texts import Wording, Words, deadline_of, sample_text, words
from tests.builders import NOW, TOMORROW, a_booking, a_clinic, local

BY = "Fri, Nov 27, 12:00 PM"
GOLDEN = Path(__file__).parent / "golden"
LINK = "https://visits.example.com/a/0123456789abcdefABCDEF"
ABOUT = Wording(
    clinic="Ahwatukee Clinic",
    address="100 Example Foothills Parkway, Phoenix, AZ 85048",
    phone="(602) 555-0100",
    zone=ZoneInfo("America/Phoenix"),
    language="en",
    given_name="Ana",
    reference="K7Q-4MXW",
    starts_at=local(10),
    link=LINK,
    today=TOMORROW - timedelta(days=1),
    visits=(
        (local(10), "Ahwatukee Clinic"),
        (local(10, day=TOMORROW + timedelta(days=3)), "Ahwatukee Clinic"),
    ),
)


def reviewed(name: str, text: str) -> None:
    """Compare with the golden file `name`, or write it when a person says it was reviewed."""
    file = GOLDEN / name
    if os.environ.get("REVIEWED"):
        file.write_text(text)
    assert file.read_text() == text


def as_read(said: Words) -> str:
    return f"Subject: {said.subject}\n\n{said.body}"


def on_the_day(kind: Kind) -> Wording:
    """Return what a message of this kind is about on the day on which it is meant to go."""
    return replace(ABOUT, today=TOMORROW) if kind is Kind.HOURS_BEFORE else ABOUT


@pytest.mark.parametrize("kind", list(Kind))
def test_each_text_reads_as_reviewed(sqlite_app: Flask, kind: Kind) -> None:
    reviewed(f"{kind}.sms.txt", words(kind, Channel.SMS, on_the_day(kind)).body)


@pytest.mark.parametrize("kind", list(Kind))
def test_each_email_reads_as_reviewed(sqlite_app: Flask, kind: Kind) -> None:
    reviewed(f"{kind}.email.txt", as_read(words(kind, Channel.EMAIL, on_the_day(kind))))


@pytest.mark.parametrize("days_left", [0, 1, 2])
@pytest.mark.parametrize("kind", [Kind.DAY_BEFORE, Kind.HOURS_BEFORE])
def test_what_goes_early_or_late_reads_as_reviewed(
    sqlite_app: Flask, kind: Kind, days_left: int
) -> None:
    about = replace(ABOUT, today=TOMORROW - timedelta(days=days_left))
    reviewed(f"{kind}.{days_left}_days_left.sms.txt", words(kind, Channel.SMS, about).body)
    reviewed(f"{kind}.{days_left}_days_left.email.txt", as_read(words(kind, Channel.EMAIL, about)))


@pytest.mark.parametrize("kind", list(Kind))
def test_each_text_to_a_shared_number_says_whose_visit(sqlite_app: Flask, kind: Kind) -> None:
    about = replace(on_the_day(kind), called="M.S.")
    body = words(kind, Channel.SMS, about).body
    assert body.startswith("Ahwatukee Clinic, for M.S.: ")
    reviewed(f"{kind}.shared.sms.txt", body)


def test_a_move_to_the_other_place_says_so_first(sqlite_app: Flask) -> None:
    about = replace(ABOUT, new_place=True)
    text, mail = (words(Kind.MOVED, channel, about) for channel in Channel)
    reviewed("moved.new_place.sms.txt", text.body)
    reviewed("moved.new_place.email.txt", as_read(mail))
    assert all("NEW PLACE" in said for said in (text.body, mail.subject, mail.body))
    assert all(ABOUT.address in said for said in (text.body, mail.body))


@pytest.mark.parametrize("kind", [Kind.CONFIRMATION, Kind.CANCELLATION])
def test_a_list_of_visits_reads_as_reviewed(sqlite_app: Flask, kind: Kind) -> None:
    reviewed(f"list.{kind}.sms.txt", list_words(kind, Channel.SMS, ABOUT).body)
    reviewed(f"list.{kind}.email.txt", as_read(list_words(kind, Channel.EMAIL, ABOUT)))


def test_a_deadline_is_said_in_its_places_own_time() -> None:
    due = Deadline(datetime(2026, 11, 27, 19, 0, tzinfo=UTC), "America/Phoenix")
    assert deadline_of(due, "en") == BY


def test_answers_to_texts_read_as_reviewed(sqlite_app: Flask) -> None:
    plain = answers("Ahwatukee Clinic", "(602) 555-0100", BY)
    shared = answers("Ahwatukee Clinic", "(602) 555-0100", BY, "M.S.", ["M.S.", "A.B."])
    for name, said in (("answers", plain), ("answers.shared", shared)):
        reviewed(f"{name}.sms.txt", "\n".join(f"{kind}: {text}" for kind, text in said.items()))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_text_is_one_part_long_and_needs_no_unicode(sqlite_app: Flask, kind: Kind) -> None:
    length = length_of(words(kind, Channel.SMS, on_the_day(kind)).body)
    assert length.encoding == "GSM-7"
    assert length.segments == 1


def test_what_consent_is_asked_for_is_what_is_sent(sqlite_app: Flask) -> None:
    assert sample_text("Ahwatukee Clinic") == words(Kind.DAY_BEFORE, Channel.SMS, ABOUT).body


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_calendar_files_read_as_reviewed(app: Flask) -> None:
    a_clinic()
    visit = a_booking(local(10))
    fixed = visit.uid
    published = calendar_file([visit], Method.PUBLISH, NOW)
    moved_at = NOW + timedelta(hours=1)
    moved = appointments.move(visit.id, local(14), moved_at, "staff:1")
    requested = calendar_file([moved], Method.REQUEST, moved_at, attendee="ana@example.com")
    ended_at = NOW + timedelta(hours=2)
    cancelled = appointments.cancel(visit.id, ended_at, "online", by_patient=True)
    withdrawn = calendar_file([cancelled], Method.CANCEL, ended_at, attendee="ana@example.com")
    for name, text in (("publish", published), ("request", requested), ("cancel", withdrawn)):
        assert fixed in text.replace("\r\n ", "")
        reviewed(
            f"visit.{name}.ics",
            text.replace("\r\n ", "").replace(fixed, "UID").replace("\r\n", "\n"),
        )
