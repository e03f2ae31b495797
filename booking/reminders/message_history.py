"""What became of each message about an appointment: planned, sent, delivered, answered, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from booking.appointments.models import Appointment
from booking.messaging import operations as messaging
from booking.messaging import queries
from booking.messaging.models import InboundMessage, Message
from booking.messaging.rules import Channel, Reason
from booking.messaging.stopped import list_stopped
from booking.reminders.topics import links_topic, list_topics, locations_by_appointment

MAX_ANSWERS = 50  # the latest texts from an appointment's numbers that are looked through


@dataclass(frozen=True, slots=True)
class MessageHistory:
    """One message, the texts that answered it, and how often its recipient wasn't reached of late.

    `failures` counts what failed there since something was last delivered. `stopped` is why a planned one
    won't go as things stand.
    """

    message: Message
    answers: Sequence[InboundMessage]
    failures: int
    stopped: Reason | None


def list_appointment_messages(appointment: Appointment) -> list[Message]:
    """Return the messages that tell of an appointment, by itself or with others, in their order."""
    topics = [*list_topics(appointment), links_topic(appointment.patient_id or 0)]
    return [
        message
        for message in messaging.list_messages(topics)
        if appointment.id in locations_by_appointment(message.topic, message.details)
    ]


def read_message_history(appointment: Appointment) -> list[MessageHistory]:
    """Return what became of each message that tells of an appointment, in their order."""
    messages = list_appointment_messages(appointment)
    phones = {message.recipient for message in messages if message.channel is Channel.SMS}
    answers = _answers_by_message(messages, queries.list_inbound_messages(phones, MAX_ANSWERS))
    failures = queries.count_failures({message.recipient for message in messages})
    stopped = list_stopped(messages)
    return [
        MessageHistory(
            message,
            answers.get(message.id, ()),
            failures.get(message.recipient, 0),
            stopped.get(message.id),
        )
        for message in messages
    ]


def _answers_by_message(
    messages: Sequence[Message], texts: Sequence[InboundMessage]
) -> dict[int, list[InboundMessage]]:
    """Return texts that came in, oldest first, by the message each follows: the last to its number."""
    last_texts = queries.list_last_texts(texts)
    own_ids = {message.id for message in messages}
    answers: dict[int, list[InboundMessage]] = {}
    for text in reversed(texts):
        message_id = last_texts.get(text.id)
        if message_id in own_ids:
            answers.setdefault(message_id, []).append(text)
    return answers
