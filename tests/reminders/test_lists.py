"""Appointments of a series told of together: once, truly, and on each channel."""

from datetime import timedelta

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.appointments.readiness import readiness_asked_at
from booking.messaging.resolving import resolve_interrupted
from booking.messaging.rules import Channel
from booking.messaging.senders import DeliveryUnknown, OutgoingMessage, SendFailed
from booking.messaging.sending import send_due
from booking.patients import operations as patients
from booking.reminders import operations as reminders
from booking.reminders import queries, topics
from booking.series import endings
from booking.series import operations as series_operations
from booking.series.booking_ahead import book_sessions_ahead
from booking.series.models import InfusionSeries
from booking.series.proposals import propose_plans
from booking.tasks import operations as tasks
from booking.tasks.models import TaskKind
from tests.builders import NOW, a_patient
from tests.messaging.builders import ObedientSender, raising
from tests.reminders.prepared import (
    EMAIL,
    PHONE,
    Tick,
    a_clinic_that_reminds,
    kinds,
    on_record,
)
from tests.series.prescribed import RECOMMENDED, a_series, appointments, starts, tasks_of
from tests.written_once import written_once

MINUTE = timedelta(minutes=1)
AT_BOOKING = [("confirmation", "email"), ("confirmation", "sms")]
ABOUT_SERIES = ("confirmation", "cancellation", "schedule")


@written_once
def a_series_told_of_by_both() -> InfusionSeries:
    """Book an open-ended series for who may be texted and written to."""
    clinic = a_clinic_that_reminds()
    patient = a_patient(clinic, phone=PHONE, email=EMAIL)
    patients.record_consent(patient, PHONE, "Text me", NOW, granted=True)
    series = a_series(clinic, RECOMMENDED, patient)
    return series_operations.book_plan(
        series.id, starts(propose_plans(series, NOW)), NOW, "staff:1"
    )


def test_a_series_is_one_text_and_one_email_and_each_appointment_is_reminded_of(tick: Tick) -> None:
    first, *later = appointments(a_series_told_of_by_both())
    assert kinds(tick(NOW)) == AT_BOOKING
    assert tick(NOW + MINUTE) == []
    for appointment in (later[0], later[-1]):
        messages = tick(readiness_asked_at(appointment))
        assert ("day_before", "sms") in kinds(messages)
        about = [message.topic for message in messages if message.kind == "day_before"]
        assert about == [topics.appointment_topic(appointment.id)]
    assert first.starts_at > NOW


def test_what_is_booked_ahead_later_is_told_once_and_by_itself(tick: Tick) -> None:
    series = a_series_told_of_by_both()
    tick(NOW)
    later = appointments(series)[6].starts_at
    known = len(appointments(series))
    book_sessions_ahead(later)
    added = appointments(series)[known:]
    messages = [message for message in tick(later) if message.kind == "confirmation"]
    assert kinds(messages) == AT_BOOKING
    (letter,) = [message for message in messages if message.channel is Channel.EMAIL]
    assert letter.attachment.count("BEGIN:VEVENT") == len(added) > 0


def test_invariant_9_a_list_that_was_held_up_tells_nothing_untrue(
    tick: Tick, sender: ObedientSender
) -> None:
    series = a_series_told_of_by_both()
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    tick(NOW)
    endings.stop_series(series.id, NOW, "staff:1", reason="not wanted any more")
    sender.before = lambda message: None
    messages = tick(NOW + timedelta(hours=1))
    assert kinds(messages) == [("cancellation", "email"), ("cancellation", "sms")]


def test_invariant_9_a_list_that_was_held_up_is_told_as_it_stands_now(
    tick: Tick, sender: ObedientSender
) -> None:
    series = a_series_told_of_by_both()
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    tick(NOW)
    first = appointments(series)[0]
    appointment_operations.cancel(first.id, NOW, "online", by_patient=True)
    sender.before = lambda message: None
    messages = [
        message for message in tick(NOW + timedelta(hours=1)) if message.channel is Channel.EMAIL
    ]
    (booked,) = [message for message in messages if message.kind == "confirmation"]
    assert booked.attachment.count("BEGIN:VEVENT") == len(appointments(series)) - 1
    assert first.uid not in booked.attachment


def cancel_and_book(series: InfusionSeries) -> tuple[list[Appointment], list[Appointment]]:
    """Cancel the last two of a series and book it further ahead, between two looks of the scheduler."""
    later, before = appointments(series)[6].starts_at, appointments(series)
    for appointment in before[-2:]:
        appointment_operations.cancel(appointment.id, later, "online", by_patient=True)
    for task in tasks_of(TaskKind.DECIDE_AFTER_MISS):
        tasks.close_fulfilled_task(task.kind, task.subject_kind, task.subject_id, later)
    book_sessions_ahead(later)
    return before[-2:], appointments(series)[len(before) :]


def test_what_is_cancelled_and_booked_at_once_is_one_text_and_one_email(tick: Tick) -> None:
    series = a_series_told_of_by_both()
    tick(NOW)
    cancelled, booked = cancel_and_book(series)
    later = appointments(series)[6].starts_at
    messages = [message for message in tick(later) if message.kind in ABOUT_SERIES]
    assert kinds(messages) == [("schedule", "email"), ("schedule", "sms")]
    text, letter = sorted(messages, key=lambda message: message.channel is Channel.EMAIL)
    assert letter.attachment.count("STATUS:CANCELLED") == len(cancelled) == 2
    assert letter.attachment.count("STATUS:CONFIRMED") == len(booked) > 0
    assert "2 visits are cancelled" in text.body
    assert booked[0].token in text.body
    assert [message for message in tick(later + MINUTE) if message.kind in ABOUT_SERIES] == []


