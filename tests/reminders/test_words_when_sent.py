"""Whatever the delay, what is read is true when it comes: "tomorrow", "today", the place, the list."""

from datetime import time, timedelta

import pytest

from booking.appointments import operations as appointment_operations
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging.models import Attempt
from booking.messaging.rules import Channel
from booking.reminders.models import ReminderPolicy
from booking.reminders.operations import derive_messages
from booking.reminders.rules import MessageKind, ReminderRule
from tests.builders import NOW, TOMORROW, a_clinic, local
from tests.reminders.prepared import NEXT_WEEK, Tick, a_clinic_that_reminds, an_appointment, kinds
from tests.reminders.test_lists import a_series_told_of_by_both
from tests.series.prescribed import appointments

DAY = timedelta(days=1)


def reminded_by_email_too() -> None:
    """Remind by e-mail a day and two hours before, whose subjects say "tomorrow" and "today"."""
    rules = [
        ReminderRule(MessageKind.DAY_BEFORE, Channel.EMAIL, 24 * 60),
        ReminderRule(MessageKind.HOURS_BEFORE, Channel.EMAIL, 120),
        ReminderRule(MessageKind.DAYS_BEFORE, Channel.EMAIL, 3 * 24 * 60),
    ]
    with transaction():
        data = [rule.to_dict() for rule in rules]
        db.session.add(ReminderPolicy(version=2, digest="1" * 64, rules=data, created_at=NOW))


@pytest.mark.parametrize(
    ("late", "when"), [(timedelta(0), "tomorrow"), (timedelta(hours=20), "today")]
)
def test_a_reminder_sent_on_the_day_itself_does_not_say_tomorrow(
    tick: Tick, late: timedelta, when: str
) -> None:
    a_clinic_that_reminds()
    reminded_by_email_too()
    appointment = an_appointment()
    tick(NOW)
    messages = tick(appointment.starts_at - DAY + late)
    [mail] = [message for message in messages if message.kind == "day_before"]
    assert mail.subject == f"Ahwatukee Clinic: your visit {when}"
    assert db.session.get_one(Attempt, (mail.id, 1)).subject == mail.subject


def test_an_appointment_at_one_in_the_morning_is_tomorrow_the_evening_before(tick: Tick) -> None:
    a_clinic_that_reminds(opens=time(0), closes=time(5))
    reminded_by_email_too()
    appointment = an_appointment(local(1, day=NEXT_WEEK))
    tick(NOW)
    before = tick(appointment.starts_at - DAY)
    assert [message.subject for message in before if message.kind == "day_before"] == [
        "Ahwatukee Clinic: your visit tomorrow"
    ]
    [mail] = tick(appointment.starts_at - timedelta(hours=2))
    assert mail.subject == "Ahwatukee Clinic: your visit tomorrow"
    assert "your visit is tomorrow at 1:00 AM MST." in mail.body


def test_see_you_today_is_said_on_the_day_only(tick: Tick) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment()
    tick(NOW)
    [text] = tick(appointment.starts_at - timedelta(hours=2))[-1:]
    assert (text.kind, "see you today at 2:00 PM MST" in text.body) == ("hours_before", True)


def test_a_list_sent_late_leaves_out_what_has_begun(tick: Tick) -> None:
    first, *later = appointments(a_series_told_of_by_both())
    derive_messages(NOW)
    messages = [
        message
        for message in tick(first.starts_at + timedelta(minutes=1))
        if message.topic[0] == "s"
    ]
    assert kinds(messages) == [("confirmation", "email"), ("confirmation", "sms")]
    mail, text = sorted(messages, key=lambda message: message.channel)
    listed = [line for line in mail.body.splitlines() if line.startswith("- ")]
    assert len(listed) == len(later)
    assert f"{len(later)} visits are booked" in text.body
    file = (mail.attachment or "").replace("\r\n ", "")
    assert [appointment.uid in file for appointment in (first, later[0])] == [False, True]


def test_a_move_to_the_other_place_says_new_place_once(tick: Tick) -> None:
    a_clinic_that_reminds()
    other = a_clinic(slug="scottsdale", weekdays=range(5))
    appointment = an_appointment()
    tick(NOW)
    appointment_operations.move(
        appointment.id, local(9, day=NEXT_WEEK), NOW, "staff:1", location="scottsdale"
    )
    messages = tick(NOW + timedelta(minutes=1))
    assert kinds(messages) == [("moved", "email"), ("moved", "sms")]
    assert all(
        "NEW PLACE" in message.body and other.location.address in message.body
        for message in messages
    )
    assert all(message.body.count("Scottsdale Clinic") for message in messages)
    appointment_operations.move(
        appointment.id, local(10, day=NEXT_WEEK), NOW + timedelta(minutes=2), "staff:1"
    )
    again = tick(NOW + timedelta(minutes=3))
    assert kinds(again) == [("moved", "email"), ("moved", "sms")]
    assert all("NEW PLACE" not in message.body for message in again)


def test_a_place_that_was_never_told_is_new_at_the_next_move_too(tick: Tick) -> None:
    a_clinic_that_reminds()
    a_clinic(slug="scottsdale", weekdays=range(5))
    appointment = an_appointment()
    tick(NOW)
    appointment_operations.move(
        appointment.id, local(9, day=NEXT_WEEK), NOW, "staff:1", location="scottsdale"
    )
    appointment_operations.move(appointment.id, local(10, day=NEXT_WEEK), NOW, "staff:1")
    messages = tick(NOW + timedelta(minutes=1))
    assert [("NEW PLACE" in message.body, "10:00 AM" in message.body) for message in messages] == [
        (True, True)
    ] * 2


def test_an_appointment_of_a_series_moved_to_the_other_place_says_so(tick: Tick) -> None:
    first, second, *_ = appointments(a_series_told_of_by_both())
    a_clinic(slug="scottsdale", weekdays=range(5))
    tick(NOW)
    day = second.starts_at.astimezone(local(9).tzinfo).date()
    appointment_operations.move(second.id, local(9, day=day), NOW, "staff:1", location="scottsdale")
    assert first.starts_at < second.starts_at
    messages = tick(NOW + timedelta(minutes=1))
    assert {message.kind for message in messages} == {"moved"}
    assert all("NEW PLACE" in message.body for message in messages)
    assert day > TOMORROW
