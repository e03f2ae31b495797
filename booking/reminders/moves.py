"""Appointments of one person that were moved together are told of once: in one message an address."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from booking.appointments.models import Appointment
from booking.appointments.notices import notice_waits
from booking.appointments.rules import Status
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging import queries
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel, Reason
from booking.patients import operations as patients
from booking.reminders.drafts import draft_message_of_moves, draft_messages_for_appointment
from booking.reminders.models import Derivation
from booking.reminders.rules import MessageKind
from booking.reminders.topics import moves_topic

Drafts = dict[int, list[MessageDraft]]  # by appointment id


def list_moved_together(appointment: Appointment, now: datetime) -> list[Appointment]:
    """Return, locked and in order of time, what of a person was moved since messages were derived; this too.

    Only itself for one that was not moved, or was never told of.
    """
    if appointment.patient_id is None or appointment.sequence == 0:
        return [appointment]
    rows = db.session.scalars(
        select(Appointment)
        .join(Derivation, Derivation.appointment_id == Appointment.id)
        .where(
            Appointment.patient_id.in_(patients.list_record_ids(appointment.patient_id)),
            Appointment.status == Status.BOOKED,
            Appointment.starts_at > now,
            Appointment.sequence > 0,
            Derivation.version != Appointment.version,
            ~notice_waits(now),
        )
        .order_by(Appointment.starts_at)
        .with_for_update(of=Appointment)
    )
    moved = list(rows)
    return moved if appointment in moved else [appointment]


def is_move_news(appointment: Appointment, now: datetime) -> bool:
    """Tell whether an appointment's own move is still to be told of somewhere."""
    drafts = draft_messages_for_appointment(appointment, now) if appointment.sequence else []
    return any(draft.kind == MessageKind.MOVED and _is_news(appointment, draft) for draft in drafts)


def skip_told_moves(
    drafts: Sequence[MessageDraft], addresses: Collection[tuple[Channel, str]]
) -> list[MessageDraft]:
    """Return an appointment's drafts, what tells of its move skipped where a list tells of it."""
    skipped = list(drafts)
    for channel, recipient in addresses:
        skipped = [_skip_move(draft, channel, recipient) for draft in skipped]
    return skipped


def combine_moves(
    appointments: Sequence[Appointment], drafts: Mapping[int, Sequence[MessageDraft]], now: datetime
) -> tuple[Drafts, list[MessageDraft]]:
    """Return the drafts, what tells of one move skipped where a message tells of several; and those messages.

    What is on record already was told by itself, or in an earlier message.
    """
    skipped: Drafts = {number: list(messages) for number, messages in drafts.items()}
    together: list[MessageDraft] = []
    for (channel, recipient), moved in _moved_by_address(appointments, drafts).items():
        if len(moved) < 2 or moved[0].patient_id is None:
            continue
        survivor_id = patients.list_record_ids(moved[0].patient_id)[0]
        revision = messaging.next_revision(moves_topic(survivor_id))
        together.append(draft_message_of_moves(survivor_id, revision, channel, moved, now))
        for appointment in moved:
            skipped[appointment.id] = [
                _skip_move(draft, channel, recipient) for draft in skipped[appointment.id]
            ]
    return skipped, together


def _moved_by_address(
    appointments: Sequence[Appointment], drafts: Mapping[int, Sequence[MessageDraft]]
) -> dict[tuple[Channel, str], list[Appointment]]:
    by_address: dict[tuple[Channel, str], list[Appointment]] = {}
    for appointment in appointments:
        for draft in drafts[appointment.id]:
            if draft.kind == MessageKind.MOVED and _is_news(appointment, draft):
                by_address.setdefault((draft.channel, draft.recipient), []).append(appointment)
    return by_address


def _is_news(appointment: Appointment, draft: MessageDraft) -> bool:
    """Tell whether this is not on record; a change of the clocks alone goes to each calendar entry."""
    only_clocks = appointment.sequence == appointment.clocks_sequence
    return draft.skip_reason is None and not only_clocks and not queries.is_on_record(draft)


def _skip_move(draft: MessageDraft, channel: Channel, recipient: str) -> MessageDraft:
    is_move = draft.kind == MessageKind.MOVED
    if is_move and (draft.channel, draft.recipient) == (channel, recipient):
        return replace(draft, skip_reason=Reason.TOLD_TOGETHER)
    return draft
