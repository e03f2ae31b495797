"""What messages about appointments say, made when they are planned and again when they are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import select

from booking.appointments.contacts import get_contact
from booking.appointments.ics import Method, render_calendar
from booking.appointments.impossible import filter_impossible
from booking.appointments.models import Appointment
from booking.appointments.rules import Status
from booking.extensions import db
from booking.locations import operations as locations
from booking.messaging.rendering import Draft, Rendered, RenderedMessage
from booking.messaging.rules import Channel, Reason, WaitUntil
from booking.patients import operations as patients
from booking.patients.models import Patient
from booking.patients.rules import Contact
from booking.reminders.contexts import UNMOVED, build_message_context, calendar_organizer
from booking.reminders.message_specs import MESSAGE_SPECS
from booking.reminders.persons import patients_by_phone, short_names_on_shared_number
from booking.reminders.rules import REMINDER_KINDS, MessageKind
from booking.reminders.same_day import SameDay, list_same_days
from booking.reminders.texts import MoveChanges
from booking.reminders.topics import (
    APPOINTMENT,
    LINKS,
    MOVES,
    RESENT,
    SERIES,
    find_last_told,
    locations_by_appointment,
    message_details,
    parse_topic,
    told_moved_ids,
    told_sequence,
    told_status,
)

# An invitation is for one UID alone (RFC 5546, 3.2.2): several appointments go as a file to be imported.
LIST_TYPE = f"text/calendar; method={Method.PUBLISH.value}; name=visits.ics"


@dataclass(frozen=True, slots=True)
class MessageSource:
    """What one message tells: of one appointment, or in a list of several; all of one patient, by time.

    It addresses the appointment's `contact`. `recipient_name` names the patient on a shared number,
    `changes` says what of a move is new; `moved_ids` which were moved, where others were not.
    """

    kind: MessageKind
    channel: Channel
    recipient: str
    patient: Patient
    contact: Contact
    appointments: Sequence[Appointment]
    in_list: bool = False
    recipient_name: str = ""
    changes: MoveChanges = UNMOVED
    moved_ids: frozenset[int] = frozenset()


def render_message(subject: MessageSource, now: datetime) -> RenderedMessage:
    """Return the words that are true now, in the patient's language, until midnight at the location."""
    first = _choose_first(subject)
    zone = ZoneInfo(locations.get_location(first.location_id).time_zone)
    context = build_message_context(
        first,
        subject.contact,
        subject.appointments if subject.in_list else (),
        today=now.astimezone(zone).date(),
        recipient_name=subject.recipient_name,
        changes=subject.changes,
        moved_ids=subject.moved_ids,
    )
    spec = MESSAGE_SPECS[subject.kind]
    words = spec.list_words if subject.in_list else spec.words
    with force_locale(subject.contact.language):
        text = words.render(subject.channel, context)
        attachment, its_type = _calendar(subject, now)
    midnight = datetime.combine(context.today + timedelta(days=1), time.min, zone)
    return RenderedMessage(text.subject, text.body, attachment, its_type, midnight.astimezone(UTC))


def _choose_first(subject: MessageSource) -> Appointment:
    """Return the appointment whose page a message leads to: before an infusion it asks something."""
    booked = [each for each in subject.appointments if each.status is Status.BOOKED]
    asking = (each for each in booked if each.is_infusion and subject.kind in REMINDER_KINDS)
    return next(asking, None) or next(iter(booked), subject.appointments[0])


def _calendar(subject: MessageSource, now: datetime) -> tuple[str | None, str | None]:
    """Return the calendar file that goes with an e-mail, and its MIME type."""
    method = MESSAGE_SPECS[subject.kind].calendar
    if subject.channel is not Channel.EMAIL or method is None:
        return None, None
    if subject.in_list:
        return render_calendar(
            subject.appointments, Method.PUBLISH, now, organizer=calendar_organizer()
        ), LIST_TYPE
    file = render_calendar(
        subject.appointments,
        method,
        now,
        organizer=calendar_organizer(),
        attendee=subject.recipient,
    )
    return file, f"text/calendar; method={method.value}"


def recipient_name_on_phone(phone: str, patient: Patient, now: datetime) -> str:
    """Return what a patient is called in texts to a number: nothing unless others share it."""
    return short_names_on_shared_number(patients_by_phone([phone], now)[phone]).get(patient.id, "")


