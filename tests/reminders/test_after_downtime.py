"""Nothing sent for three days: then nothing for the past, nothing at night, and the rest once."""

from datetime import timedelta

from booking.appointments.models import Appointment
from booking.messaging.rules import Channel, MessageStatus, Reason
from tests.builders import NOW, TOMORROW, a_booking, a_contact, local
from tests.reminders.prepared import Tick, a_clinic_that_reminds, on_record

BACK = local(2, day=TOMORROW + timedelta(days=2))  # three days later, at two in the night
MORNING = local(8, 5, day=TOMORROW + timedelta(days=2))


def booked(day: int, hour: int) -> Appointment:
    """Book for somebody of their own, so many days from tomorrow."""
    return a_booking(local(hour, day=TOMORROW + timedelta(days=day)), NOW, contact=a_contact())


def test_after_three_days_nothing_of_the_past_nothing_at_night_and_the_rest_once(
    tick: Tick,
) -> None:
    a_clinic_that_reminds()
    past = [booked(day, hour) for day in (0, 1) for hour in (9, 11, 14)]
    coming = [booked(day, hour) for day in (2, 3) for hour in (11, 14)]
    at_night, in_the_morning = tick(BACK), tick(MORNING)
    topics = {f"appointment:{appointment.id}" for appointment in coming}
    sent = [*at_night, *in_the_morning]
    assert {message.topic for message in sent} <= topics
    reminders = [message for message in sent if not message.immediate]
    assert [one for one in at_night if one.channel is Channel.SMS and not one.immediate] == []
    assert reminders != []
    texts = [one.person for one in reminders if one.channel is Channel.SMS]
    assert len(texts) == len(set(texts))  # once to a person
    assert not any(
        "tomorrow" in one.body for one in reminders if one.topic == f"appointment:{coming[0].id}"
    )
    for appointment in past:
        for message in on_record(topic=f"appointment:{appointment.id}"):
            assert (message.status, message.reason) == (MessageStatus.SKIPPED, Reason.TOO_LATE)
    before = {message.id for message in sent}
    assert not {message.id for message in tick(MORNING + timedelta(minutes=1))} & before
