"""How somebody is told of a sooner time: by text, or by e-mail where they get no texts."""

from dataclasses import replace
from datetime import datetime

from flask_babel import force_locale

from booking.appointments.models import Appointment
from booking.locations import operations as locations
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel, MessageStatus, Reason
from booking.reminders.contexts import build_message_context, offer_url
from booking.reminders.message_specs import MESSAGE_SPECS
from booking.reminders.persons import person_key
from booking.reminders.recipients import ChannelRecipient
from booking.reminders.rendering import recipient_name_on_phone
from booking.reminders.rules import MessageKind
from booking.reminders.texts import MessageText
from booking.reminders.topics import offer_topic
from booking.waitlist.models import WaitlistOffer

KIND = MessageKind.OFFER


def enqueue_offer_message(
    waitlist_offer: WaitlistOffer,
    hold: Appointment,
    appointment: Appointment,
    addressee: ChannelRecipient,
    now: datetime,
) -> None:
    """Owe the message of an offer, in the transaction that makes it; it goes at once or not at all.

    It counts for no reminder: the person asked for it.
    """
    text = _render(waitlist_offer, hold, appointment, addressee, now)
    messaging.enqueue(
        MessageDraft(
            topic=offer_topic(waitlist_offer.id),
            revision=0,
            kind=KIND.value,
            channel=addressee.channel,
            recipient=addressee.address,
            person=person_key(addressee.recipient.patient),
            subject=text.subject,
            body=text.body,
            send_at=now,
            expires_at=waitlist_offer.expires_at,
            time_zone=locations.get_location(hold.location_id).time_zone,
            language=addressee.recipient.contact.language,
            immediate=True,
        ),
        now,
    )


def _render(
    waitlist_offer: WaitlistOffer,
    hold: Appointment,
    appointment: Appointment,
    addressee: ChannelRecipient,
    now: datetime,
) -> MessageText:
    patient, contact = addressee.recipient.patient, addressee.recipient.contact
    is_text = addressee.channel is Channel.SMS
    name = recipient_name_on_phone(addressee.address, patient, now) if is_text else ""
    context = replace(
        build_message_context(hold, contact, today=now.date(), recipient_name=name),
        reference=appointment.reference,
        link=offer_url(waitlist_offer.token),
        kept_until=waitlist_offer.expires_at,
    )
    with force_locale(contact.language):
        return MESSAGE_SPECS[KIND].words.render(addressee.channel, context)


def was_sent(waitlist_offer: WaitlistOffer) -> bool:
    """Tell whether an offer's message went to the provider, or was not to go: no fault of ours."""
    messages = messaging.list_messages([offer_topic(waitlist_offer.id)])
    return not any(_never_left(message) for message in messages)


def _never_left(message: Message) -> bool:
    return message.status is MessageStatus.PLANNED or message.reason == Reason.TOO_LATE


def cancel_offer_message(waitlist_offer: WaitlistOffer, now: datetime) -> None:
    """Take the message of an offer back, if it is still on its way."""
    messaging.cancel_pending(offer_topic(waitlist_offer.id), now)
