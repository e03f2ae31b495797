"""Appointments of one person that were moved together are told of once, and truly (invariants 8 and 9)."""

from datetime import datetime, timedelta

import pytest

from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.messaging import operations as messaging
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import MessageStatus, Reason
from booking.messaging.senders import SendFailed
from booking.reminders import operations as reminders
from booking.reminders.topics import appointment_topic
from tests.builders import NOW, a_booking, a_clinic, a_contact, local
from tests.messaging.builders import ObedientSender, raising
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

LATER = NOW + timedelta(minutes=5)
MOVED = [("moved", "email"), ("moved", "sms")]
EARLY, LATE = local(10, day=NEXT_WEEK), local(15, day=NEXT_WEEK)


@pytest.fixture
def pair(tick: Tick) -> list[Appointment]:
    """Two visits of one person, both told of."""
    a_clinic_that_reminds()
    contact = a_contact(family_name="Person", phone=PHONE, email=EMAIL)
    appointments = [a_booking(at, NOW, contact=contact) for at in (EARLY, LATE)]
    tick(NOW)
    return appointments


def move_by_a_day(
    appointments: list[Appointment], now: datetime, location: str | None = None
) -> None:
    """Move appointments in one action, as a new plan or a closed day does."""
    with transaction():
        for appointment in appointments:
            to = appointment.starts_at + timedelta(days=1)
            appointment_operations.move(appointment.id, to, now, "staff:1", location=location)


def test_both_new_times_are_one_text_and_one_email(tick: Tick, pair: list[Appointment]) -> None:
    move_by_a_day(pair, LATER)
    messages = tick(LATER)
    assert kinds(messages) == MOVED
    (text,) = [message.body for message in messages if message.channel == "sms"]
    assert "NEW TIMES: Wed, Dec 9, 10:00 AM MST; Wed, Dec 9, 3:00 PM MST." in text
    (mail,) = [message for message in messages if message.channel == "email"]
    assert all(f"/a/{appointment.token}" in mail.body for appointment in pair)
    assert (mail.attachment or "").count("BEGIN:VEVENT") == 2


def test_that_each_is_told_with_others_is_on_record(tick: Tick, pair: list[Appointment]) -> None:
    move_by_a_day(pair, LATER)
    tick(LATER)
    for appointment in pair:
        own = on_record(topic=appointment_topic(appointment.id), kind="moved")
        assert {(m.status, m.reason) for m in own} == {
            (MessageStatus.SKIPPED, Reason.TOLD_TOGETHER)
        }
        assert len(own) == 2


def test_invariant_8_deriving_again_owes_nothing_more(tick: Tick, pair: list[Appointment]) -> None:
    move_by_a_day(pair, LATER)
    tick(LATER)
    appointment_operations.mark_upcoming_changed(pair[0].patient_id or 0, LATER)
    reminders.derive_messages(LATER)
    assert tick(LATER + timedelta(minutes=1)) == []


def test_each_is_still_reminded_of(tick: Tick, pair: list[Appointment]) -> None:
    move_by_a_day(pair, LATER)
    tick(LATER)
    moved_to = EARLY + timedelta(days=1)
    topics = {m.topic for m in on_record(kind="day_before", status=MessageStatus.PLANNED)}
    assert topics == {appointment_topic(appointment.id) for appointment in pair}
    assert ("day_before", "sms") in kinds(tick(moved_to - timedelta(days=1)))


def test_one_of_them_moved_on_before_it_went_is_told_as_it_is_now(
    tick: Tick, sender: ObedientSender, pair: list[Appointment]
) -> None:
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    move_by_a_day(pair, LATER)
    tick(LATER)
    move_by_a_day(pair[:1], LATER)
    sender.before = lambda message: None
    messages = tick(LATER + timedelta(hours=1))
    assert kinds(messages) == sorted(MOVED * 2)
    about = sorted(message.body for message in messages if message.channel == "sms")
    assert ["Thu, Dec 10" in body for body in about].count(True) == 1
    assert ["Wed, Dec 9 at 3:00 PM" in body for body in about].count(True) == 1


def test_moved_one_after_the_other_each_is_told(tick: Tick, pair: list[Appointment]) -> None:
    for appointment in pair:
        move_by_a_day([appointment], LATER)
        assert kinds(tick(LATER)) == MOVED


def test_two_persons_are_told_apart(tick: Tick) -> None:
    a_clinic_that_reminds()
    mine = an_appointment(EARLY)
    other = a_booking(LATE, NOW, contact=a_contact(phone="+16025550142", email="b@example.com"))
    tick(NOW)
    move_by_a_day([mine, other], LATER)
    assert kinds(tick(LATER)) == sorted(MOVED * 2)


def test_another_place_and_time_says_both(tick: Tick, pair: list[Appointment]) -> None:
    a_clinic(slug="scottsdale")
    move_by_a_day(pair[:1], LATER, location="scottsdale")
    (text,) = [message.body for message in tick(LATER) if message.channel == "sms"]
    assert text.startswith("Scottsdale Clinic: NEW PLACE and NEW TIME. ")
    with transaction():
        appointment_operations.move(pair[1].id, LATE, LATER, "staff:1", location="scottsdale")
    (text,) = [message.body for message in tick(LATER) if message.channel == "sms"]
    assert text.startswith("Scottsdale Clinic: NEW PLACE. ")


def test_invariant_8_what_breaks_halfway_owes_nothing_and_later_all_once(
    tick: Tick, pair: list[Appointment], monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue, drafts = messaging.enqueue, list[MessageDraft]()

    def break_at_the_list(draft: MessageDraft, now: datetime) -> None:
        drafts.append(draft)
        if draft.topic.startswith("moves:"):
            raise RuntimeError("killed")
        enqueue(draft, now)

    move_by_a_day(pair, LATER)
    with monkeypatch.context() as patched:
        patched.setattr(messaging, "enqueue", break_at_the_list)
        reminders.derive_messages(LATER)
    assert drafts
    assert on_record(kind="moved") == []
    assert kinds(tick(LATER)) == MOVED
