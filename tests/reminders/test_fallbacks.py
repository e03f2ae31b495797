"""A reminder that no text can bring goes by e-mail, once, while it is of use."""

from datetime import timedelta

from booking.appointments import operations as appointment_operations
from booking.messaging.rules import Channel
from booking.messaging.senders import OutgoingMessage, SendFailed
from booking.reminders.fallbacks import enqueue_fallback_emails
from tests.builders import NOW, local
from tests.messaging.builders import ObedientSender
from tests.reminders.prepared import (
    NEXT_WEEK,
    Tick,
    a_clinic_that_reminds,
    an_appointment,
    kinds,
    on_record,
)

START = local(14, day=NEXT_WEEK)
EVE, MINUTE = START - timedelta(days=1), timedelta(minutes=1)


def refuse_texts(sender: ObedientSender) -> None:
    """Let no text through, for good."""

    def refuse(message: OutgoingMessage) -> None:
        if message.channel is Channel.SMS:
            raise SendFailed(permanent=True, code="21614")

    sender.before = refuse


def test_a_reminder_refused_for_good_goes_by_email_once(tick: Tick, sender: ObedientSender) -> None:
    a_clinic_that_reminds()
    an_appointment(START)
    tick(NOW)
    refuse_texts(sender)
    sent = tick(EVE)
    for minutes in (1, 2, 3):
        enqueue_fallback_emails(EVE + minutes * MINUTE)
        sent += tick(EVE + minutes * MINUTE)
    assert kinds(sent) == [("day_before", "email"), ("days_before", "email")]
    assert on_record(kind="day_before", channel=Channel.SMS)[0].error_code == "21614"


def test_what_was_moved_since_is_not_reminded_of_by_email(
    tick: Tick, sender: ObedientSender
) -> None:
    a_clinic_that_reminds()
    appointment = an_appointment(START)
    tick(NOW)
    refuse_texts(sender)
    tick(EVE)
    later = local(9, day=NEXT_WEEK + timedelta(days=2))
    appointment_operations.move(appointment.id, later, EVE, "staff:1")
    enqueue_fallback_emails(EVE + MINUTE)
    assert on_record(kind="day_before", channel=Channel.EMAIL) == []


def test_both_appointments_of_a_text_that_failed_are_reminded_of_by_email(
    tick: Tick, sender: ObedientSender
) -> None:
    a_clinic_that_reminds()
    pair = an_appointment(START), an_appointment(local(16, day=NEXT_WEEK))
    tick(NOW)
    refuse_texts(sender)
    tick(EVE)
    enqueue_fallback_emails(EVE + MINUTE)
    topics = {message.topic for message in on_record(kind="day_before", channel=Channel.EMAIL)}
    assert topics == {f"appointment:{appointment.id}" for appointment in pair}
