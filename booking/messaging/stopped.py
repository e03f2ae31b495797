"""What is planned and won't go as things stand: who reads there has stopped it."""

from collections.abc import Collection

from booking.extensions import db
from booking.messaging import email_preferences, opt_outs
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus, Reason


def find_stop(message_id: int) -> Reason | None:
    """Return why a planned message won't go as things stand."""
    message = db.session.get(Message, message_id)
    return list_stopped([message]).get(message_id) if message else None


def list_stopped(messages: Collection[Message]) -> dict[int, Reason]:
    """Return why planned messages won't go, by id; lifted in time, as by START, they go after all."""
    planned = [each for each in messages if each.status is MessageStatus.PLANNED]
    texts = [each for each in planned if each.channel is Channel.SMS]
    emails = [each for each in planned if each.channel is Channel.EMAIL and not each.immediate]
    phones = opt_outs.filter_opted_out({each.recipient for each in texts})
    addresses = email_preferences.list_unsubscribed({each.recipient for each in emails})
    return {each.id: Reason.OPTED_OUT for each in texts if each.recipient in phones} | {
        each.id: Reason.UNSUBSCRIBED for each in emails if each.recipient in addresses
    }
