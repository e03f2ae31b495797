"""Each form is asked for once, on its day, by a message that says nothing and takes no reminder's place."""

from datetime import timedelta

import pytest

from booking.appointments.models import Appointment
from booking.audit.models import AuditEntry
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging import opt_outs
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel, MessageStatus, Reason
from booking.mood import operations as mood
from booking.series import endings
from booking.series.models import InfusionSeries
from tests.builders import NOW, Clinic, local
from tests.mood.asked import (
    CALM,
    an_asked_series,
    ask,
    first_day,
    messages,
    nine_on,
    patient_of,
    send,
)
from tests.series.prescribed import appointments

DAY = timedelta(days=1)


@pytest.fixture
def series(clinic: Clinic) -> InfusionSeries:
    return an_asked_series(clinic)


def a_reminder(series: InfusionSeries, days: int) -> None:
    """Owe the patient a text that we start, so many days after the first session's day."""
    at = local(17, day=first_day(series) + timedelta(days=days))
    messaging.enqueue(
        MessageDraft(
            topic=f"test:{days}", revision=0, kind="day_before", channel=Channel.SMS, body="B",
            recipient="+16025550199", send_at=at, expires_at=at + DAY, language="en",
            time_zone="America/Phoenix", person=f"patient:{series.patient_id}",
        ),
        NOW,
    )  # fmt: skip


def test_a_form_is_asked_for_at_each_due_day_once(series: InfusionSeries) -> None:
    assert ask(NOW) == []
    assert ask(nine_on(series) - timedelta(minutes=1)) == []
    (first,) = ask(nine_on(series))
    assert first.due_on == first_day(series)
    assert first.expires_at == local(0, day=first_day(series) + timedelta(days=7))
    for hours in (0, 1, 24, 6 * 24):
        assert ask(nine_on(series) + timedelta(hours=hours, minutes=1)) == []
    (second,) = ask(nine_on(series, 7))
    assert [message.topic for message in messages()] == [f"form:{first.id}", f"form:{second.id}"]
    assert first.token != second.token


def test_the_text_is_discreet_and_goes_by_day_like_a_reminder(series: InfusionSeries) -> None:
    (form,) = ask(nine_on(series))
    (message,) = messages()
    assert message.body.endswith(f"/q/{form.token}")
    assert (message.channel, message.immediate) == (Channel.SMS, False)
    assert message.expires_at == form.expires_at
    said = message.body.removesuffix(form.token).lower()  # which may spell anything
    assert not any(word in said for word in ("phq", "mood", "depress", "ketamin", "infusion"))
    assert send(nine_on(series)) == [f"form:{form.id}"]
    assert send(nine_on(series) + DAY) == []


def test_who_is_written_to_in_spanish_is_asked_in_spanish(series: InfusionSeries) -> None:
    with transaction():
        patient_of(series).language = "es"
    ask(nine_on(series))
    assert "formulario corto" in messages()[0].body


def test_nothing_is_asked_for_at_night(series: InfusionSeries) -> None:
    for hour in (7, 8, 20, 23):
        assert ask(local(hour, day=first_day(series))) == []


def test_where_a_text_would_take_a_reminders_place_it_is_an_email(series: InfusionSeries) -> None:
    a_reminder(series, 0)
    ask(nine_on(series))
    assert [message.channel for message in messages()] == [Channel.EMAIL]


def test_without_an_email_it_waits_for_a_day_with_room(clinic: Clinic) -> None:
    series = an_asked_series(clinic, email=False)
    a_reminder(series, 0)
    assert ask(nine_on(series)) == []
    (form,) = ask(nine_on(series, 1))
    assert form.due_on == first_day(series)
    assert [message.channel for message in messages()] == [Channel.SMS]


def test_a_number_that_said_stop_gets_an_email(series: InfusionSeries) -> None:
    opt_outs.record_opt_out(patient_of(series).phone or "", opt_outs.INBOUND, NOW)
    ask(nine_on(series))
    assert [message.channel for message in messages()] == [Channel.EMAIL]


def test_who_can_be_reached_by_nothing_is_not_asked(clinic: Clinic) -> None:
    series = an_asked_series(clinic, texts=False, email=False)
    assert ask(nine_on(series)) == []


def test_a_series_that_is_stopped_or_suspended_is_asked_nothing(
    clinic: Clinic, series: InfusionSeries
) -> None:
    with transaction():
        last = appointments(series)[-1]
        db.session.get_one(Appointment, last.id).suspended_at = NOW
    assert ask(nine_on(series)) == []
    with transaction():
        db.session.get_one(Appointment, last.id).suspended_at = None
    endings.stop_series(series.id, NOW, "staff:1", reason="Moved away")
    assert ask(nine_on(series)) == []


def test_what_is_switched_off_is_asked_no_more_and_taken_back(
    clinic: Clinic, series: InfusionSeries
) -> None:
    ask(nine_on(series))
    mood.end_mood_schedule(series.id, clinic.practitioner.id, nine_on(series))
    assert [message.status for message in messages()] == [MessageStatus.RETIRED]
    assert ask(nine_on(series, 7)) == []


@pytest.mark.parametrize("what", ["answered", "stopped", "suspended"])
def test_a_message_that_waited_does_not_go_once_it_is_needless(
    series: InfusionSeries, what: str
) -> None:
    (form,) = ask(nine_on(series))
    if what == "answered":
        mood.answer_form(form.token, CALM, nine_on(series))
    elif what == "stopped":
        endings.stop_series(series.id, nine_on(series), "staff:1", reason="Moved away")
    else:
        with transaction():
            last = db.session.get_one(Appointment, appointments(series)[-1].id)
            last.suspended_at = nine_on(series)
    assert send(nine_on(series)) == []
    assert [(message.status, message.reason) for message in messages()] == [
        (MessageStatus.SKIPPED, Reason.UNTRUE)
    ]


def test_asking_is_in_the_trail(series: InfusionSeries) -> None:
    (form,) = ask(nine_on(series))
    entries = db.session.scalars(db.select(AuditEntry).filter_by(action="ask_for_form")).all()
    assert [(entry.subject_kind, entry.subject_id) for entry in entries] == [("mood_form", form.id)]
