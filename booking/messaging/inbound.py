"""What a provider tells us: how a message fares, and what people text back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from booking.db.statements import insert_unless_there
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import opt_outs
from booking.messaging.models import Attempt, InboundMessage, Message
from booking.messaging.provider_rules import OPTED_OUT_CODE, is_start_keyword, next_status
from booking.messaging.reply_meanings import classify_reply, is_spanish, needs_human_review
from booking.messaging.rules import AttemptOutcome, Channel, MessageStatus, ReplyMeaning


@dataclass(frozen=True, slots=True)
class InterpretedReply:
    """A new inbound text: its id, what it means, whether a person must read it, and if it is in Spanish."""

    inbound_id: int
    sender: str
    meaning: ReplyMeaning
    needs_a_person: bool
    is_spanish: bool


@transaction()
def record_status(
    message_id: int,
    provider_id: str,
    provider_status: str,
    error_code: str | None,
    at: datetime,
    recipient: str = "",
) -> bool:
    """Record what the provider reports of one of our messages; False when it is none of ours.

    Reports repeat and come out of order: a message never goes backwards. A report also settles an
    interrupted attempt, as it proves that the provider has the message; it may come before the provider's
    answer was recorded, but not before an attempt was. One to another `recipient` (E.164, "" where the
    report doesn't say) is of a message that a restored backup knows nothing of.
    """
    message = db.session.get(Message, message_id, with_for_update=True)
    if message is None or not _is_reported_on(message, provider_id, recipient):
        return False
    message.provider_id, previous_status = provider_id, message.status
    _move(message, next_status(message.status, provider_status), error_code, at)
    _settle_attempt(message, provider_id, at)
    if error_code == OPTED_OUT_CODE and message.status is not previous_status:
        opt_outs.record_opt_out(message.recipient, opt_outs.PROVIDER, at)
    return True


def _is_reported_on(message: Message, provider_id: str, recipient: str) -> bool:
    """Tell whether a report can be of a message: a text to that number, which was attempted."""
    was_attempted = message.channel is Channel.SMS and message.tries > 0
    is_recipient = recipient in ("", message.recipient)
    return was_attempted and is_recipient and _is_same_message(message, provider_id)


def _is_same_message(message: Message, provider_id: str) -> bool:
    """Tell whether the provider's id is this message's: its own already, or nobody's yet.

    A report without an id is of none.
    """
    if not provider_id:
        return False
    if message.provider_id is not None:
        return message.provider_id == provider_id
    owner = db.session.scalar(select(Message.id).filter_by(provider_id=provider_id))
    return owner is None


def _move(message: Message, status: MessageStatus, error_code: str | None, at: datetime) -> None:
    if status is message.status:
        return
    message.status, message.claimed_until = status, None
    message.sent_at, message.failed_at = message.sent_at or at, None
    if status is MessageStatus.DELIVERED:
        message.delivered_at, message.error_code = at, None
    if status is MessageStatus.FAILED:
        message.failed_at, message.error_code = at, error_code


def _settle_attempt(message: Message, provider_id: str, at: datetime) -> None:
    undecided = Attempt.outcome.is_(None) | (Attempt.outcome == AttemptOutcome.AMBIGUOUS)
    latest = (Attempt.message_id == message.id) & (Attempt.number == message.tries)
    accepted = {
        "outcome": AttemptOutcome.ACCEPTED,
        "provider_id": provider_id,
        "finished_at": at,
    }
    db.session.execute(update(Attempt).where(latest, undecided).values(accepted))


@transaction()
def record_inbound(
    provider_id: str,
    sender: str,
    recipient: str,
    body: str,
    received_at: datetime,
    *,
    meaningful_words: str | None = None,
    media_count: int = 0,
) -> InterpretedReply | None:
    """Record a text that someone sent us, obey STOP and START; None when it was recorded before.

    A START that the provider doesn't take for one lifts no stop that the provider keeps: a person reads
    it, as all that came with pictures or files, whatever its words mean.
    `meaningful_words` are what is left of `body` without the initials that say whose appointment is meant.
    """
    body_words = body if meaningful_words is None else meaningful_words
    meaning = classify_reply(body_words, opt_outs.is_opted_out(sender))
    row = {
        "provider_id": provider_id,
        "sender": sender,
        "recipient": recipient,
        "body": body,
        "media_count": media_count,
        "received_at": received_at,
        "meaning": meaning,
    }
    inbound_id = insert_unless_there(InboundMessage, row, returning="id")
    if inbound_id is None:
        return None
    is_obeyed = _apply_opt_keyword(meaning, sender, body, received_at)
    needs_a_person = media_count > 0 or not is_obeyed or needs_human_review(body_words, meaning)
    return InterpretedReply(inbound_id, sender, meaning, needs_a_person, is_spanish(body_words))


def _apply_opt_keyword(meaning: ReplyMeaning, phone: str, body: str, at: datetime) -> bool:
    """Obey STOP and START; return False for a START after which the provider goes on refusing."""
    if meaning is ReplyMeaning.STOP:
        opt_outs.record_opt_out(phone, opt_outs.INBOUND, at)
    elif meaning is ReplyMeaning.START:
        if not is_start_keyword(body) and opt_outs.is_stopped_at_provider(phone):
            return False
        opt_outs.lift_opt_out(phone, at)
    return True
