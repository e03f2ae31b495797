"""How somebody is asked about new times: once, by text, else by e-mail; never at night."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.clock import local_date
from booking.extensions import db
from booking.locations import operations as locations
from booking.messaging import operations as messaging
from booking.messaging.operations import MessageDraft
from booking.messaging.rendering import Draft, RenderedMessage
from booking.messaging.rules import Channel, MessageStatus
from booking.outages.models import AffectedPatient
from booking.outages.rules import AnswerStatus, AnswerTimes
from booking.reminders.contexts import build_message_context, choice_url
from booking.reminders.message_specs import MESSAGE_SPECS
from booking.reminders.persons import person_key
from booking.reminders.queries import parse_topic_numbers
from booking.reminders.recipients import ChannelRecipient
from booking.reminders.rendering import recipient_name_on_phone
from booking.reminders.rules import MessageKind
from booking.reminders.texts import MessageText
from booking.reminders.topics import CHOICE, choice_topic, parse_topic

KIND = MessageKind.CHOICE
NOT_SENT = (MessageStatus.FAILED, MessageStatus.UNKNOWN, MessageStatus.SKIPPED)


def enqueue_question(
    affected: AffectedPatient,
    appointment: Appointment,
    addressee: ChannelRecipient,
    times: AnswerTimes,
    now: datetime,
) -> None:
    """Owe the message that asks about new times, in the transaction that holds them.

    `appointment` is the first that loses its time. It counts for no reminder: without it somebody would come
    to a closed door.
    """
    text = _render(affected, appointment, addressee, times)
    messaging.enqueue(
        MessageDraft(
            topic=choice_topic(affected.id),
            revision=0,
            kind=KIND.value,
            channel=addressee.channel,
            recipient=addressee.address,
            person=person_key(addressee.recipient.patient),
            subject=text.subject,
            body=text.body,
            send_at=times.ask_at,
            expires_at=times.answer_by,
            time_zone=locations.get_location(appointment.location_id).time_zone,
            language=addressee.recipient.contact.language,
            immediate=True,
        ),
        now,
    )


def _render(
    affected: AffectedPatient,
    appointment: Appointment,
    addressee: ChannelRecipient,
    times: AnswerTimes,
) -> MessageText:
    patient, contact = addressee.recipient.patient, addressee.recipient.contact
    is_text = addressee.channel is Channel.SMS
    name = recipient_name_on_phone(addressee.address, patient, times.ask_at) if is_text else ""
    zone = ZoneInfo(locations.get_location(appointment.location_id).time_zone)
    context = replace(
        build_message_context(
            appointment, contact, today=local_date(times.ask_at, zone.key), recipient_name=name
        ),
        link=choice_url(affected.token),
        kept_until=times.answer_by,
    )
    with force_locale(contact.language):
        return MESSAGE_SPECS[KIND].words.render(addressee.channel, context)


def cancel_question(affected: AffectedPatient, now: datetime) -> None:
    """Take the message back, if it is still on its way."""
    messaging.cancel_pending(choice_topic(affected.id), now)


def was_undelivered(affected: AffectedPatient) -> bool:
    """Tell whether the message that asked somebody surely, or perhaps, did not arrive."""
    messages = messaging.list_messages([choice_topic(affected.id)])
    return any(message.status in NOT_SENT for message in messages)


def retract_answered(
    drafts: Sequence[Draft], _now: datetime
) -> Mapping[int, RenderedMessage | None]:
    """Return None for questions that are answered or settled already, as they are about to be sent."""
    ids = parse_topic_numbers(CHOICE, {draft.topic for draft in drafts})
    rows = select(AffectedPatient.id).where(
        AffectedPatient.id.in_(ids), AffectedPatient.status == AnswerStatus.ASKED
    )
    current_topics = {choice_topic(key) for key in db.session.scalars(rows)} if ids else set()
    return {
        draft.id: None
        for draft in drafts
        if parse_topic(draft.topic)[0] == CHOICE and draft.topic not in current_topics
    }
