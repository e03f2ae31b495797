"""The desk sends a message again, by hand: a new message with its reason, where and while one may go."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from booking.appointments.models import Appointment
from booking.audit import operations as audit
from booking.audit.rules import staff_actor
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import email_preferences, opt_outs
from booking.messaging import operations as messaging
from booking.messaging.models import Message
from booking.messaging.rules import Channel, MessageStatus
from booking.reminders.contexts import UNMOVED, AppointmentRecipient, get_recipient
from booking.reminders.drafts import make_draft, make_source
from booking.reminders.message_specs import MESSAGE_SPECS, OTHER_SPECS
from booking.reminders.rendering import compute_move_changes
from booking.reminders.rules import REMINDER_KINDS, DueReminder, MessageKind
from booking.reminders.topics import resent_topic

RESENT_ID, REASON, STAFF_ID = "resent_id", "reason", "staff_id"  # in the new message's details


class ResendProblem(StrEnum):
    """Why a message isn't sent again."""

    STARTED = "started"
    PENDING = "pending"  # it is still to go, or going
    UNTRUE = "untrue"  # the visit isn't as it says
    LISTED = "listed"  # it is of a kind that is made anew: an offer, a form, a list of changes
    NO_ADDRESS = "no_address"  # or no consent to texts there
    OPTED_OUT = "opted_out"
    UNSUBSCRIBED = "unsubscribed"
    NOT_SAFE = "not_safe"


@dataclass
class ResendRefused(Exception):
    """A message may not go again: a person calls, or writes in another way."""

    problem: ResendProblem


@transaction()
def resend_message(
    appointment: Appointment, message: Message, reason: str, staff_id: int, now: datetime
) -> None:
    """Send what a message says, as it is true now, to where the appointment's messages go now; at once.

    Raises `ResendRefused`.
    """
    db.session.refresh(appointment, with_for_update=True)
    if problem := find_resend_problem(appointment, message, now):
        raise ResendRefused(problem)
    kind, topic = MessageKind(message.kind), resent_topic(appointment.id)
    due = DueReminder(kind, message.channel, now, immediate=True)
    source = make_source([appointment], get_recipient(appointment), due, now)
    changes = compute_move_changes([appointment]) if kind is MessageKind.MOVED else UNMOVED
    draft = make_draft(
        topic, messaging.next_revision(topic), due, replace(source, changes=changes), now
    )
    origin = {RESENT_ID: message.id, REASON: reason, STAFF_ID: staff_id}
    messaging.enqueue(replace(draft, details={**draft.details, **origin}), now)
    audit.record(staff_actor(staff_id), "resend", "message", message.id, now)


def find_resend_problem(
    appointment: Appointment, message: Message, now: datetime
) -> ResendProblem | None:
    """Return why a message about an appointment isn't sent again, if it isn't; reads only."""
    kind = MessageKind(message.kind)
    if message.status in (MessageStatus.PLANNED, MessageStatus.SENDING):
        return ResendProblem.PENDING
    if now >= appointment.starts_at:
        return ResendProblem.STARTED
    if kind in OTHER_SPECS and kind is not MessageKind.LINKS:
        return ResendProblem.LISTED
    if MESSAGE_SPECS[kind].status is not appointment.status or appointment.suspended_at:
        return ResendProblem.UNTRUE
    return _find_address_problem(get_recipient(appointment), kind, message.channel)


def _find_address_problem(
    recipient: AppointmentRecipient, kind: MessageKind, channel: Channel
) -> ResendProblem | None:
    address = recipient.addresses.get(channel)
    if address is None:
        return ResendProblem.NO_ADDRESS
    if channel is Channel.SMS and opt_outs.is_opted_out(address):
        return ResendProblem.OPTED_OUT
    if channel is Channel.SMS and not recipient.patient.safe_to_text:
        return ResendProblem.NOT_SAFE
    is_stopped = kind in REMINDER_KINDS and email_preferences.is_unsubscribed(address)
    return ResendProblem.UNSUBSCRIBED if is_stopped else None
