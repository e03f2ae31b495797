"""A question with a link, about times held until it is answered: asked once, at once or not at all."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import force_locale

from booking.appointments.models import Appointment
from booking.clock import local_date
from booking.locations import operations as locations
from booking.messaging import operations as messaging
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.reminders.contexts import build_message_context
from booking.reminders.message_specs import MESSAGE_SPECS
from booking.reminders.persons import get_recipient_zone, person_key
from booking.reminders.recipients import ChannelRecipient
from booking.reminders.rendering import recipient_name_on_phone
from booking.reminders.rules import MessageKind
from booking.reminders.texts import MessageText


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about: `reference` is the patient's appointment; asked at and answered by are UTC."""

    kind: MessageKind
    topic: str
    link: str
    reference: str
    ask_at: datetime
    answer_by: datetime


def enqueue_question(
    question: Question, appointment: Appointment, addressee: ChannelRecipient, now: datetime
) -> None:
    """Owe a question's message, in the transaction that holds the times; it counts for no reminder.

    `appointment` gives the location and the time that the words name.
    """
    text = _render(question, appointment, addressee)
    messaging.enqueue(
        MessageDraft(
            topic=question.topic,
            revision=0,
            kind=question.kind.value,
            channel=addressee.channel,
            recipient=addressee.address,
            person=person_key(addressee.recipient.patient),
            subject=text.subject,
            body=text.body,
            send_at=question.ask_at,
            expires_at=question.answer_by,
            time_zone=get_recipient_zone(addressee.recipient.patient, appointment.location_id),
            language=addressee.recipient.contact.language,
            immediate=True,
        ),
        now,
    )


def _render(
    question: Question, appointment: Appointment, addressee: ChannelRecipient
) -> MessageText:
    patient, contact = addressee.recipient.patient, addressee.recipient.contact
    zone = ZoneInfo(locations.get_location(appointment.location_id).time_zone)
    is_text = addressee.channel is Channel.SMS
    name = recipient_name_on_phone(addressee.address, patient, question.ask_at) if is_text else ""
    context = replace(
        build_message_context(
            appointment, contact, today=local_date(question.ask_at, zone.key), recipient_name=name
        ),
        reference=question.reference,
        link=question.link,
        kept_until=question.answer_by,
    )
    with force_locale(contact.language):
        return MESSAGE_SPECS[question.kind].words.render(addressee.channel, context)
