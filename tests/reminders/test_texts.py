"""The exact words people receive, in each language, as golden files that a person reviews.

After a change, look at the difference and run with REVIEWED=1 to accept it.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale, get_locale

from booking.appointments import operations as appointment_operations
from booking.appointments.ics import Method, render_calendar
from booking.calendars.deadlines import Deadline
from booking.languages import LANGUAGES
from booking.messaging.providers.composing import render_html
from booking.messaging.rules import Channel, ReplyMeaning
from booking.messaging.senders import OutgoingMessage
from booking.reminders.message_specs import MESSAGE_SPECS
from booking.reminders.reply_texts import AnswerKind, MovePage, answer_text, choose_answer
from booking.reminders.rules import MessageKind
from booking.reminders.sms_texts import sample_reminder
from booking.reminders.texts import (
    ListedAppointment,
    MessageContext,
    MessageText,
    MoveChanges,
    format_short_deadline,
)
from tests.builders import NOW, TOMORROW, a_booking, a_clinic, local

BY = {"en": "Fri, Nov 27, 12:00 PM", "es": "vie 27 nov, 12:00 p.m."}
GOLDEN = Path(__file__).parent / "golden"
LINK = "https://visits.example.com/a/0123456789abcdefABCDEF"
ABOUT = MessageContext(
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
    kept_until=local(9, 15, day=TOMORROW - timedelta(days=1)),
    appointments=(
        ListedAppointment(local(10), "Ahwatukee Clinic", LINK),
        ListedAppointment(local(10, day=TOMORROW + timedelta(days=3)), "Ahwatukee Clinic", LINK),
    ),
)


@pytest.fixture
def about(language: str) -> MessageContext:
    return replace(ABOUT, language=language)


def reviewed(name: str, text: str) -> None:
    """Compare with the golden file `name`, or write it when a person says it was reviewed."""
    language = str(get_locale())
    file = GOLDEN / name if language == "en" else GOLDEN / language / name
    if os.environ.get("REVIEWED"):
        file.write_text(text)
    assert file.read_text() == text


def as_read(said: MessageText) -> str:
    return f"Subject: {said.subject}\n\n{said.body}"


def on_the_day(kind: MessageKind, about: MessageContext) -> MessageContext:
    """Return what a message of this kind is about on the day on which it is meant to go."""
    return replace(about, today=TOMORROW) if kind is MessageKind.HOURS_BEFORE else about


def message_text(kind: MessageKind, channel: Channel, context: MessageContext) -> MessageText:
    return MESSAGE_SPECS[kind].words.render(channel, context)


def list_text(kind: MessageKind, channel: Channel, context: MessageContext) -> MessageText:
    return MESSAGE_SPECS[kind].list_words.render(channel, context)


def test_every_kind_of_message_has_words_for_every_channel(about: MessageContext) -> None:
    assert MESSAGE_SPECS.keys() == set(MessageKind)
    for kind in MessageKind:
        for channel in Channel:
            for said in (message_text(kind, channel, about), list_text(kind, channel, about)):
                assert said.body
                assert bool(said.subject) is (channel is Channel.EMAIL)


@pytest.mark.parametrize("kind", list(MessageKind))
def test_each_text_reads_as_reviewed(about: MessageContext, kind: MessageKind) -> None:
    reviewed(f"{kind}.sms.txt", message_text(kind, Channel.SMS, on_the_day(kind, about)).body)


def test_the_day_before_an_infusion_the_text_leads_to_what_has_to_be_ready(
    about: MessageContext,
) -> None:
    context = replace(about, asks_readiness=True)
    body = message_text(MessageKind.DAY_BEFORE, Channel.SMS, context).body
    assert body.endswith(LINK)
    reviewed("day_before.ready.sms.txt", body)
    shared = replace(context, recipient_name="A.M.")
    body = message_text(MessageKind.DAY_BEFORE, Channel.SMS, shared).body
    assert body.endswith(LINK)
    reviewed("day_before.ready.shared.sms.txt", body)
    email = message_text(MessageKind.DAY_BEFORE, Channel.EMAIL, context)
    reviewed("day_before.ready.email.txt", as_read(email))


@pytest.mark.parametrize("kind", list(MessageKind))
def test_each_email_reads_as_reviewed(about: MessageContext, kind: MessageKind) -> None:
    reviewed(
        f"{kind}.email.txt", as_read(message_text(kind, Channel.EMAIL, on_the_day(kind, about)))
    )


@pytest.mark.parametrize("days_left", [0, 1, 2])
@pytest.mark.parametrize("kind", [MessageKind.DAY_BEFORE, MessageKind.HOURS_BEFORE])
def test_what_goes_early_or_late_reads_as_reviewed(
    about: MessageContext, kind: MessageKind, days_left: int
) -> None:
    context = replace(about, today=TOMORROW - timedelta(days=days_left))
    reviewed(f"{kind}.{days_left}_days_left.sms.txt", message_text(kind, Channel.SMS, context).body)
    reviewed(
        f"{kind}.{days_left}_days_left.email.txt",
        as_read(message_text(kind, Channel.EMAIL, context)),
    )


def test_an_emails_html_reads_as_reviewed(about: MessageContext) -> None:
    for name, said in (
        ("confirmation", message_text(MessageKind.CONFIRMATION, Channel.EMAIL, about)),
        ("list.confirmation", list_text(MessageKind.CONFIRMATION, Channel.EMAIL, about)),
    ):
        message = OutgoingMessage(
            7, Channel.EMAIL, "a@example.com", said.subject, said.body, language=about.language
        )
        reviewed(f"{name}.email.html", render_html(message))


@pytest.mark.parametrize("kind", list(MessageKind))
def test_each_text_to_a_shared_number_says_whose_appointment(
    about: MessageContext, kind: MessageKind
) -> None:
    context = replace(on_the_day(kind, about), recipient_name="M.S.")
    body = message_text(kind, Channel.SMS, context).body
    assert body.startswith(("Ahwatukee Clinic, for M.S.: ", "Ahwatukee Clinic, para M.S.: "))
    reviewed(f"{kind}.shared.sms.txt", body)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("new_place", MoveChanges(time=False, location=True)),
        ("new_place_and_time", MoveChanges(location=True)),
    ],
)
def test_a_move_to_the_other_place_says_so_first(
    about: MessageContext, name: str, changes: MoveChanges
) -> None:
    context = replace(about, changes=changes)
    text, mail = (message_text(MessageKind.MOVED, channel, context) for channel in Channel)
    reviewed(f"moved.{name}.sms.txt", text.body)
    reviewed(f"moved.{name}.email.txt", as_read(mail))
    place, both = {
        "en": ("NEW PLACE", "NEW PLACE and NEW TIME"),
        "es": ("LUGAR NUEVO", "LUGAR NUEVO y HORA NUEVA"),
    }[about.language]
    news = both if changes.time else place
    assert all(news in said for said in (text.body, mail.subject, mail.body))
    assert about.address in mail.body


@pytest.mark.parametrize(
    ("name", "count", "changes"),
    [
        ("2", 2, MoveChanges()),
        ("6", 6, MoveChanges()),
        ("new_place", 2, MoveChanges(time=False, location=True)),
        ("new_place_and_time", 6, MoveChanges(location=True)),
    ],
)
def test_moves_told_together_name_each_time_or_how_many(
    about: MessageContext, name: str, count: int, changes: MoveChanges
) -> None:
    appointments = tuple(
        ListedAppointment(local(10, day=TOMORROW + timedelta(days=3 * n)), "Ahwatukee Clinic", LINK)
        for n in range(count)
    )
    context = replace(about, appointments=appointments, changes=changes, recipient_name="M.S.")
    text, mail = (list_text(MessageKind.MOVED, channel, context) for channel in Channel)
    reviewed(f"list.moved.{name}.sms.txt", text.body)
    reviewed(f"list.moved.{name}.email.txt", as_read(mail))


@pytest.mark.parametrize(
    "kind", [MessageKind.CONFIRMATION, MessageKind.CANCELLATION, MessageKind.LINKS]
)
def test_a_list_of_appointments_reads_as_reviewed(about: MessageContext, kind: MessageKind) -> None:
    reviewed(f"list.{kind}.sms.txt", list_text(kind, Channel.SMS, about).body)
    reviewed(f"list.{kind}.email.txt", as_read(list_text(kind, Channel.EMAIL, about)))


@pytest.mark.parametrize(
    ("cancelled", "moved", "booked"),
    [
        (1, 0, 1),
        (3, 0, 2),
        (0, 0, 2),
        (2, 0, 0),
        (0, 1, 1),
        (0, 2, 1),
        (1, 2, 0),
        (1, 2, 2),
        (0, 2, 0),
    ],
)
def test_what_was_cancelled_moved_and_booked_at_once_reads_as_reviewed(
    about: MessageContext, cancelled: int, moved: int, booked: int
) -> None:
    listed = tuple(
        ListedAppointment(
            local(10, day=TOMORROW + timedelta(days=7 * number)),
            "Ahwatukee Clinic",
            LINK,
            is_cancelled=number < cancelled,
            is_moved=cancelled <= number < cancelled + moved,
        )
        for number in range(cancelled + moved + booked)
    )
    context = replace(
        about, appointments=listed, starts_at=listed[cancelled % len(listed)].starts_at
    )
    parts = (cancelled, moved, booked) if moved else (cancelled, booked)
    name = f"list.schedule.{'_'.join(map(str, parts))}"
    reviewed(f"{name}.sms.txt", list_text(MessageKind.SCHEDULE, Channel.SMS, context).body)
    reviewed(f"{name}.email.txt", as_read(list_text(MessageKind.SCHEDULE, Channel.EMAIL, context)))


def test_a_deadline_is_said_in_its_places_own_time(about: MessageContext) -> None:
    due = Deadline(datetime(2026, 11, 27, 19, 0, tzinfo=UTC), "America/Phoenix")
    assert format_short_deadline(due, about.language) == BY[about.language]


def test_answers_to_texts_read_as_reviewed(about: MessageContext) -> None:
    shared = ("M.S.", ["M.S.", "A.B."])
    for name, whose in (("answers", ("", [])), ("answers.shared", shared)):
        said = {
            kind: answer_text(
                kind, "Ahwatukee Clinic", "(602) 555-0100", BY[about.language], *whose
            )
            for kind in AnswerKind
        }
        said["change, with its page"] = answer_text(
            *(AnswerKind.CHANGE, "Ahwatukee Clinic", "(602) 555-0100", BY[about.language], *whose),
            pages=[MovePage(about.link, "9:00 AM")],
        )
        said["change, with two pages"] = answer_text(
            *(AnswerKind.CHANGE, "Ahwatukee Clinic", "(602) 555-0100", BY[about.language], *whose),
            pages=[MovePage("https://c.example/a/" + each * 22, f"{each}:00 PM") for each in "13"],
        )
        said["change, with no room for two pages"] = answer_text(
            *(AnswerKind.CHANGE, "Ahwatukee Clinic", "(602) 555-0100", BY[about.language], *whose),
            pages=[MovePage(about.link * 2, "1:00 PM")] * 2,
        )
        reviewed(f"{name}.sms.txt", "\n".join(f"{kind}: {text}" for kind, text in said.items()))


def test_only_stop_and_start_are_answered_by_the_provider() -> None:
    silent = {meaning for meaning in ReplyMeaning if choose_answer(meaning) is None}
    assert silent == {ReplyMeaning.STOP, ReplyMeaning.START}


def test_what_consent_is_asked_for_is_what_is_sent(about: MessageContext) -> None:
    assert (
        sample_reminder("Ahwatukee Clinic")
        == message_text(MessageKind.DAY_BEFORE, Channel.SMS, about).body
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("spoken", LANGUAGES)
def test_calendar_files_read_as_reviewed(app: Flask, spoken: str) -> None:
    with force_locale(spoken):
        a_clinic()
        appointment = a_booking(local(10))
        fixed = appointment.uid
        published = render_calendar([appointment], Method.PUBLISH, NOW)
        moved_at = NOW + timedelta(hours=1)
        moved = appointment_operations.move(appointment.id, local(14), moved_at, "staff:1")
        requested = render_calendar([moved], Method.REQUEST, moved_at, attendee="ana@example.com")
        ended_at = NOW + timedelta(hours=2)
        cancelled = appointment_operations.cancel(
            appointment.id, ended_at, "online", by_patient=True
        )
        withdrawn = render_calendar(
            [cancelled], Method.CANCEL, ended_at, attendee="ana@example.com"
        )
        for name, text in (("publish", published), ("request", requested), ("cancel", withdrawn)):
            assert fixed in text.replace("\r\n ", "")
            reviewed(
                f"visit.{name}.ics",
                text.replace("\r\n ", "").replace(fixed, "UID").replace("\r\n", "\n"),
            )
