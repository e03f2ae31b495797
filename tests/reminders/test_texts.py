"""The exact words people receive, as golden files that a person reviews.

After a change, look at the difference and run with REVIEWED=1 to accept it.
"""

import os
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from booking.appointments import operations as appointments
from booking.appointments.ics import Method, calendar_file
from booking.messaging.rules import Channel
from booking.messaging.segments import length_of
from booking.reminders.list_texts import list_words
from booking.reminders.rules import Kind
from booking.reminders.texts import Wording, answers, sample_text, words
from tests.builders import NOW, TOMORROW, a_booking, a_clinic, local

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


@pytest.mark.parametrize("kind", list(Kind))
def test_each_text_reads_as_reviewed(sqlite_app: Flask, kind: Kind) -> None:
    reviewed(f"{kind}.sms.txt", words(kind, Channel.SMS, ABOUT).body)


@pytest.mark.parametrize("kind", list(Kind))
def test_each_email_reads_as_reviewed(sqlite_app: Flask, kind: Kind) -> None:
    said = words(kind, Channel.EMAIL, ABOUT)
    reviewed(f"{kind}.email.txt", f"Subject: {said.subject}\n\n{said.body}")


@pytest.mark.parametrize("kind", [Kind.CONFIRMATION, Kind.CANCELLATION])
def test_a_list_of_visits_reads_as_reviewed(sqlite_app: Flask, kind: Kind) -> None:
    reviewed(f"list.{kind}.sms.txt", list_words(kind, Channel.SMS, ABOUT).body)
    said = list_words(kind, Channel.EMAIL, ABOUT)
    reviewed(f"list.{kind}.email.txt", f"Subject: {said.subject}\n\n{said.body}")


def test_answers_to_texts_read_as_reviewed(sqlite_app: Flask) -> None:
    found = answers("Ahwatukee Clinic", "(602) 555-0100")
    reviewed("answers.sms.txt", "\n".join(f"{meaning}: {text}" for meaning, text in found.items()))


@pytest.mark.parametrize("kind", list(Kind))
def test_a_text_is_one_part_long_and_needs_no_unicode(sqlite_app: Flask, kind: Kind) -> None:
    length = length_of(words(kind, Channel.SMS, ABOUT).body)
    assert length.encoding == "GSM-7"
    assert length.segments == 1


def test_what_consent_is_asked_for_is_what_is_sent(sqlite_app: Flask) -> None:
    assert sample_text("Ahwatukee Clinic") == words(Kind.DAY_BEFORE, Channel.SMS, ABOUT).body


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_calendar_files_read_as_reviewed(app: Flask) -> None:
    a_clinic()
    visit = a_booking(local(10))
    fixed = visit.uid
    published = calendar_file([visit], Method.PUBLISH)
    moved = appointments.move(visit.id, local(14), NOW, "staff:1")
    requested = calendar_file([moved], Method.REQUEST)
    cancelled = appointments.cancel(visit.id, NOW, "online", by_patient=True)
    withdrawn = calendar_file([cancelled], Method.CANCEL)
    for name, text in (("publish", published), ("request", requested), ("cancel", withdrawn)):
        assert fixed in text.replace("\r\n ", "")
        reviewed(
            f"visit.{name}.ics",
            text.replace("\r\n ", "").replace(fixed, "UID").replace("\r\n", "\n"),
        )
