"""What is sent, and when, from a booking to its appointment: never late, at night, twice or in vain."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.booking import book_slot
from booking.messaging.rules import Channel, MessageStatus, Reason, within_sending_hours
from booking.messaging.sending import send_due
from booking.reminders import operations as reminders
from booking.reminders import queries
from tests.builders import NOW, TOMORROW, a_contact, a_request, local
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import (
    EMAIL,
    NEXT_WEEK,
    PHONE,
    Tick,
    a_clinic_that_reminds,
    an_appointment,
    kinds,
    on_record,
)

MINUTE = timedelta(minutes=1)
AT_BOOKING = [("confirmation", "email"), ("confirmation", "sms")]
ZONES = ["America/Phoenix", "America/New_York", "Pacific/Honolulu"]


def sent_until(tick: Tick, end: datetime) -> list[tuple[datetime, str, str]]:
    """Tick whenever something is due, and a minute before, until `end`; return when what was sent."""
    found = []
    due = {
        message.send_at
        for message in on_record(status=MessageStatus.PLANNED)
        if message.send_at <= end
    }
    for at in sorted({at - MINUTE for at in due} | due | {end}):
        found += [(at, *what) for what in kinds(tick(at))]
    return found


def test_an_appointment_is_told_of_reminded_of_and_then_left_alone(tick: Tick) -> None:
    a_clinic_that_reminds()
    starts_at = an_appointment().starts_at
    assert kinds(tick(NOW)) == AT_BOOKING
    assert sent_until(tick, starts_at + timedelta(days=1)) == [
        (starts_at - timedelta(days=3), "days_before", "email"),
        (starts_at - timedelta(days=1), "day_before", "sms"),
        (starts_at - timedelta(hours=2), "hours_before", "sms"),
    ]
    assert {message.recipient for message in on_record()} == {PHONE, EMAIL}


@pytest.mark.parametrize(("first", "confirmed"), [(True, True), (False, False), (False, True)])
def test_two_hours_before_only_first_or_unconfirmed_appointments_are_texted_of(
    tick: Tick, first: bool, confirmed: bool
) -> None:
    a_clinic_that_reminds()
    if not first:
        an_appointment(local(9, day=TOMORROW))
    appointment = an_appointment()
    tick(NOW)
    if confirmed:
        appointment_operations.confirm(appointment.id, NOW, "text")
    tick(NOW + MINUTE)
    last = kinds(tick(appointment.starts_at - timedelta(hours=2)))
    assert (("hours_before", "sms") in last) is (first or not confirmed)


def test_invariant_9_a_scheduler_that_slept_through_the_start_sends_nothing(tick: Tick) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment()
    reminders.derive_messages(NOW)
    assert tick(appointment.starts_at) == []
    assert {message.reason for message in on_record()} == {Reason.TOO_LATE}


def test_invariant_9_of_a_cancelled_appointment_only_that_is_told(tick: Tick) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment()
    tick(NOW)
    appointment_operations.cancel(appointment.id, NOW, "online", by_patient=True)
    told = kinds(tick(NOW + MINUTE))
    assert told == [("cancellation", "email"), ("cancellation", "sms")]
    dues = [message.send_at for message in on_record(status=MessageStatus.RETIRED)]
    assert len(dues) == 3
    assert [tick(due) for due in dues] == [[], [], []]


def test_invariant_9_what_many_changes_at_once_made_untrue_is_not_sent(
    tick: Tick, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_clinic_that_reminds()
    both = [an_appointment(), an_appointment(local(14, day=NEXT_WEEK + timedelta(days=1)))]
    tick(NOW)
    for appointment in both:
        appointment_operations.cancel(appointment.id, NOW, "staff:1", by_patient=False)
    monkeypatch.setattr(queries, "BATCH_SIZE", 1)  # as if there were two hundred more
    told = kinds(tick(both[1].starts_at - timedelta(days=1)))
    assert ("day_before", "sms") not in told


def test_invariant_9_what_is_cancelled_between_looking_and_sending_is_not_reminded_of(
    sender: ObedientSender, tick: Tick
) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment()
    tick(NOW)
    before, reminded = len(sender.accepted), appointment.starts_at - timedelta(days=1)
    reminders.derive_messages(reminded)
    appointment_operations.cancel(appointment.id, reminded, "online", by_patient=True)
    senders = {Channel.SMS: sender, Channel.EMAIL: sender}
    send_due(reminded, "worker", 9, senders, outdated=queries.list_outdated_topics)
    assert len(sender.accepted) == before
    assert kinds(tick(reminded)) == [("cancellation", "email"), ("cancellation", "sms")]


def test_a_move_there_and_back_tells_each_time_and_reminds_of_the_last(tick: Tick) -> None:
    a_clinic_that_reminds()
    appointment, there, back = an_appointment(), local(9, day=NEXT_WEEK), local(14, day=NEXT_WEEK)
    tick(NOW)
    for number, (at, shown) in enumerate([(there, "9:00 AM"), (back, "2:00 PM")], start=1):
        appointment_operations.move(appointment.id, at, NOW + number * MINUTE, "staff:1")
        messages = tick(NOW + number * MINUTE)
        assert kinds(messages) == [("moved", "email"), ("moved", "sms")]
        assert all(shown in message.body for message in messages)
        assert [message.revision for message in messages] == [number] * 2
    reminded = sent_until(tick, back)
    assert [(at, kind) for at, kind, _ in reminded] == [
        (back - timedelta(days=3), "days_before"),
        (back - timedelta(days=1), "day_before"),
        (back - timedelta(hours=2), "hours_before"),
    ]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", [time(6), time(8, 30), time(21, 30)])
def test_invariant_9_texts_we_start_go_by_day_where_the_clinic_is(
    tick: Tick, zone: str, at: time
) -> None:
    a_clinic_that_reminds(zone, opens=time(5), closes=time(23))
    appointment = an_appointment(local(at.hour, at.minute, NEXT_WEEK, ZoneInfo(zone)))
    tick(NOW)
    sent = sent_until(tick, appointment.starts_at)
    texts = [when for when, _, channel in sent if channel == "sms"]
    assert texts
    assert all(within_sending_hours(when, zone) for when in texts)
    assert (
        appointment.starts_at - timedelta(days=3),
        "days_before",
        "email",
    ) in sent  # at any hour


@pytest.mark.parametrize("zone", ZONES)
def test_a_booking_at_night_is_confirmed_at_once(tick: Tick, zone: str) -> None:
    night = local(2, zone=ZoneInfo(zone))
    a_clinic_that_reminds(zone)
    an_appointment(local(14, day=NEXT_WEEK, zone=ZoneInfo(zone)), night)
    assert kinds(tick(night)) == AT_BOOKING


@pytest.mark.parametrize(
    ("at", "status"), [(time(9), MessageStatus.SENT), (time(7), MessageStatus.SKIPPED)]
)
def test_a_reminder_overdue_at_night_waits_for_eight_or_is_too_late(
    tick: Tick, at: time, status: MessageStatus
) -> None:
    a_clinic_that_reminds(opens=time(5))
    appointment = an_appointment(local(at.hour, day=NEXT_WEEK))
    tick(NOW)
    assert kinds(tick(local(23, day=NEXT_WEEK - timedelta(days=1)))) == [("days_before", "email")]
    morning = kinds(tick(local(8, day=NEXT_WEEK)))
    assert (morning == [("day_before", "sms")]) is (appointment.starts_at > local(8, day=NEXT_WEEK))
    assert [message.status for message in on_record(kind="day_before")] == [status]


def test_who_says_no_to_texts_at_another_booking_gets_none_any_more(tick: Tick) -> None:
    a_clinic_that_reminds()
    first = an_appointment()
    tick(NOW)
    later = local(9, day=NEXT_WEEK + timedelta(days=2))
    contact = a_contact(family_name="Person", phone=PHONE, email=EMAIL)
    request = a_request(later, contact=contact)
    book_slot(replace(request, details=replace(request.details, sms_consent=False)), NOW + MINUTE)
    messages = tick(NOW + 2 * MINUTE) + tick(first.starts_at - timedelta(days=1))
    assert {message.channel for message in messages} == {Channel.EMAIL}
