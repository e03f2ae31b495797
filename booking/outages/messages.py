"""How somebody is asked about new times: once, by text, else by e-mail; never at night."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.rendering import Draft, RenderedMessage
from booking.messaging.rules import MessageStatus
from booking.outages.models import AffectedPatient
from booking.outages.rules import AnswerStatus, AnswerTimes
from booking.reminders.contexts import choice_url
from booking.reminders.queries import parse_topic_numbers
from booking.reminders.questions import Question, enqueue_question
from booking.reminders.recipients import ChannelRecipient
from booking.reminders.rules import MessageKind
from booking.reminders.topics import CHOICE, choice_topic, parse_topic

KIND = MessageKind.CHOICE
NOT_SENT = (MessageStatus.FAILED, MessageStatus.UNKNOWN, MessageStatus.SKIPPED)


def ask_about_new_times(
    affected: AffectedPatient,
    appointment: Appointment,
    addressee: ChannelRecipient,
    times: AnswerTimes,
    now: datetime,
) -> None:
    """Owe the message that asks about new times, in the transaction that holds them.

    `appointment` is the first that loses its time: without the message somebody would come to a closed door.
    """
    question = Question(
        KIND,
        choice_topic(affected.id),
        choice_url(affected.token),
        appointment.reference,
        times.ask_at,
        times.answer_by,
    )
    enqueue_question(question, appointment, addressee, now)


def cancel_question(affected: AffectedPatient, now: datetime) -> None:
    """Take the message back, if it is still on its way."""
    messaging.cancel_pending(choice_topic(affected.id), now)


def was_undelivered(affected: AffectedPatient) -> bool:
    """Tell whether the message that asked somebody surely, or perhaps, did not arrive."""
    messages = messaging.list_messages([choice_topic(affected.id)])
    return any(message.status in NOT_SENT for message in messages)


def withhold_answered(
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
