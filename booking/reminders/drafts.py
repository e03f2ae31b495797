"""What an appointment, or appointments told of together, are owed as they stand; reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.messaging.operations import MessageDraft
from booking.messaging.rules import Channel
from booking.reminders.confirming import informed_at, list_confirming_channels
from booking.reminders.contexts import (
    UNMOVED,
    AppointmentRecipient,
    appointment_facts,
    get_recipient,
)
from booking.reminders.dated_rules import select_rules
from booking.reminders.persons import get_recipient_zone, person_key
from booking.reminders.policies import list_dated_rules
from booking.reminders.rendering import (
    MessageSource,
    compute_move_changes,
    recipient_name_on_phone,
    render_message,
)
from booking.reminders.rules import (
    AT_BOOKING,
    REMINDER_KINDS,
    DueReminder,
    MessageKind,
    compute_reminders,
    drop_superseded,
)
from booking.reminders.safe_texts import find_unsafe_reason
from booking.reminders.topics import (
    appointment_topic,
    links_topic,
    message_details,
    moves_topic,
    series_topic,
)
from booking.reminders.unannounced import skip_unannounced


def draft_messages_for_appointment(appointment: Appointment, now: datetime) -> list[MessageDraft]:
    """Return the messages an appointment is owed as it stands, none once it has begun; reads only."""
    if appointment.patient_id is None or appointment.starts_at <= now:
        return []
    if appointment.status is Status.BOOKED and appointment.suspended_at is not None:
        return []  # a person decides first, and tells the patient
    recipient = get_recipient(appointment)
    if not recipient.addresses:
        return []
    if appointment.status is Status.CANCELLED:
        reminders = [
            DueReminder(MessageKind.CANCELLATION, channel, now, True)
            for channel in recipient.addresses
        ]
    elif appointment.status is Status.BOOKED:
        told_at = informed_at(appointment, now)
        facts = appointment_facts(appointment, recipient, told_at)
        reminders = compute_reminders(facts, select_rules(facts, list_dated_rules()))
        if appointment.is_infusion:  # it may have been suspended meanwhile
            reminders_before = [
                reminder for reminder in reminders if reminder.kind in REMINDER_KINDS
            ]
            reminders = [due for due in reminders if due not in reminders_before] + drop_superseded(
                reminders_before, now
            )
    else:
        return []
    drafts = [_build_draft(appointment, recipient, due, now) for due in reminders]
    return skip_unannounced(appointment, drafts)


@dataclass(frozen=True, slots=True)
class MessageChannels:
    """The channels by which an appointment will be confirmed, and those by which it will be reminded of."""

    confirmation: frozenset[Channel]
    reminders: frozenset[Channel]


def compute_message_channels(appointment: Appointment, now: datetime) -> MessageChannels:
    """Return the channels of an appointment's messages, without those that are skipped. Reads only."""
    drafts = [
        draft for draft in draft_messages_for_appointment(appointment, now) if not draft.skip_reason
    ]
    at_booking = frozenset(
        draft.channel for draft in drafts if draft.kind == MessageKind.CONFIRMATION
    )
    return MessageChannels(
        at_booking, frozenset(draft.channel for draft in drafts if draft.kind in REMINDER_KINDS)
    )


def _build_draft(
    appointment: Appointment, recipient: AppointmentRecipient, reminder: DueReminder, now: datetime
) -> MessageDraft:
    is_move = reminder.kind is MessageKind.MOVED
    changes = compute_move_changes([appointment]) if is_move else UNMOVED
    subject = make_source([appointment], recipient, reminder, now)
    return make_draft(
        appointment_topic(appointment.id),
        appointment.sequence,
        reminder,
        replace(subject, changes=changes),
        now,
    )


