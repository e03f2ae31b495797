"""Deriving messages from the appointments that stand: pulled by the scheduler, never pushed by bookings."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from booking.appointments.impossible import (
    MisfitAppointment,
    list_impossible_appointments,
    open_call_task_once,
)
from booking.appointments.models import Appointment
from booking.appointments.notices import is_notice_waiting
from booking.appointments.rules import Status
from booking.calendars import availability
from booking.db.statements import put
from booking.db.transactions import transaction
from booking.extensions import db
from booking.messaging import operations as messaging
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel, Reason
from booking.reminders.confirming import take_back_unconfirmed_list
from booking.reminders.contexts import find_series_id
from booking.reminders.drafts import draft_messages_for_appointment, draft_messages_for_series
from booking.reminders.models import Derivation, Heartbeat
from booking.reminders.moves import combine_moves, list_moved_together, skip_told_moves
from booking.reminders.persons import reassign_merged_patients
from booking.reminders.policies import current_policy_version
from booking.reminders.queries import (
    derived_version,
    list_appointments_by_older_rules,
    list_changed_appointments,
)
from booking.reminders.rules import REMINDER_KINDS, MessageKind, drop_superseded
from booking.reminders.series_news import (
    NEWS,
    find_changes_together,
    list_series_appointments,
    list_told_together,
)
from booking.reminders.topics import appointment_topic, series_topic
from booking.series.models import InfusionSeries

log = structlog.get_logger()
Addresses = Collection[tuple[Channel, str]]


def derive_messages(now: datetime) -> int:
    """Owe what each changed appointment asks for and retire what is no longer true; return how many changed.

    Each appointment, or list of appointments told of together, in a transaction of its own; one that fails is
    logged, and holds up nobody else's. Where the rules changed a batch is done, so that the rest goes on:
    what waits for its turn isn't sent before.
    """
    reassign_merged_patients()
    count, failed_ids = 0, set[int]()
    while appointment_ids := list_changed_appointments(
        now, excluded_ids=failed_ids
    ):  # all: what is sent next relies on it
        count += len(_derive_each(appointment_ids, now, failed_ids))
    return count + len(_derive_each(list_appointments_by_older_rules(now), now, failed_ids))


def _derive_each(appointment_ids: Sequence[int], now: datetime, failed_ids: set[int]) -> set[int]:
    """Derive the messages of each; return the ids dealt with, and add those that failed to `failed_ids`."""
    derived_ids: set[int] = set()
    for appointment_id in appointment_ids:
        if appointment_id in derived_ids:
            continue
        try:
            derived_ids |= derive_appointment_messages(appointment_id, now)
        except Exception as error:
            log.error("derivation_failed", appointment=appointment_id, exc_info=error)
            failed_ids.add(appointment_id)
    return derived_ids


@transaction()
def derive_appointment_messages(appointment_id: int, now: datetime) -> set[int]:
    """Derive the messages of one appointment, and of those told of with it; return the ids dealt with."""
    appointment = db.session.get_one(Appointment, appointment_id)
    series_id = find_series_id(appointment)
    if series_id is not None:  # one at a time tells of it
        db.session.get_one(InfusionSeries, series_id, with_for_update=True)
    db.session.refresh(appointment, with_for_update=True)
    if is_notice_waiting(appointment, now):
        return {appointment.id}  # changed meanwhile: it may be undone
    if derived_version(appointment.id) == appointment.version:
        # The rules changed, or another scheduler did it meanwhile
        take_back_unconfirmed_list(series_id, appointment, now)
        return _derive([appointment], now)
    if series_id is None:
        return _derive_moved(appointment, now)
    if changes := find_changes_together(appointment, series_id, now):
        _update_series_message(series_id, now)
        changed = changes.all_by_time
        addresses = _enqueue_series_message(
            series_id, MessageKind.SCHEDULE, changed, now, moved=changes.moved
        )
        return _derive(changed, now, told_addresses=addresses)
    appointments_together = list_told_together(appointment, series_id, now)
    if appointments_together or appointment.status is Status.CANCELLED or appointment.sequence:
        _update_series_message(series_id, now)
    if not appointments_together:
        return _derive_moved(appointment, now)
    addresses = _enqueue_series_message(
        series_id, NEWS[appointment.status], appointments_together, now
    )
    return _derive(appointments_together, now, told_addresses=addresses)


def _derive_moved(appointment: Appointment, now: datetime) -> set[int]:
    """Derive the messages of an appointment, and of others of the same person that were moved meanwhile."""
    appointments = list_moved_together(appointment, now)
    for other in appointments:
        series_id = find_series_id(other)
        if other.id != appointment.id and series_id is not None:
            _update_series_message(series_id, now)
    return _derive(appointments, now)


def _update_series_message(series_id: int, now: datetime) -> None:
    """Take back a list of bookings that is still on its way, and tell again what of it stands.

    What is being sent this moment goes; the change is told of by itself (invariant 9). A list of
    cancellations stays true.
    """
    channels = messaging.cancel_planned_kind(
        series_topic(series_id), MessageKind.CONFIRMATION.value, now
    )
    was_told, is_unmoved = Derivation.version.is_not(None), Appointment.sequence == 0
    told_appointments = list_series_appointments(
        series_id, Status.BOOKED, now, was_told, is_unmoved
    )
    if channels and told_appointments:
        _enqueue_series_message(
            series_id, MessageKind.CONFIRMATION, told_appointments, now, channels
        )


def _enqueue_series_message(
    series_id: int,
    kind: MessageKind,
    appointments: Sequence[Appointment],
    now: datetime,
    channels: Collection[Channel] = frozenset(Channel),
    moved: Sequence[Appointment] = (),
) -> Addresses:
    """Owe one text and one e-mail for appointments of a series changed together; return where they go."""
    revision = messaging.next_revision(series_topic(series_id))
    drafts = draft_messages_for_series(series_id, revision, kind, appointments, now, moved)
    for draft in drafts:
        if draft.channel in channels:
            messaging.enqueue(draft, now)
    return {(draft.channel, draft.recipient) for draft in drafts}


def _derive(
    appointments: Sequence[Appointment],
    now: datetime,
    *,
    told_addresses: Addresses | None = None,
) -> set[int]:
    """Retire what earlier times or states of appointments asked for, and owe what these do.

    Of those told of by a list, at these addresses, only reminders; of one that went before it was told of,
    nothing.
    """
    # Read before the rules: a version made meanwhile counts as unread
    policy_version = current_policy_version()
    impossibles = list_impossible_appointments(
        availability.current_catalogue(), now, [appointment.id for appointment in appointments]
    )
    drafts = {
        appointment.id: _draft_messages(
            appointment, impossibles.get(appointment.id), now, told_addresses
        )
        for appointment in appointments
    }
    drafts_by_id, together = combine_moves(appointments, drafts, now)
    for appointment in appointments:
        _enqueue_messages(appointment, drafts_by_id[appointment.id], now)
        put(
            Derivation,
            {
                "appointment_id": appointment.id,
                "version": appointment.version,
                "policy_version": policy_version,
            },
            key="appointment_id",
        )
    for draft in together:
        messaging.enqueue(draft, now)
    return {appointment.id for appointment in appointments}


def _draft_messages(
    appointment: Appointment,
    impossible: MisfitAppointment | None,
    now: datetime,
    told_addresses: Addresses | None,
) -> Sequence[MessageDraft]:
    """Return what an appointment is owed by itself; what can't take place is held back."""
    drafts: Sequence[MessageDraft] = draft_messages_for_appointment(appointment, now)
    is_cancelled_untold = (
        appointment.status is Status.CANCELLED and derived_version(appointment.id) is None
    )
    if told_addresses is not None:
        drafts = [draft for draft in drafts if draft.kind in (*REMINDER_KINDS, MessageKind.MOVED)]
        drafts = skip_told_moves(drafts, told_addresses)
    elif is_cancelled_untold:
        drafts = [draft for draft in drafts if draft.kind in REMINDER_KINDS]
    if impossible is not None:
        return _hold_back(impossible, drafts, now)
    topic = appointment_topic(appointment.id)
    if messaging.restore_skipped(topic, appointment.sequence, Reason.IMPOSSIBLE, now):
        return drop_superseded(drafts, now)
    return drafts


def _enqueue_messages(
    appointment: Appointment, drafts: Sequence[MessageDraft], now: datetime
) -> None:
    topic = appointment_topic(appointment.id)
    keys = {(draft.kind, draft.channel, draft.recipient) for draft in drafts}
    if appointment.sequence:
        messaging.cancel_pending(topic, now, below_revision=appointment.sequence)
    messaging.cancel_planned_except(topic, appointment.sequence, keys, now)
    for draft in drafts:
        messaging.enqueue(draft, now)


def _hold_back(
    impossible: MisfitAppointment, drafts: Sequence[MessageDraft], now: datetime
) -> list[MessageDraft]:
    """Keep on record that none of this is sent: the person is called."""
    open_call_task_once(impossible, now)
    messaging.skip_planned(appointment_topic(impossible.appointment_id), Reason.IMPOSSIBLE, now)
    return [replace(draft, skip_reason=Reason.IMPOSSIBLE) for draft in drafts]


@transaction()
def record_heartbeat(worker: str, now: datetime) -> None:
    """Keep that a scheduler has just finished a tick; `/readyz` reads it."""
    put(Heartbeat, {"worker": worker, "at": now}, key="worker")