def render_messages(drafts: Sequence[Draft], now: datetime) -> Rendered:
    """Return the words of messages about appointments as they are true now; None for what is no longer so.

    An appointment that can't take place is told of by a person alone; answers to texts keep the words they
    were owed with. A reminder by text names the others of its day.
    """
    ids_by_draft = {draft.id: _told_ids(draft) for draft in drafts}
    appointments = _read({number for numbers in ids_by_draft.values() for number in numbers})
    impossible = filter_impossible(appointments.keys())
    phones = {draft.recipient for draft in drafts if draft.channel is Channel.SMS}
    names = {
        phone: short_names_on_shared_number(sharing_patients)
        for phone, sharing_patients in patients_by_phone(phones, now).items()
    }
    same_days = list_same_days(drafts, appointments, now)
    rendered: dict[int, RenderedMessage | Reason | WaitUntil | None] = {}
    for draft in drafts:
        if ids := ids_by_draft[draft.id]:
            standing = [
                appointments[number]
                for number in ids
                if number not in impossible
                and number in appointments
                and _is_still_true(draft, appointments[number], now)
            ]
            subject = _news(draft, standing, names)
            rendered[draft.id] = _render(subject, same_days.get(draft.id), now) if subject else None
    return rendered


def _told_ids(draft: Draft) -> list[int]:
    """Return the ids of the appointments that a message is owed for, without others that its text named."""
    kind, number = parse_topic(draft.topic)
    if kind == APPOINTMENT:
        return [number]
    return list(locations_by_appointment(draft.topic, draft.details))


def _render(
    subject: MessageSource, day: SameDay | None, now: datetime
) -> RenderedMessage | Reason | WaitUntil:
    """Return the words of a message; those of a reminder by text name what else its day holds."""
    if day is None:
        return render_message(subject, now)
    if day.was_named:
        return Reason.TOLD_TOGETHER
    if day.wait_until:
        return WaitUntil(day.wait_until)
    named = sorted([*subject.appointments, *day.others], key=lambda each: each.starts_at)
    subject = replace(subject, appointments=named, in_list=len(named) > 1)
    return replace(render_message(subject, now), details=message_details(named))


def _read(numbers: set[int]) -> dict[int, Appointment]:
    statement = select(Appointment).where(Appointment.id.in_(numbers))
    rows = db.session.scalars(statement.execution_options(populate_existing=True))
    return {appointment.id: appointment for appointment in rows}


def _is_still_true(draft: Draft, appointment: Appointment, now: datetime) -> bool:
    """Tell whether what a message says still holds: to come, and booked or cancelled since its revision."""
    status_told = MESSAGE_SPECS[MessageKind(draft.kind)].status
    if draft.kind == MessageKind.SCHEDULE:
        status_told = told_status(appointment.id, status_told, draft.details)
    kind, _ = parse_topic(draft.topic)
    sequence = told_sequence(appointment.id, draft.revision, draft.details)
    is_of_one_time = kind in (APPOINTMENT, RESENT, MOVES) or appointment.id in told_moved_ids(
        draft.details
    )
    is_unmoved = not is_of_one_time or appointment.sequence == sequence
    return appointment.starts_at > now and appointment.status is status_told and is_unmoved


def _news(
    draft: Draft, appointments: Sequence[Appointment], names: Mapping[str, Mapping[int, str]]
) -> MessageSource | None:
    if not appointments or appointments[0].patient_id is None:
        return None
    patient = patients.get_merged_patient(db.session.get_one(Patient, appointments[0].patient_id))
    kind, _ = parse_topic(draft.topic)
    moved_ids = told_moved_ids(draft.details)
    return MessageSource(
        MessageKind(draft.kind),
        draft.channel,
        draft.recipient,
        patient,
        get_contact(appointments[0], patient),
        sorted(appointments, key=lambda appointment: appointment.starts_at),
        in_list=kind == SERIES or (kind in (LINKS, MOVES) and len(appointments) > 1),
        recipient_name=names.get(draft.recipient, {}).get(patient.id, ""),
        changes=compute_move_changes(appointments)
        if draft.kind == MessageKind.MOVED.value
        else compute_move_changes([each for each in appointments if each.id in moved_ids]),
        moved_ids=moved_ids,
    )


def compute_move_changes(appointments: Sequence[Appointment]) -> MoveChanges:
    """Return what is otherwise with appointments that moved than their patient was last told."""
    pairs = [(appointment, find_last_told(appointment)) for appointment in appointments]
    is_location_changed = any(
        last_told is not None and last_told.location_id != appointment.location_id
        for appointment, last_told in pairs
    )
    is_time_changed = any(
        last_told is None or last_told.starts_at != appointment.starts_at
        for appointment, last_told in pairs
    )
    return MoveChanges(is_time_changed or not is_location_changed, is_location_changed)
