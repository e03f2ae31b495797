"""What one step does to a series is one message, and true: some visits moved, others booked or cancelled."""

from datetime import datetime, timedelta

import pytest

from booking.appointments import attendance
from booking.appointments import operations as appointment_operations
from booking.appointments.models import Appointment
from booking.db.transactions import transaction
from booking.extensions import db
from booking.locations.models import Location
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus, Reason
from booking.messaging.senders import SendFailed
from booking.patients import operations as patients
from booking.reminders import operations as reminders
from booking.reminders.topics import appointment_topic
from booking.series import operations as series_operations
from booking.series.applied_healing import apply_healing
from booking.series.healing import HealingOrder, propose_healing
from booking.series.models import InfusionSeries
from booking.series.proposals import propose_plans
from booking.series.queries import list_sessions
from tests.builders import NOW, a_closure, a_patient
from tests.messaging.builders import ObedientSender, raising
from tests.reminders.prepared import EMAIL, PHONE, Tick, a_clinic_that_reminds, kinds, on_record
from tests.series.prescribed import RECOMMENDED, a_series, appointments, starts

NEWS = ("confirmation", "moved", "cancellation", "schedule")
ONE_MESSAGE = [("schedule", "email"), ("schedule", "sms")]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def series(tick: Tick) -> InfusionSeries:
    """A series that its patient was told of by text and e-mail."""
    clinic = a_clinic_that_reminds()
    patient = a_patient(clinic, phone=PHONE, email=EMAIL)
    patients.record_consent(patient, PHONE, "Text me", NOW, granted=True)
    prescribed = a_series(clinic, RECOMMENDED, patient)
    planned = starts(propose_plans(prescribed, NOW))
    booked = series_operations.book_plan(prescribed.id, planned, NOW, "staff:1")
    tick(NOW)
    return booked


def news(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.kind in NEWS]


def heal_a_miss_and_a_closed_day(series: InfusionSeries) -> datetime:
    """Miss the first visit, close the day of the fifth, and heal both in one step; return when."""
    missed, *_, closed = appointments(series)[:5]
    now = missed.starts_at + timedelta(hours=1)
    attendance.mark_no_show(missed.id, now, "staff:1")
    a_closure(db.session.get_one(Location, closed.location_id), closed.local_date)
    session = list_sessions(series.id)[0].session
    proposal = propose_healing(HealingOrder(series.id, session.id), now)
    assert (proposal.moved_count, proposal.new_count) == (1, 1)
    apply_healing(proposal.order, proposal.key, now, "staff:1", reason="Rang")
    return now


def test_what_healing_moves_and_books_is_one_text_and_one_email(
    tick: Tick, series: InfusionSeries
) -> None:
    now = heal_a_miss_and_a_closed_day(series)
    messages = news(tick(now))
    assert kinds(messages) == ONE_MESSAGE
    (text,) = [each.body for each in messages if each.channel is Channel.SMS]
    (mail,) = [each for each in messages if each.channel is Channel.EMAIL]
    assert "NEW TIMES for 1 visit; 1 is new" in text
    assert mail.body.index("these visits were moved") < mail.body.index("These are new:")
    assert (mail.attachment or "").count("BEGIN:VEVENT") == 2
    assert news(tick(now + MINUTE)) == []


def test_invariant_8_deriving_again_owes_no_message_more(
    tick: Tick, series: InfusionSeries
) -> None:
    now = heal_a_miss_and_a_closed_day(series)
    tick(now)
    appointment_operations.mark_upcoming_changed(series.patient_id, now)
    reminders.derive_messages(now)
    assert news(tick(now + MINUTE)) == []


def test_that_a_move_is_told_with_the_rest_is_on_record(tick: Tick, series: InfusionSeries) -> None:
    tick(heal_a_miss_and_a_closed_day(series))
    (moved,) = [each for each in appointments(series) if each.sequence]
    own = on_record(topic=appointment_topic(moved.id), kind="moved")
    assert {(each.status, each.reason) for each in own} == {
        (MessageStatus.SKIPPED, Reason.TOLD_TOGETHER)
    }
    assert len(own) == 2


def move_and_cancel(moved: Appointment, cancelled: Appointment, now: datetime) -> None:
    with transaction():
        appointment_operations.cancel(cancelled.id, now, "staff:1", by_patient=True)
        to = moved.starts_at + timedelta(hours=1)
        appointment_operations.move(moved.id, to, now, "staff:1", reason="Rang")


def test_what_is_moved_and_cancelled_at_once_is_one_message(
    tick: Tick, series: InfusionSeries
) -> None:
    *_, moved, cancelled = appointments(series)
    move_and_cancel(moved, cancelled, NOW + MINUTE)
    messages = news(tick(NOW + MINUTE))
    assert kinds(messages) == ONE_MESSAGE
    (text,) = [each.body for each in messages if each.channel is Channel.SMS]
    assert "1 visit is cancelled; NEW TIMES for 1 visit" in text


def test_invariant_9_one_that_moved_on_before_it_went_is_told_by_itself(
    tick: Tick, sender: ObedientSender, series: InfusionSeries
) -> None:
    *_, moved, cancelled = appointments(series)
    sender.before = raising(SendFailed(permanent=False, code="20429"))
    move_and_cancel(moved, cancelled, NOW + MINUTE)
    tick(NOW + MINUTE)
    to = moved.starts_at + timedelta(hours=1)
    appointment_operations.move(moved.id, to, NOW + MINUTE, "staff:1", reason="Rang")
    sender.before = lambda message: None
    messages = news(tick(NOW + timedelta(hours=1)))
    assert kinds(messages) == [*[("moved", "email"), ("moved", "sms")], *ONE_MESSAGE]
    (list_text,) = [each.body for each in messages if kinds([each]) == [("schedule", "sms")]]
    assert "NEW TIME" not in list_text


def test_a_move_alone_is_told_as_ever(tick: Tick, series: InfusionSeries) -> None:
    moved = appointments(series)[-1]
    to = moved.starts_at + timedelta(hours=1)
    appointment_operations.move(moved.id, to, NOW + MINUTE, "staff:1", reason="Rang")
    assert kinds(news(tick(NOW + MINUTE))) == [("moved", "email"), ("moved", "sms")]
