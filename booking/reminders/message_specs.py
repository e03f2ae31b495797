"""The one table of messages: what each kind says, and what must still be so when it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from booking.appointments.ics import Method
from booking.appointments.rules import Status
from booking.messaging.rules import Channel
from booking.messaging.segments import to_gsm7
from booking.reminders import (
    day_texts,
    email_texts,
    link_texts,
    schedule_texts,
    series_texts,
    sms_texts,
)
from booking.reminders.rules import MessageKind
from booking.reminders.texts import MessageContext, MessageText


@dataclass(frozen=True, slots=True)
class MessageRenderer:
    """What a message says, by channel."""

    sms: Callable[[MessageContext], str]
    email: Callable[[MessageContext], MessageText]

    def render(self, channel: Channel, context: MessageContext) -> MessageText:
        """Return the words for a channel; a text has no subject, and no letter outside GSM-7."""
        match channel:
            case Channel.SMS:
                return MessageText("", to_gsm7(self.sms(context)))
            case Channel.EMAIL:
                return self.email(context)
            case _:
                assert_never(channel)


BOOKED_LIST = MessageRenderer(series_texts.booked_list_text, series_texts.booked_list_email)
MOVED_LIST = MessageRenderer(series_texts.moved_list_text, series_texts.moved_list_email)
CANCELLED_LIST = MessageRenderer(
    series_texts.cancelled_list_text, series_texts.cancelled_list_email
)
SCHEDULE_LIST = MessageRenderer(
    schedule_texts.schedule_list_text, schedule_texts.schedule_list_email
)
DAYS_BEFORE_LIST = MessageRenderer(day_texts.days_before_text, email_texts.days_before_email)
DAY_BEFORE_LIST = MessageRenderer(day_texts.day_before_text, email_texts.day_before_email)
HOURS_BEFORE_LIST = MessageRenderer(day_texts.hours_before_text, email_texts.hours_before_email)
LINK = MessageRenderer(link_texts.link_text, link_texts.link_email)
LINKS = MessageRenderer(link_texts.links_text, link_texts.links_email)


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """A kind of message: its words about one appointment, and about several told of together.

    It is true of appointments with `status`, unless it told of each with its own; its e-mail carries a
    calendar file with `calendar`.
    """

    words: MessageRenderer
    list_words: MessageRenderer = BOOKED_LIST
    status: Status = Status.BOOKED
    calendar: Method | None = None


OTHER_SPECS = {  # of what no rule of the clinic file asks for, nor one appointment by itself
    MessageKind.LINKS: MessageSpec(LINK, LINKS),
    MessageKind.SCHEDULE: MessageSpec(SCHEDULE_LIST, SCHEDULE_LIST, calendar=Method.REQUEST),
    MessageKind.OFFER: MessageSpec(MessageRenderer(sms_texts.offer_text, email_texts.offer_email)),
    MessageKind.FORM: MessageSpec(MessageRenderer(sms_texts.form_text, email_texts.form_email)),
    MessageKind.CHOICE: MessageSpec(
        MessageRenderer(sms_texts.choice_text, email_texts.choice_email)
    ),
}


def _spec(kind: MessageKind) -> MessageSpec:
    match kind:
        case MessageKind.CONFIRMATION:
            spec = MessageSpec(
                MessageRenderer(sms_texts.confirmation_text, email_texts.confirmation_email),
                calendar=Method.REQUEST,
            )
        case MessageKind.MOVED:
            spec = MessageSpec(
                MessageRenderer(sms_texts.moved_text, email_texts.moved_email),
                MOVED_LIST,
                calendar=Method.REQUEST,
            )
        case MessageKind.CANCELLATION:
            spec = MessageSpec(
                MessageRenderer(sms_texts.cancellation_text, email_texts.cancellation_email),
                CANCELLED_LIST,
                status=Status.CANCELLED,
                calendar=Method.CANCEL,
            )
        case MessageKind.DAYS_BEFORE:
            spec = MessageSpec(
                MessageRenderer(sms_texts.days_before_text, email_texts.days_before_email),
                DAYS_BEFORE_LIST,
            )
        case MessageKind.DAY_BEFORE:
            spec = MessageSpec(
                MessageRenderer(sms_texts.day_before_text, email_texts.day_before_email),
                DAY_BEFORE_LIST,
            )
        case MessageKind.HOURS_BEFORE:
            spec = MessageSpec(
                MessageRenderer(sms_texts.hours_before_text, email_texts.hours_before_email),
                HOURS_BEFORE_LIST,
            )
        case (
            MessageKind.LINKS
            | MessageKind.OFFER
            | MessageKind.FORM
            | MessageKind.CHOICE
            | MessageKind.SCHEDULE
        ):
            spec = OTHER_SPECS[kind]
        case _:
            assert_never(kind)
    return spec


# Made as the module is read: a kind without words stops the start, not a message.
MESSAGE_SPECS: Mapping[MessageKind, MessageSpec] = {kind: _spec(kind) for kind in MessageKind}