def draft_messages_for_series(
    series_id: int,
    revision: int,
    kind: MessageKind,
    appointments: Sequence[Appointment],
    now: datetime,
    moved: Sequence[Appointment] = (),
) -> list[MessageDraft]:
    """Return the one text and the one e-mail that say appointments of a series were booked or cancelled.

    At least one appointment, all of one patient, in order of time. `moved` are those of them that were told
    of before, and have been moved. Bookings go by the channels by which the rules confirm.
    """
    first = appointments[0]
    if first.patient_id is None or first.starts_at <= now:
        return []
    recipient, topic = get_recipient(first), series_topic(series_id)
    channels = frozenset(recipient.addresses)
    if kind in AT_BOOKING:
        channels &= list_confirming_channels(first, now)
    reminders = [
        DueReminder(kind, channel, now, True)
        for channel in recipient.addresses
        if channel in channels
    ]
    changes, moved_ids = compute_move_changes(moved), frozenset(each.id for each in moved)
    return [
        make_draft(
            topic,
            revision,
            reminder,
            replace(
                make_source(appointments, recipient, reminder, now),
                in_list=True,
                changes=changes,
                moved_ids=moved_ids,
            ),
            now,
        )
        for reminder in reminders
    ]


def draft_messages_with_links(
    patient_id: int, revision: int, appointments: Sequence[Appointment], now: datetime
) -> list[MessageDraft]:
    """Return what sends a person the links of appointments again, in order of time, at once.

    One message for each address that any of them is told of at: never to where it was asked for.
    """
    recipients = {appointment.id: get_recipient(appointment) for appointment in appointments}
    by_address: dict[tuple[Channel, str], list[Appointment]] = {}
    for appointment in appointments:
        for pair in recipients[appointment.id].addresses.items():
            by_address.setdefault(pair, []).append(appointment)
    drafts = []
    for (channel, _), listed in by_address.items():
        reminder = DueReminder(MessageKind.LINKS, channel, now, True)
        source = make_source(listed, recipients[listed[0].id], reminder, now)
        source = replace(source, in_list=len(listed) > 1)
        drafts.append(make_draft(links_topic(patient_id), revision, reminder, source, now))
    return drafts


def draft_message_of_moves(
    patient_id: int,
    revision: int,
    channel: Channel,
    appointments: Sequence[Appointment],
    now: datetime,
) -> MessageDraft:
    """Return the one message on a channel that tells of a person's appointments, moved together, by time."""
    reminder = DueReminder(MessageKind.MOVED, channel, now, True)
    source = make_source(appointments, get_recipient(appointments[0]), reminder, now)
    source = replace(source, in_list=True, changes=compute_move_changes(appointments))
    return make_draft(moves_topic(patient_id), revision, reminder, source, now)


def make_source(
    appointments: Sequence[Appointment],
    recipient: AppointmentRecipient,
    reminder: DueReminder,
    now: datetime,
) -> MessageSource:
    """Return what a message of a kind on a channel tells of appointments of one patient, by time."""
    address, name = recipient.addresses[reminder.channel], ""
    if reminder.channel is Channel.SMS:
        name = recipient_name_on_phone(address, recipient.patient, now)
    return MessageSource(
        reminder.kind,
        reminder.channel,
        address,
        recipient.patient,
        recipient.contact,
        appointments,
        recipient_name=name,
    )


def make_draft(
    topic: str, revision: int, reminder: DueReminder, subject: MessageSource, now: datetime
) -> MessageDraft:
    """Return a message, with the words as they would be now; they are made again when it is sent."""
    message = render_message(subject, now)
    return MessageDraft(
        topic=topic,
        revision=revision,
        kind=reminder.kind.value,
        channel=reminder.channel,
        recipient=subject.recipient,
        person=person_key(subject.patient),
        details=message_details(subject.appointments, subject.moved_ids),
        subject=message.subject,
        body=message.body,
        send_at=reminder.send_at,
        expires_at=subject.appointments[-1].starts_at,
        time_zone=get_recipient_zone(subject.patient, subject.appointments[0].location_id),
        language=subject.contact.language,
        attachment=message.attachment,
        attachment_type=message.attachment_type,
        immediate=reminder.immediate,
        skip_reason=find_unsafe_reason(subject.patient, reminder.channel),
    )
