"""A reminder that no text can bring goes by e-mail."""

from datetime import datetime, timedelta

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.provider_rules import OPTED_OUT_CODE
from booking.messaging.rules import Channel
from booking.reminders.contexts import get_recipient
from booking.reminders.drafts import make_draft, make_source
from booking.reminders.rules import REMINDER_KINDS, DueReminder, MessageKind
from booking.reminders.topics import (
    appointment_topic,
    locations_by_appointment,
    tells_of_revision,
)

FAILURE_WINDOW = timedelta(days=1)  # one text a day: what failed before that has a successor


def enqueue_fallback_emails(now: datetime) -> None:
    """Owe an e-mail for each reminder by text that failed for good, once, while it is still of use.

    Not after a STOP that only the provider knew of: then nobody is reminded by text either.
    """
    for message in messaging.list_undelivered(now - FAILURE_WINDOW):
        is_text = message.channel is Channel.SMS and message.error_code != OPTED_OUT_CODE
        if is_text and message.kind in REMINDER_KINDS:
            for appointment_id in locations_by_appointment(message.topic, message.details):
                _enqueue_instead(message, appointment_id, now)


@transaction()
def _enqueue_instead(text: Message, appointment_id: int, now: datetime) -> None:
    appointment = db.session.get(Appointment, appointment_id, with_for_update=True)
    if appointment is None or not _is_of_use(text, appointment, now):
        return
    recipient = get_recipient(appointment)
    if Channel.EMAIL in recipient.addresses:
        due = DueReminder(MessageKind(text.kind), Channel.EMAIL, now, immediate=False)
        source = make_source([appointment], recipient, due, now)
        topic, sequence = appointment_topic(appointment.id), appointment.sequence
        messaging.enqueue(make_draft(topic, sequence, due, source, now), now)


def _is_of_use(text: Message, appointment: Appointment, now: datetime) -> bool:
    stands = appointment.status is Status.BOOKED and appointment.suspended_at is None
    return stands and appointment.starts_at > now and tells_of_revision(text, appointment)
