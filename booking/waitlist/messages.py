"""How somebody is told of a sooner time: by text, or by e-mail where they get no texts."""

from datetime import datetime

from booking.appointments.models import Appointment
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.rules import MessageStatus, Reason
from booking.reminders.contexts import offer_url
from booking.reminders.questions import Question, enqueue_question
from booking.reminders.recipients import ChannelRecipient
from booking.reminders.rules import MessageKind
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
    question = Question(
        KIND,
        offer_topic(waitlist_offer.id),
        offer_url(waitlist_offer.token),
        appointment.reference,
        now,
        waitlist_offer.expires_at,
    )
    enqueue_question(question, hold, addressee, now)


def was_sent(waitlist_offer: WaitlistOffer) -> bool:
    """Tell whether an offer's message went to the provider, or was not to go: no fault of ours."""
    messages = messaging.list_messages([offer_topic(waitlist_offer.id)])
    return not any(_never_left(message) for message in messages)


def _never_left(message: Message) -> bool:
    return message.status is MessageStatus.PLANNED or message.reason == Reason.TOO_LATE


def cancel_offer_message(waitlist_offer: WaitlistOffer, now: datetime) -> None:
    """Take the message of an offer back, if it is still on its way."""
    messaging.cancel_pending(offer_topic(waitlist_offer.id), now)