def test_invariant_9_what_is_cancelled_before_it_was_told_is_not_told_as_new(
    tick: Tick, sender: ObedientSender
) -> None:
    series = a_series_told_of_by_both()
    tick(NOW)
    _, booked = cancel_and_book(series)
    later = appointments(series)[6].starts_at
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    tick(later)
    appointment_operations.cancel(booked[0].id, later, "online", by_patient=True)
    sender.before = lambda message: None
    messages = tick(later + timedelta(hours=1))
    (letter,) = [each for each in messages if (each.kind, each.channel) == ("schedule", "email")]
    assert letter.attachment.count("STATUS:CONFIRMED") == len(booked) - 1
    assert booked[0].token not in letter.body


def hold_up(sender: ObedientSender, channel: Channel) -> None:
    """Let nothing through on this channel for a while."""

    def busy(message: OutgoingMessage) -> None:
        if message.channel is channel:
            raise SendFailed(permanent=False, code="20429")

    sender.before = busy


def test_a_list_that_waits_on_one_channel_is_told_once_on_the_other(
    tick: Tick, sender: ObedientSender
) -> None:
    series = a_series_told_of_by_both()
    hold_up(sender, Channel.EMAIL)
    assert kinds(tick(NOW)) == [("confirmation", "sms")]
    first, second, *_ = appointments(series)
    appointment_operations.confirm(first.id, NOW, "text")
    assert tick(NOW + timedelta(hours=1)) == []
    appointment_operations.cancel(second.id, NOW, "online", by_patient=True)
    assert kinds(tick(NOW + timedelta(hours=2))) == [("cancellation", "sms")]
    sender.before = lambda message: None
    messages = tick(NOW + timedelta(hours=3))
    (booked,) = [message for message in messages if message.kind == "confirmation"]
    assert booked.attachment.count("BEGIN:VEVENT") == len(appointments(series)) - 1
    assert first.uid in booked.attachment


def test_a_list_of_cancellations_that_waits_stays_as_it_is(
    tick: Tick, sender: ObedientSender
) -> None:
    series = a_series_told_of_by_both()
    tick(NOW)
    for appointment in appointments(series)[-3:]:
        appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    tick(NOW + MINUTE)
    appointment_operations.confirm(appointments(series)[0].id, NOW, "text")
    sender.before = lambda message: None
    messages = tick(NOW + timedelta(hours=1))
    assert kinds(messages) == [("cancellation", "email"), ("cancellation", "sms")]


def test_a_list_being_sent_when_an_appointment_changes_is_not_lost(
    tick: Tick, sender: ObedientSender
) -> None:
    series = a_series_told_of_by_both()
    sender.before = raising(DeliveryUnknown("500"))
    tick(NOW)
    appointment_operations.cancel(appointments(series)[0].id, NOW, "online", by_patient=True)
    sender.before = lambda message: None
    tick(NOW + MINUTE)
    resolve_interrupted(NOW + timedelta(minutes=5), dict.fromkeys(Channel, sender))
    messages = tick(NOW + timedelta(hours=1))
    assert kinds(messages) == AT_BOOKING


def test_a_list_waits_while_one_of_its_appointments_has_changed(
    sender: ObedientSender, tick: Tick
) -> None:
    series = a_series_told_of_by_both()
    reminders.derive_messages(NOW)
    appointment_operations.cancel(appointments(series)[0].id, NOW, "online", by_patient=True)
    senders = {Channel.SMS: sender, Channel.EMAIL: sender}
    send_due(NOW, "worker", 9, senders, outdated=queries.list_outdated_topics)
    assert sender.accepted == []
    messages = [message for message in tick(NOW + MINUTE) if message.kind == "confirmation"]
    (letter,) = [message for message in messages if message.channel is Channel.EMAIL]
    assert letter.attachment.count("BEGIN:VEVENT") == len(appointments(series)) - 1


def test_a_series_stopped_before_it_was_told_of_is_not_told_of(tick: Tick) -> None:
    series = a_series_told_of_by_both()
    endings.stop_series(series.id, NOW, "staff:1", reason="by mistake")
    assert tick(NOW) == []


def test_an_appointment_derived_by_another_scheduler_is_not_derived_again(tick: Tick) -> None:
    series = a_series_told_of_by_both()
    tick(NOW)
    before = len(on_record())
    assert reminders.derive_appointment_messages(appointments(series)[0].id, NOW) == {
        appointments(series)[0].id
    }
    assert len(on_record()) == before


def test_a_stopped_series_is_one_text_and_one_email(tick: Tick) -> None:
    series = a_series_told_of_by_both()
    tick(NOW)
    endings.stop_series(series.id, NOW, "staff:1", reason="not wanted any more")
    messages = tick(NOW + MINUTE)
    assert kinds(messages) == [("cancellation", "email"), ("cancellation", "sms")]
    (letter,) = [message for message in messages if message.channel is Channel.EMAIL]
    assert letter.attachment.count("STATUS:CANCELLED") == len(appointments(series))
    assert tick(NOW + 2 * MINUTE) == []
